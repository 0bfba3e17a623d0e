//! From where a request comes: the peer of its connection, or, behind a proxy that the configuration names, whom that proxy
//! names. Nobody else is believed: the header is the client's to write.

use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The peer of the connection, set by the listener on each request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub SocketAddr);

/// The client's address: the nearest one in `X-Forwarded-For` that is no trusted proxy itself, read from the end, where the
/// proxies append.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(&peer) {
        if headers.contains_key(FORWARDED_FOR) && is_private(peer) {
            warn_once(peer);
        }
        return peer;
    }
    let named = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        // What cannot be read ends the chain: nothing before it can be trusted.
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
        if !trusted.contains(&nearest) {
            break;
        }
    }
    nearest
}

/// Whether many clients may share a connection of this peer: it is a trusted proxy, or looks like one.
pub(super) fn shares_connections(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> bool {
    let peer = peer.to_canonical();
    trusted.contains(&peer) || is_private(peer) && headers.contains_key(FORWARDED_FOR)
}

/// Whether it is of this machine or of a network of one's own, where proxies are.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
        }
    }
}

/// What looks like a proxy that the configuration does not name: all of its users are counted as one address.
fn warn_once(peer: IpAddr) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            %peer,
            "X-Forwarded-For from a private address is not believed: if a proxy is there, name it in TRUSTED_PROXIES, \
             or all of its users share the limits of one address"
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn seen(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, forwarded.parse().expect("a header"));
        let trusted: Vec<IpAddr> =
            trusted.iter().map(|address| address.parse().expect("an address")).collect();
        address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        assert_eq!(seen("192.0.2.7", "203.0.113.9", &[PROXY]), "192.0.2.7");
        assert_eq!(seen(PROXY, "203.0.113.9", &[PROXY]), "203.0.113.9");
        assert_eq!(seen("::ffff:10.0.0.1", "203.0.113.9", &[PROXY]), "203.0.113.9");
    }

    #[test]
    fn what_the_client_wrote_before_the_proxy_is_not_believed() {
        assert_eq!(seen(PROXY, "127.0.0.1, 203.0.113.9", &[PROXY]), "203.0.113.9");
        assert_eq!(seen(PROXY, "203.0.113.9, 10.0.0.2", &[PROXY, "10.0.0.2"]), "203.0.113.9");
        assert_eq!(seen(PROXY, "203.0.113.9, nonsense", &[PROXY]), PROXY);
    }

    #[test]
    fn proxies_are_looked_for_in_private_networks() {
        let private = |text: &str| is_private(text.parse().expect("an address"));
        assert!(
            ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "::1", "fd00::1"].into_iter().all(private)
        );
        assert!(!["203.0.113.9", "8.8.8.8", "2001:db8::1"].into_iter().any(private));
    }
}
