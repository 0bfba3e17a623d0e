//! What one socket, one person and one address may ask of the daemon. Wide enough for an office behind one address; excess
//! is told.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The limits, as configured.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Sockets that may be open; 0 is any number.
    pub sockets: u32,
    /// Sockets that one signed-in person may have; 0 is any number.
    pub sockets_per_person: u32,
    /// Anonymous sockets that may be open from one address; 0 is any number.
    pub sockets_per_address: u32,
    /// Anonymous sockets whose handshake may come over one TCP connection; 0 is any number. A browser uses one connection
    /// for all of its tabs.
    pub sockets_per_connection: u32,
    /// Anonymous sockets that may connect from one address in a second, on average; 0 is any number.
    pub handshakes_per_second: u32,
    /// Seats that one socket may hold at one event.
    pub seats: u32,
    /// Messages that a socket may send in a second, on average.
    pub messages_per_second: u32,
    /// Largest message, in bytes.
    pub payload: u32,
}

/// Seconds' worth of messages that may come at once: a page that opens asks for much in a moment.
const BURST_SECONDS: u32 = 4;

/// After this a bucket is full again.
const FULL_AGAIN: Duration = Duration::from_secs(BURST_SECONDS as u64);

/// A token bucket: fills at a steady rate, and holds a burst.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: f64,
    burst: f64,
    left: f64,
    seen: Instant,
    refused: Option<Instant>,
}

/// What comes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is heard.
    Pass,
    /// It is not, and the sender is answered so.
    Refuse,
    /// It is not, and the sender was answered so less than a second ago.
    RefuseAgain,
}

impl Bucket {
    pub(super) fn new(per_second: u32, now: Instant) -> Self {
        let rate = f64::from(per_second);
        let burst = rate * f64::from(BURST_SECONDS);
        Self { rate, burst, left: burst, seen: now, refused: None }
    }

    pub(super) fn take(&mut self, now: Instant) -> Verdict {
        let filled = now.saturating_duration_since(self.seen).as_secs_f64() * self.rate;
        self.left = (self.left + filled).min(self.burst);
        self.seen = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Verdict::Pass;
        }
        let lately = |refused: Instant| now.saturating_duration_since(refused).as_secs() < 1;
        if self.refused.is_some_and(lately) {
            return Verdict::RefuseAgain;
        }
        self.refused = Some(now);
        Verdict::Refuse
    }
}

/// New anonymous sockets of each address, by a token bucket.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<IpAddr, Bucket>>);

/// Addresses after which those are forgotten that have not connected lately.
const SWEEP: usize = 1_024;

impl Rates {
    /// Whether one more may connect from an address.
    pub(super) fn may_enter(&self, address: IpAddr, per_second: u32, now: Instant) -> bool {
        if per_second == 0 {
            return true;
        }
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Doubling between two sweeps keeps them cheap.
        if buckets.len() >= SWEEP && buckets.len().is_power_of_two() {
            let lately = |bucket: &Bucket| now.saturating_duration_since(bucket.seen) < FULL_AGAIN;
            buckets.retain(|_, bucket| lately(bucket));
        }
        let bucket = buckets.entry(address).or_insert_with(|| Bucket::new(per_second, now));
        bucket.take(now) == Verdict::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_address_connects_at_its_rate_and_no_other_pays_for_it() {
        let (rates, now) = (Rates::default(), Instant::now());
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        assert_eq!((0..100).filter(|_| rates.may_enter(one, 5, now)).count(), 20);
        assert!(rates.may_enter(other, 5, now));
        assert!(rates.may_enter(one, 5, now + Duration::from_secs(1)));
        assert!(rates.may_enter(one, 0, now), "0 is any rate");
    }

    #[test]
    fn addresses_that_have_not_connected_lately_are_forgotten() {
        let (rates, now) = (Rates::default(), Instant::now());
        for address in 0..u32::try_from(SWEEP).expect("few") {
            rates.may_enter(IpAddr::from(address.to_be_bytes()), 5, now);
        }
        rates.may_enter(IpAddr::from([192, 0, 2, 1]), 5, now + FULL_AGAIN);
        assert_eq!(rates.0.lock().expect("not poisoned").len(), 1);
    }
}
