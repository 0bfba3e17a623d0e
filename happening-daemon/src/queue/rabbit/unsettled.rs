//! Which deliveries of a channel are neither acknowledged nor given back, so that a run of them from the oldest on is settled
//! in one frame.

use std::collections::BTreeSet;

/// Delivery tags, which rise by one within a channel (basic.deliver).
#[derive(Debug, Default)]
pub(super) struct Unsettled(BTreeSet<u64>);

impl Unsettled {
    /// One more is delivered.
    pub fn add(&mut self, tag: u64) {
        self.0.insert(tag);
    }

    /// These are settled alike: the frames that say so, each a tag and whether it stands for all older ones too (`multiple`
    /// of basic.ack and basic.nack). Tags that are not unsettled are ignored: the broker would end the channel.
    pub fn settle(&mut self, tags: &[u64]) -> Vec<(u64, bool)> {
        let mut tags: Vec<u64> = tags.iter().copied().filter(|tag| self.0.remove(tag)).collect();
        tags.sort_unstable();
        let oldest_left = self.0.first().copied().unwrap_or(u64::MAX);
        let run = tags.partition_point(|tag| *tag < oldest_left);
        let alone = tags.split_off(run);
        tags.last()
            .map(|last| (*last, true))
            .into_iter()
            .chain(alone.into_iter().map(|tag| (tag, false)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_run_from_the_oldest_on_is_one_frame() {
        let mut unsettled = Unsettled::default();
        (1..=9).for_each(|tag| unsettled.add(tag));
        assert_eq!(unsettled.settle(&[2, 4]), [(2, false), (4, false)], "the first is under way");
        assert_eq!(unsettled.settle(&[3, 1, 6]), [(3, true), (6, false)]);
        assert_eq!(unsettled.settle(&[4, 99]), [], "settled before, or never delivered");
        assert_eq!(unsettled.settle(&[9, 8, 7, 5]), [(9, true)]);
        assert_eq!(unsettled.settle(&[]), []);
    }

    proptest! {
        #[test]
        fn each_delivery_is_settled_once(calls in prop::collection::vec(prop::collection::vec(1_u64..40, 0..12), 0..12)) {
            let mut unsettled = Unsettled::default();
            (1..40).for_each(|tag| unsettled.add(tag));
            // What a broker holds.
            let mut held: BTreeSet<u64> = (1..40).collect();
            for call in calls {
                let mut wanted = held.clone();
                wanted.retain(|tag| !call.contains(tag));
                for (tag, multiple) in unsettled.settle(&call) {
                    prop_assert!(held.contains(&tag), "the broker would end the channel");
                    held.retain(|one| if multiple { *one > tag } else { *one != tag });
                }
                prop_assert_eq!(&held, &wanted);
            }
        }
    }
}
