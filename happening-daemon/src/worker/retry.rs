//! When a delivery that failed is tried again.

use chrono::Duration;
use happening_core::id::NotificationId;

/// Longest pause.
const LONGEST: Duration = Duration::hours(1);

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
    /// Between half and all of what doubling gives, spread by the random bits of the notification's own id, so that a
    /// crowd that failed together does not come back together.
    pub fn pause_after(&self, failures: u32, id: NotificationId) -> Option<Duration> {
        if failures >= self.tries {
            return None;
        }
        let doublings = failures.saturating_sub(1).min(20);
        let whole = self.first_pause.num_milliseconds().saturating_mul(1 << doublings);
        let whole = whole.clamp(0, LONGEST.num_milliseconds());
        let bytes = id.0.into_bytes();
        let spread = i64::from(u16::from_be_bytes([bytes[14], bytes[15]]).rotate_left(failures));
        Some(Duration::milliseconds(whole / 2 + whole / 2 * spread / i64::from(u16::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const RETRY: Retry = Retry { tries: 8, first_pause: Duration::seconds(5) };

    #[test]
    fn pauses_double_within_their_bounds_and_end() {
        for seed in 0..500_u128 {
            let id = NotificationId(Uuid::from_u128(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
            for failures in 1..8 {
                let pause = RETRY.pause_after(failures, id).expect("another try");
                let whole = Duration::seconds(5 << (failures - 1));
                assert!(whole / 2 <= pause && pause <= whole, "{failures}: {pause}");
            }
            assert_eq!(RETRY.pause_after(8, id), None);
        }
        let patient = Retry { tries: u32::MAX, ..RETRY };
        let id = NotificationId(Uuid::max());
        assert!(patient.pause_after(1_000_000, id).expect("another try") <= LONGEST);
    }

    #[test]
    fn a_crowd_is_spread() {
        let pauses: std::collections::BTreeSet<_> = (0..1_000_u128)
            .filter_map(|seed| RETRY.pause_after(3, NotificationId(Uuid::from_u128(seed * 61))))
            .collect();
        assert!(pauses.len() > 500, "{}", pauses.len());
    }
}
