//! The pause between tries. It doubles, and half of it is random, so that what failed together is not tried together.

use backon::{BackoffBuilder as _, ExponentialBuilder};
use std::time::Duration;

/// After so many doublings every pause is the longest one.
const DOUBLINGS: u32 = 64;

/// The pause after so many failures in a row, the first being 1: `first`, doubled with each further failure up to `longest`;
/// of that between the half and the whole, drawn by `seed`.
pub fn pause(first: Duration, longest: Duration, failures: u32, seed: u64) -> Duration {
    let mut pauses = ExponentialBuilder::new()
        .with_min_delay(first / 2)
        .with_max_delay(longest / 2)
        .without_max_times()
        .with_jitter()
        .with_jitter_seed(seed)
        .build();
    let earlier = failures.saturating_sub(1).min(DOUBLINGS);
    pauses.nth(earlier as usize).unwrap_or(longest).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const FIRST: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_hours(1);

    #[test]
    fn pauses_double_within_their_bounds() {
        for seed in 0..500 {
            for failures in 1..8 {
                let pause = pause(FIRST, LONGEST, failures, seed);
                let whole = FIRST * (1 << (failures - 1));
                assert!(whole / 2 <= pause && pause <= whole, "{failures}: {pause:?}");
            }
            let last = pause(FIRST, LONGEST, u32::MAX, seed);
            assert!(LONGEST / 2 <= last && last <= LONGEST, "{last:?}");
            assert!(pause(FIRST, LONGEST, 0, seed) <= FIRST);
        }
    }

    #[test]
    fn a_crowd_is_spread() {
        let pauses: BTreeSet<_> = (0..1_000).map(|seed| pause(FIRST, LONGEST, 3, seed)).collect();
        assert!(pauses.len() > 500, "{}", pauses.len());
    }
}
