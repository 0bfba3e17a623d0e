//! The webhook: each notification is sent as JSON, as it is in the queue, by POST to one address of the configuration.
//!
//! Only a 2xx counts. Redirects are not followed, and addresses that are not public are refused unless the configuration
//! allows them: the name is resolved here, so what was checked is what is connected to.

use super::{Channel, Undelivered};
use anyhow::{Context as _, anyhow, bail, ensure};
use async_trait::async_trait;
use happening_core::wire::QueuedNotification;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// For one notification.
const TIMEOUT: Duration = Duration::from_secs(5);

/// POSTs notifications.
pub struct WebhookChannel {
    http: reqwest::Client,
    url: Url,
}

impl WebhookChannel {
    /// A webhook at `url`; an address that is not public is an error unless `private` are allowed.
    pub fn new(url: &str, private: bool) -> anyhow::Result<Self> {
        let url: Url = url.parse().context("WEBHOOK_URL is no address")?;
        ensure!(matches!(url.scheme(), "http" | "https"), "WEBHOOK_URL must be http or https");
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => bail!("WEBHOOK_URL names no host"),
        };
        if let Some(address) = address {
            ensure!(
                private || is_public(address),
                "WEBHOOK_URL is a private address, see WEBHOOK_ALLOW_PRIVATE"
            );
        }
        let mut http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            // A proxy would resolve the name itself.
            .no_proxy()
            .user_agent(concat!("happening/", env!("CARGO_PKG_VERSION")));
        if !private {
            http = http.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self { http: http.build()?, url })
    }
}

#[async_trait]
impl Channel for WebhookChannel {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn deliver(&self, message: &QueuedNotification) -> Result<(), Undelivered> {
        let answer = self.http.post(self.url.clone()).json(message).send().await;
        // The address may hold a secret: it is in no error.
        let status = answer.map_err(reqwest::Error::without_url).context("no answer")?.status();
        if status.is_success() { Ok(()) } else { Err(anyhow!("answered {status}").into()) }
    }
}

/// Resolves names to public addresses only.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The IANA special-purpose registry for IPv4.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || matches!(
            (a, b, c),
            (0 | 240.., ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _)
        ))
}

/// Global unicast is `2000::/3`, less what carries IPv4 addresses or is set aside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_set_aside =
        matches!((first, second), (0x2001, 0..=0x1FF | 0xDB8) | (0x2002, _) | (0x3FFF, 0..=0xFFF));
    (0x2000..0x4000).contains(&first) && !is_set_aside
}

#[cfg(test)]
mod tests;
