//! What one socket, and one address, may ask of the daemon. Wide enough for an office behind one address; excess is told.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The limits, as configured.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Sockets that may be open from one address.
    pub sockets_per_address: u32,
    /// Seats that one socket may hold at one event.
    pub seats: u32,
    /// Messages that a socket may send in a second, on average.
    pub messages_per_second: u32,
    /// Largest message, in bytes.
    pub payload: u32,
}

/// Seconds' worth of messages that may come at once: a page that opens asks for much in a moment.
const BURST_SECONDS: u32 = 4;

/// A token bucket: fills at a steady rate, and holds a burst.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: f64,
    burst: f64,
    left: f64,
    seen: Instant,
    told: Option<Instant>,
}

/// What comes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is heard.
    Pass,
    /// It is not, and the sender is told.
    Refuse,
    /// It is not, and the sender was told less than a second ago.
    RefuseAgain,
}

impl Bucket {
    pub(super) fn new(per_second: u32, now: Instant) -> Self {
        let rate = f64::from(per_second);
        let burst = rate * f64::from(BURST_SECONDS);
        Self { rate, burst, left: burst, seen: now, told: None }
    }

    pub(super) fn take(&mut self, now: Instant) -> Verdict {
        let filled = now.saturating_duration_since(self.seen).as_secs_f64() * self.rate;
        self.left = (self.left + filled).min(self.burst);
        self.seen = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Verdict::Pass;
        }
        let lately = |told: Instant| now.saturating_duration_since(told).as_secs() < 1;
        if self.told.is_some_and(lately) {
            return Verdict::RefuseAgain;
        }
        self.told = Some(now);
        Verdict::Refuse
    }
}

/// How many sockets are open from which address.
#[derive(Debug, Clone, Default)]
pub(super) struct Addresses(Arc<Mutex<HashMap<IpAddr, u32>>>);

impl Addresses {
    /// A place for one more socket; `None` if there is no more.
    pub(super) fn enter(&self, address: Option<IpAddr>, most: u32) -> Option<Place> {
        if let Some(address) = address {
            let mut open = self.open();
            let count = open.entry(address).or_default();
            if *count >= most {
                return None;
            }
            *count += 1;
        }
        Some(Place { addresses: self.clone(), address })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One socket's place among those of its address, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    addresses: Addresses,
    address: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut open = self.addresses.open();
        if let Some(count) = open.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_then_a_steady_rate_and_excess_is_told_once_a_second() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, start);
        assert!((0..40).all(|_| bucket.take(start) == Verdict::Pass));
        assert_eq!(bucket.take(start), Verdict::Refuse);
        assert_eq!(bucket.take(start), Verdict::RefuseAgain);
        let later = start + Duration::from_millis(1_050);
        assert_eq!((0..10).filter(|_| bucket.take(later) == Verdict::Pass).count(), 10);
        assert_eq!(bucket.take(later), Verdict::Refuse);
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let addresses = Addresses::default();
        let (home, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = addresses.enter(Some(home), 2).expect("a place");
        let _second = addresses.enter(Some(home), 2).expect("a place");
        assert!(addresses.enter(Some(home), 2).is_none());
        assert!(addresses.enter(Some(other), 2).is_some() && addresses.enter(None, 0).is_some());
        drop(first);
        assert!(addresses.enter(Some(home), 2).is_some());
    }
}
