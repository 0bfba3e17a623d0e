//! Proxies: those of the environment and the system, as curl reads them (`HTTPS_PROXY`, `NO_PROXY` and their like). What runs
//! on this machine is asked directly: a proxy would look for it on its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::env;
use std::fmt;
use std::sync::LazyLock;
use url::{Host, Url};

/// Read once: a process does not change its own environment.
static MATCHER: LazyLock<Matcher> = LazyLock::new(Matcher::from_system);

/// A proxy that a request goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its address, without a password.
    pub address: String,
    /// The environment variable that names it; `None` if the system's settings do.
    pub variable: Option<&'static str>,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.variable.unwrap_or("the system");
        write!(f, "the proxy {} that {variable} names", self.address)
    }
}

/// The proxy that requests to `url` go through, if any.
pub fn proxy_for(url: &Url) -> Option<Proxy> {
    let found = find(&MATCHER, url)?;
    Some(Proxy { address: found.uri().to_string(), variable: variable(url.scheme()) })
}

/// What to add to a message about a request to `url` that failed: nothing where no proxy is in between.
pub fn through(url: &Url) -> String {
    proxy_for(url).map(|proxy| format!(" (asked through {proxy})")).unwrap_or_default()
}

/// Whether a host is this machine: `localhost`, 127.0.0.0/8, `::1`, or the unspecified address, which leads here too.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let mapped = address.to_ipv4_mapped();
            address.is_loopback()
                || address.is_unspecified()
                || mapped.is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// For reqwest, which by itself makes no exception for this machine.
pub(super) fn of_machine() -> reqwest::Proxy {
    reqwest::Proxy::custom(|url| find(&MATCHER, url).and_then(|found| address(&found)))
}

fn find(matcher: &Matcher, url: &Url) -> Option<Intercept> {
    if is_loopback(url) {
        return None;
    }
    matcher.intercept(&url.as_str().parse().ok()?)
}

/// The proxy's address with its username and password, as reqwest takes it.
fn address(found: &Intercept) -> Option<Url> {
    let mut url = Url::parse(&found.uri().to_string()).ok()?;
    let basic = found.basic_auth().and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let basic = basic.and_then(|encoded| String::from_utf8(STANDARD.decode(encoded).ok()?).ok());
    let basic = basic.as_deref().and_then(|basic| basic.split_once(':'));
    if let Some((username, password)) = basic.or_else(|| found.raw_auth()) {
        url.set_username(username).ok()?;
        url.set_password(Some(password).filter(|password| !password.is_empty())).ok()?;
    }
    Some(url)
}

/// Which variable names the proxy for addresses of this scheme, in the order in which the matcher looks.
fn variable(scheme: &str) -> Option<&'static str> {
    let named: &[&'static str] = match scheme {
        "https" => &["HTTPS_PROXY", "https_proxy"],
        _ => &["HTTP_PROXY", "http_proxy"],
    };
    let set = |name: &&'static str| env::var(name).is_ok_and(|value| !value.is_empty());
    named.iter().chain(&["ALL_PROXY", "all_proxy"]).copied().find(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn this_machine_is_asked_directly() {
        let matcher = Matcher::builder().all("http://proxy.example:3128").build();
        for here in [
            "http://127.0.0.1:5000/",
            "http://127.9.9.9/",
            "https://localhost/",
            "http://LOCALHOST.:1/",
            "http://api.localhost/",
            "http://[::1]:5000/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0:5000/",
            "http://2130706433/",
        ] {
            assert!(find(&matcher, &url(here)).is_none(), "{here}");
        }
        for there in
            ["http://10.0.0.1/", "https://example.org/", "http://localhost.example.org/", "http://[fe80::1]/"]
        {
            let found = find(&matcher, &url(there)).expect(there);
            assert_eq!(address(&found).unwrap().as_str(), "http://proxy.example:3128/", "{there}");
        }
    }

    #[test]
    fn a_password_of_a_proxy_reaches_the_proxy_and_no_message() {
        let matcher =
            Matcher::builder().all("http://ada:p%40ss@proxy.example:3128").no("example.org").build();
        let found = find(&matcher, &url("https://example.com/")).unwrap();
        assert_eq!(address(&found).unwrap().as_str(), "http://ada:p%40ss@proxy.example:3128/");
        assert!(!found.uri().to_string().contains("ss@"));
        assert!(find(&matcher, &url("https://example.org/")).is_none(), "NO_PROXY names it");
    }
}
