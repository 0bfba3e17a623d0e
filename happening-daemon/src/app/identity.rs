//! Who vouches for callers: the configured issuer, or the built-in one.

use crate::config::{Config, list};
use crate::http::IssuerPages;
use crate::identity::{Verifier, VerifierSettings};
use happening_core::clock::Clock;
use happening_core::wire::{Discovery, DiscoveryClients};
use std::net::SocketAddr;

/// The verifier, the pages of the built-in issuer if it is in use, and what clients learn of both.
pub(super) fn open(
    config: &Config,
    address: SocketAddr,
    clock: &Clock,
) -> anyhow::Result<(Verifier, Option<IssuerPages>, Discovery)> {
    let (settings, pages) = match configured(config) {
        Some(settings) => (settings, None),
        None => builtin(config, address, clock).map(|(settings, pages)| (settings, Some(pages)))?,
    };
    let discovery = Discovery {
        name: "Happening".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        issuer: settings.issuer.clone(),
        clients: DiscoveryClients {
            cli: "happening-cli".to_owned(),
            web: "happening-client".to_owned(),
            demo: pages.is_some().then(|| "happening-demo".to_owned()),
        },
        audience: settings.audience.clone(),
        dry_runs: true,
    };
    Ok((Verifier::new(settings, clock.clone()), pages, discovery))
}

fn configured(config: &Config) -> Option<VerifierSettings> {
    let (issuer, inside) = (config.keycloak_issuer()?, config.keycloak_inside()?);
    let inside_url = (inside != issuer).then_some(inside);
    Some(VerifierSettings {
        kind: "keycloak".to_owned(),
        issuer,
        inside_url,
        audience: config.keycloak_client_id.clone(),
        trusted_clients: list(&config.oidc_trusted_clients),
        trust_unverified_email: config.oidc_trust_unverified_email,
    })
}

#[cfg(feature = "builtin-issuer")]
fn builtin(
    config: &Config,
    address: SocketAddr,
    clock: &Clock,
) -> anyhow::Result<(VerifierSettings, IssuerPages)> {
    use crate::identity::builtin::{AUDIENCE, BuiltinIssuer, MOUNT, router};

    crate::private::make_directory(&config.data_dir)?;
    let issuer = std::sync::Arc::new(BuiltinIssuer::new(address, &config.data_dir, clock.clone())?);
    let settings = VerifierSettings {
        kind: "built-in".to_owned(),
        issuer: issuer.url().to_owned(),
        inside_url: None,
        audience: AUDIENCE.to_owned(),
        trusted_clients: Vec::new(),
        trust_unverified_email: config.oidc_trust_unverified_email,
    };
    Ok((settings, IssuerPages { mount: MOUNT, pages: router(issuer) }))
}

#[cfg(not(feature = "builtin-issuer"))]
fn builtin(_: &Config, _: SocketAddr, _: &Clock) -> anyhow::Result<(VerifierSettings, IssuerPages)> {
    anyhow::bail!("this build has no built-in issuer: set KEYCLOAK_SERVER_URL")
}
