//! Which seats are free: a bit per seat, and above it summaries, so that the lowest free seat is found in three steps
//! in an event of a hundred thousand.

use super::SeatNo;
use super::runs::Runs;

const BITS: usize = u64::BITS as usize;

/// Free seats of one event. Seat `n` is bit `n - 1`; a set bit is a free seat.
#[derive(Debug, Clone)]
pub struct SeatBitmap {
    capacity: u32,
    free: u32,
    /// `levels[0]` has a bit per seat; a bit of `levels[k + 1]` says whether a word of `levels[k]` has any bit set.
    levels: Vec<Vec<u64>>,
    /// Where free seats lie side by side; absent until somebody asks.
    runs: Option<Runs>,
}

impl SeatBitmap {
    /// A map of `capacity` free seats.
    pub fn new(capacity: u32) -> Self {
        let mut map = Self { capacity: 0, free: 0, levels: vec![Vec::new()], runs: None };
        map.resize(capacity);
        map
    }

    /// Seats that exist.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Seats that nobody holds.
    pub fn free(&self) -> u32 {
        self.free
    }

    /// Seats that are booked.
    pub fn taken(&self) -> u32 {
        self.capacity - self.free
    }

    /// Whether `seat` exists and is free.
    pub fn is_free(&self, seat: SeatNo) -> bool {
        (1..=self.capacity).contains(&seat) && {
            let bit = seat as usize - 1;
            self.levels[0][bit / BITS] & (1 << (bit % BITS)) != 0
        }
    }

    /// Books a seat. True if it was free.
    pub fn take(&mut self, seat: SeatNo) -> bool {
        if !self.is_free(seat) {
            return false;
        }
        self.free -= 1;
        let mut bit = seat as usize - 1;
        for level in &mut self.levels {
            let word = &mut level[bit / BITS];
            *word &= !(1 << (bit % BITS));
            if *word != 0 {
                break;
            }
            bit /= BITS;
        }
        self.note_run(seat);
        true
    }

    /// Frees a seat. True if it was taken.
    pub fn release(&mut self, seat: SeatNo) -> bool {
        if !(1..=self.capacity).contains(&seat) || self.is_free(seat) {
            return false;
        }
        self.free += 1;
        let mut bit = seat as usize - 1;
        for level in &mut self.levels {
            let word = &mut level[bit / BITS];
            let had_any = *word != 0;
            *word |= 1 << (bit % BITS);
            if had_any {
                break;
            }
            bit /= BITS;
        }
        self.note_run(seat);
        true
    }

    fn note_run(&mut self, seat: SeatNo) {
        if let Some(runs) = &mut self.runs {
            let index = (seat as usize - 1) / BITS;
            runs.note(index, self.levels[0][index]);
        }
    }

    /// The first of the lowest `count` free seats in a row that are all at least `from`; `None` if there are none.
    pub(super) fn first_run(&mut self, from: SeatNo, count: u32) -> Option<SeatNo> {
        if count == 0 || count > self.free {
            return None;
        }
        let words = &self.levels[0];
        let runs = self.runs.get_or_insert_with(|| Runs::new(words));
        Some(runs.first(words, from - 1, count)? + 1)
    }

    /// The lowest free seat that is at least `from`.
    pub(super) fn next_free(&self, from: SeatNo) -> Option<SeatNo> {
        let mut bit = from as usize - 1;
        let mut height = 0;
        // Climb until a word has a bit at or after `bit`, then descend along the first set bits.
        loop {
            let level = self.levels.get(height)?;
            let word = level.get(bit / BITS).copied().unwrap_or(0) >> (bit % BITS);
            if word != 0 {
                bit += word.trailing_zeros() as usize;
                break;
            }
            bit = bit / BITS + 1;
            height += 1;
        }
        while height > 0 {
            height -= 1;
            bit = bit * BITS + self.levels[height][bit].trailing_zeros() as usize;
        }
        SeatNo::try_from(bit + 1).ok()
    }

    /// The highest booked seat, 0 if none: capacity may shrink down to it.
    pub fn highest_taken(&self) -> SeatNo {
        (1..=self.capacity).rev().find(|&seat| !self.is_free(seat)).unwrap_or(0)
    }

    /// Booked seats, ascending.
    pub fn taken_seats(&self) -> impl Iterator<Item = SeatNo> + '_ {
        (1..=self.capacity).filter(|&seat| !self.is_free(seat))
    }

    /// Sets the capacity. Seats beyond it must be free: the caller has checked [`Self::highest_taken`].
    pub fn resize(&mut self, capacity: u32) {
        debug_assert!(capacity >= self.highest_taken(), "capacity may shrink to the highest booked seat");
        let taken = self.taken();
        let old = self.capacity as usize;
        let new = capacity as usize;
        let words = &mut self.levels[0];
        words.resize(new.div_ceil(BITS).max(1), 0);
        for bit in old..new {
            words[bit / BITS] |= 1 << (bit % BITS);
        }
        if new < old && !new.is_multiple_of(BITS) {
            words[new / BITS] &= (1 << (new % BITS)) - 1;
        }
        self.capacity = capacity;
        self.free = capacity - taken;
        self.rebuild_summaries();
        self.runs = None;
    }

    fn rebuild_summaries(&mut self) {
        self.levels.truncate(1);
        while self.levels.last().is_some_and(|level| level.len() > 1) {
            let below = &self.levels[self.levels.len() - 1];
            let mut level = vec![0u64; below.len().div_ceil(BITS)];
            for (index, _) in below.iter().enumerate().filter(|(_, word)| **word != 0) {
                level[index / BITS] |= 1 << (index % BITS);
            }
            self.levels.push(level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lowest_free_skips_what_is_taken_across_words_and_levels() {
        let mut map = SeatBitmap::new(100_000);
        for seat in 1..=70_000 {
            assert!(map.take(seat));
        }
        map.release(4_097);
        assert_eq!(map.lowest_free(3).expect("free").as_slice(), [4_097, 70_001, 70_002]);
        assert_eq!(map.lowest_free(30_002), None);
        assert_eq!(map.highest_taken(), 70_000);
    }

    #[test]
    fn shrinking_and_growing_keeps_bookings() {
        let mut map = SeatBitmap::new(130);
        map.take(65);
        map.resize(65);
        assert_eq!((map.capacity(), map.free(), map.highest_taken()), (65, 64, 65));
        map.resize(5_000);
        assert_eq!((map.free(), map.is_free(65), map.is_free(5_000)), (4_999, false, true));
        map.resize(65);
        assert!(!map.is_free(66));
        assert_eq!(map.lowest_free(64).expect("free").last(), Some(&64));
    }

    #[test]
    fn an_event_without_seats_has_none_free() {
        let map = SeatBitmap::new(0);
        assert_eq!(map.lowest_free(1), None);
        assert_eq!(map.lowest_free(0).map(|seats| seats.len()), Some(0));
    }

    proptest! {
        #[test]
        fn behaves_like_a_plain_set(capacity in 1u32..5_000, steps in prop::collection::vec((any::<bool>(), 0u32..5_002), 0..400)) {
            let mut map = SeatBitmap::new(capacity);
            let mut free: std::collections::BTreeSet<u32> = (1..=capacity).collect();
            for (take, seat) in steps {
                let exists = (1..=capacity).contains(&seat);
                if take {
                    prop_assert_eq!(map.take(seat), free.remove(&seat));
                } else {
                    prop_assert_eq!(map.release(seat), exists && free.insert(seat));
                }
                prop_assert_eq!(map.free() as usize, free.len());
                prop_assert_eq!(map.lowest_free(1).map(|seats| seats[0]), free.first().copied());
            }
            let all = map.lowest_free(map.free()).expect("as many as are free");
            prop_assert_eq!(all.to_vec(), free.into_iter().collect::<Vec<_>>());
        }
    }
}
