//! Chance that repeats itself: the same seed rolls the same numbers (`SplitMix64`).

/// A seeded source of numbers.
pub struct Dice(u64);

impl Dice {
    /// Dice of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number of `range`.
    pub fn roll(&mut self, range: std::ops::RangeInclusive<u32>) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let sides = u64::from(range.end() - range.start()) + 1;
        range.start() + u32::try_from(mixed % sides).expect("less than u32::MAX")
    }

    /// True once in `sides` times.
    pub fn once_in(&mut self, sides: u32) -> bool {
        self.roll(1..=sides) == 1
    }
}
