//! When a delivery that failed is tried again.

use happening_core::backoff;
use happening_core::id::NotificationId;
use std::time::Duration;

/// Longest pause.
const LONGEST: Duration = Duration::from_hours(1);

/// How often, and after which pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Tries until a notification is given up, at least 1.
    pub tries: u32,
    /// The pause after the first try; each further one doubles it.
    pub first_pause: Duration,
}

impl Retry {
    /// The pause after so many failures; `None` after the last try.
    ///
    /// It is drawn by the random bits of the notification's own id.
    pub fn pause_after(&self, failures: u32, id: NotificationId) -> Option<Duration> {
        if failures >= self.tries {
            return None;
        }
        let (_, seed) = id.0.as_u64_pair();
        Some(backoff::pause(self.first_pause, LONGEST, failures, seed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_last_try_is_followed_by_none() {
        let retry = Retry { tries: 8, first_pause: Duration::from_secs(5) };
        let pause = |failures| retry.pause_after(failures, NotificationId(Uuid::max()));
        assert!((1..8).all(|failures| pause(failures).is_some()));
        assert_eq!(pause(8), None);
        let patient = Retry { tries: u32::MAX, ..retry };
        let last = patient.pause_after(1_000_000, NotificationId(Uuid::max())).expect("another try");
        assert!(LONGEST / 2 <= last && last <= LONGEST, "{last:?}");
    }
}
