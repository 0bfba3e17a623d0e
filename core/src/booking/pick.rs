//! Which seats those get who name none: the lowest that are free, side by side if they like, and not those that others
//! are picking while there are more.

use super::{Adjacent, SeatBitmap, SeatNo, Seats};
use std::ops::Range;

/// Seats to leave alone while others are free.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Avoid {
    gently: Vec<SeatNo>,
    firmly: Vec<SeatNo>,
}

/// How much to avoid. Each level gives up what the one before avoids.
#[derive(Clone, Copy)]
enum Care {
    All,
    Firm,
    None,
}

impl Avoid {
    /// Those avoided `gently` are given up before those avoided `firmly`. A seat that is both is the latter.
    pub fn new(mut gently: Vec<SeatNo>, mut firmly: Vec<SeatNo>) -> Self {
        firmly.sort_unstable();
        firmly.dedup();
        gently.sort_unstable();
        gently.dedup();
        gently.retain(|seat| firmly.binary_search(seat).is_err());
        Self { gently, firmly }
    }

    /// Both, ascending: gently, firmly.
    #[cfg(test)]
    pub(super) fn seats(&self) -> (&[SeatNo], &[SeatNo]) {
        (&self.gently, &self.firmly)
    }

    fn contains(&self, seat: SeatNo) -> bool {
        self.gently.binary_search(&seat).is_ok() || self.firmly.binary_search(&seat).is_ok()
    }

    /// The last seat in a range that is to be avoided.
    fn last_in(&self, range: &Range<SeatNo>, care: Care) -> Option<SeatNo> {
        let last = |seats: &[SeatNo]| {
            let before = seats.partition_point(|&seat| seat < range.end);
            seats[..before].last().copied().filter(|seat| range.contains(seat))
        };
        match care {
            Care::All => last(&self.gently).max(last(&self.firmly)),
            Care::Firm => last(&self.firmly),
            Care::None => None,
        }
    }
}

/// So many seats, whichever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnySeats {
    /// How many.
    pub count: u32,
    /// Whether with consecutive numbers.
    pub adjacent: Adjacent,
    /// What to leave alone while others are free.
    pub avoid: Avoid,
}

impl AnySeats {
    /// The lowest free ones.
    pub fn lowest(count: u32) -> Self {
        Self { count, adjacent: Adjacent::No, avoid: Avoid::default() }
    }
}

impl SeatBitmap {
    /// The `count` lowest free seats, ascending; `None` if there are fewer. Takes nothing.
    pub fn lowest_free(&self, count: u32) -> Option<Seats> {
        self.lowest(count, &Avoid::default())
    }

    /// Free seats as wished for, ascending. `None` if there are fewer, or if they must be consecutive and none are. Takes
    /// nothing. The first one who asks for consecutive seats has the map note where they are; from then on it costs the
    /// seats touched, and those avoided that lie in between.
    pub fn pick(&mut self, any: &AnySeats) -> Option<Seats> {
        match any.adjacent {
            Adjacent::No => self.lowest(any.count, &any.avoid),
            // What others are picking counts for more than sitting side by side.
            Adjacent::Preferred => self.run(any, Care::All).or_else(|| self.lowest(any.count, &any.avoid)),
            Adjacent::Required => {
                [Care::All, Care::Firm, Care::None].iter().find_map(|&care| self.run(any, care))
            }
        }
    }

    /// The lowest free seats; those to be avoided only where there are no others.
    fn lowest(&self, count: u32, avoid: &Avoid) -> Option<Seats> {
        if count > self.free() {
            return None;
        }
        let count = count as usize;
        let mut seats = Seats::new();
        let mut from = 1;
        while seats.len() < count
            && let Some(seat) = self.next_free(from)
        {
            from = seat + 1;
            if !avoid.contains(seat) {
                seats.push(seat);
            }
        }
        let given_up = avoid.gently.iter().chain(&avoid.firmly).filter(|&&seat| self.is_free(seat));
        seats.extend(given_up.copied().take(count - seats.len()));
        seats.sort_unstable();
        Some(seats)
    }

    /// The lowest run of free seats.
    fn run(&mut self, AnySeats { count, avoid, .. }: &AnySeats, care: Care) -> Option<Seats> {
        let mut from = 1;
        loop {
            let first = self.first_run(from, *count)?;
            let run = first..first + count;
            match avoid.last_in(&run, care) {
                Some(avoided) => from = avoided + 1,
                None => return Some(run.collect()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::model;
    use super::*;
    use proptest::prelude::*;

    fn asks(count: u32, adjacent: Adjacent, gently: &[SeatNo], firmly: &[SeatNo]) -> AnySeats {
        AnySeats { count, adjacent, avoid: Avoid::new(gently.to_vec(), firmly.to_vec()) }
    }

    fn picked(map: &mut SeatBitmap, asked: &AnySeats) -> Option<Vec<SeatNo>> {
        map.pick(asked).map(|seats| seats.to_vec())
    }

    #[test]
    fn what_others_are_picking_is_given_up_last_and_strangers_before_people() {
        let mut map = SeatBitmap::new(5);
        let wish = |count| asks(count, Adjacent::No, &[1, 5], &[2]);
        assert_eq!(picked(&mut map, &wish(2)), Some(vec![3, 4]));
        assert_eq!(picked(&mut map, &wish(3)), Some(vec![1, 3, 4]));
        assert_eq!(picked(&mut map, &wish(4)), Some(vec![1, 3, 4, 5]));
        assert_eq!(picked(&mut map, &wish(5)), Some(vec![1, 2, 3, 4, 5]));
        map.take(3);
        assert_eq!(picked(&mut map, &wish(5)), None);
    }

    #[test]
    fn side_by_side_where_there_is_room_and_otherwise_as_asked() {
        let mut map = SeatBitmap::new(200);
        // Every third seat, but for a gap of five across two words.
        for seat in (3..=200).step_by(3).filter(|seat| !(62..=66).contains(seat)) {
            map.take(seat);
        }
        assert_eq!(picked(&mut map, &asks(2, Adjacent::Preferred, &[], &[])), Some(vec![1, 2]));
        let wish = |adjacent| asks(4, adjacent, &[], &[]);
        assert_eq!(picked(&mut map, &wish(Adjacent::Preferred)), Some(vec![61, 62, 63, 64]));
        assert_eq!(picked(&mut map, &wish(Adjacent::Required)), Some(vec![61, 62, 63, 64]));
        map.take(64);
        map.take(65);
        assert_eq!(picked(&mut map, &wish(Adjacent::Preferred)), Some(vec![1, 2, 4, 5]));
        assert_eq!(picked(&mut map, &wish(Adjacent::Required)), None);
        map.resize(260);
        assert_eq!(picked(&mut map, &wish(Adjacent::Required)), Some(vec![199, 200, 201, 202]));
    }

    #[test]
    fn sitting_together_is_no_reason_to_take_what_others_pick_unless_it_must_be() {
        let mut map = SeatBitmap::new(5);
        assert_eq!(picked(&mut map, &asks(3, Adjacent::Preferred, &[3], &[])), Some(vec![1, 2, 4]));
        assert_eq!(picked(&mut map, &asks(3, Adjacent::Required, &[3], &[])), Some(vec![1, 2, 3]));
        assert_eq!(picked(&mut map, &asks(3, Adjacent::Required, &[4], &[1])), Some(vec![2, 3, 4]));
        assert_eq!(picked(&mut map, &asks(3, Adjacent::Required, &[], &[3])), Some(vec![1, 2, 3]));
    }

    proptest! {
        #[test]
        fn picks_what_a_look_at_every_seat_picks(
            capacity in 1u32..400,
            steps in prop::collection::vec((any::<bool>(), 1u32..400, 0u32..40), 0..60),
            count in prop_oneof![1u32..6, 1u32..400],
            gently in prop::collection::vec(0u32..402, 0..30),
            firmly in prop::collection::vec(0u32..402, 0..30),
        ) {
            let mut map = SeatBitmap::new(capacity);
            for (take, first, length) in steps {
                for seat in first..first + length {
                    if take { map.take(seat) } else { map.release(seat) };
                }
                // Somebody asks in between, so that the map's notes are kept up from here.
                map.pick(&asks(2, Adjacent::Required, &[], &[]));
            }
            let free: Vec<SeatNo> = (1..=capacity).filter(|&seat| map.is_free(seat)).collect();
            for adjacent in [Adjacent::No, Adjacent::Preferred, Adjacent::Required] {
                let wish = asks(count, adjacent, &gently, &firmly);
                prop_assert_eq!(picked(&mut map, &wish), model::pick(&free, &wish), "{:?}", wish);
            }
        }
    }
}
