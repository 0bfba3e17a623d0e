//! Places: what is open at once, counted by what it is and by whose it is. A place is given back when it is dropped, so
//! that no way out forgets to.

use happening_core::wire::ConnectionCounts;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// TCP connections.
    Connections,
    /// TCP connections of one address.
    ConnectionsOf(IpAddr),
    /// TCP connections of one address that are served in the reserve.
    ReservedOf(IpAddr),
    /// Streams.
    Streams,
    /// Streams of one person, by `sub`.
    StreamsOf(String),
    /// Sockets.
    Sockets,
    /// Sockets of signed-in people.
    SignedIn,
    /// Sockets of one person, by `sub`.
    SocketsOf(String),
    /// Anonymous sockets of one address.
    AnonymousOf(IpAddr),
    /// Anonymous sockets whose handshake came over one TCP connection.
    AnonymousOver(SocketAddr),
}

/// Everything that is open. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Places(Arc<Mutex<HashMap<Key, u32>>>);

impl Places {
    /// A place for one more, if fewer than `most` are open; 0 is any number.
    pub fn enter(&self, key: Key, most: u32) -> Option<Place> {
        let mut open = self.open();
        let count = open.entry(key.clone()).or_default();
        if most > 0 && *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { places: self.clone(), key })
    }

    /// How many are open.
    pub fn count(&self, key: &Key) -> u32 {
        self.open().get(key).copied().unwrap_or_default()
    }

    /// What operators watch.
    pub fn totals(&self) -> ConnectionCounts {
        let count = |key| u64::from(self.count(&key));
        ConnectionCounts {
            open: count(Key::Connections),
            sockets: count(Key::Sockets),
            signed_in_sockets: count(Key::SignedIn),
            streams: count(Key::Streams),
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Key, u32>> {
        // Every update leaves the map whole, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place.
#[derive(Debug)]
pub struct Place {
    places: Places,
    key: Key,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.open();
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

/// The addresses that one customer has to themselves: of IPv6 the network of 64 bits.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_places_and_gets_them_back() {
        let places = Places::default();
        let of = |last| Key::AnonymousOf(IpAddr::from([10, 0, 0, last]));
        let first = places.enter(of(1), 2).expect("a place");
        let _second = places.enter(of(1), 2).expect("a place");
        assert!(places.enter(of(1), 2).is_none());
        assert!(places.enter(of(2), 2).is_some(), "another one");
        assert!(places.enter(of(1), 0).is_some(), "0 is any number");
        drop(first);
        assert!(places.enter(of(1), 2).is_some());
        assert_eq!((places.count(&of(1)), places.count(&of(2))), (1, 0));
    }

    #[test]
    fn a_network_is_one_customers() {
        let network = |text: &str| network_of(text.parse().expect("an address")).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
