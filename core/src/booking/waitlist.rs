//! Who waits, in order. The order is the number that each party drew when it joined; numbers are never used again.
//!
//! A tree over the parties holds, for each range, how many wait there and the smallest party among them. So a party's
//! place in line and "the first party that fits into three seats" each cost a walk down the tree, with ten
//! waiting or with a hundred thousand.

use crate::id::{BookingId, UserId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A party that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// Drawn in the commit that put the party on the waitlist; ascending per event.
    pub number: u64,
    /// The waiting booking.
    pub booking: BookingId,
    /// Whose it is.
    pub user: UserId,
    /// Seats still wanted, at least 1.
    pub seats: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    waiting: u32,
    smallest: u32,
}

const EMPTY: Node = Node { waiting: 0, smallest: u32::MAX };

impl Node {
    fn of(party: &Party) -> Self {
        Self { waiting: 1, smallest: party.seats }
    }

    fn join(self, other: Self) -> Self {
        Self { waiting: self.waiting + other.waiting, smallest: self.smallest.min(other.smallest) }
    }
}

/// The waitlist of one event.
#[derive(Debug, Clone, Default)]
pub struct Waitlist {
    /// Ascending by number. A slot whose tree leaf is empty is a party that has left.
    slots: Vec<Party>,
    /// A binary tree as an array: the root at 1, the leaves in the upper half.
    tree: Vec<Node>,
    numbers: HashMap<BookingId, u64>,
    /// Parties of each person who waits.
    people: HashMap<UserId, u32>,
}

impl Waitlist {
    /// Parties waiting.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Parties of one person that wait.
    pub fn len_of(&self, user: UserId) -> u32 {
        self.people.get(&user).copied().unwrap_or_default()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The party with this number, if it waits.
    pub fn numbered(&self, number: u64) -> Option<&Party> {
        let slot = self.slots.binary_search_by_key(&number, |party| party.number).ok()?;
        let party = &self.slots[slot];
        self.numbers.contains_key(&party.booking).then_some(party)
    }

    /// The party of this booking, if it waits.
    pub fn get(&self, booking: BookingId) -> Option<&Party> {
        self.slot(booking).map(|slot| &self.slots[slot])
    }

    /// How many wait before this booking: 0 for the head, `None` if it does not wait.
    pub fn ahead_of(&self, booking: BookingId) -> Option<u32> {
        let mut node = self.slot(booking)? + self.leaves();
        let mut ahead = 0;
        while node > 1 {
            if node % 2 == 1 {
                ahead += self.tree[node - 1].waiting;
            }
            node /= 2;
        }
        Some(ahead)
    }

    /// The first party in line that wants at most `seats`.
    pub fn first_fit(&self, seats: u32) -> Option<&Party> {
        if self.tree.get(1)?.smallest > seats {
            return None;
        }
        let mut node = 1;
        while node < self.leaves() {
            node *= 2;
            if self.tree[node].smallest > seats {
                node += 1;
            }
        }
        Some(&self.slots[node - self.leaves()])
    }

    /// Parties in line order.
    pub fn iter(&self) -> impl Iterator<Item = &Party> {
        self.slots.iter().filter(|party| self.numbers.get(&party.booking) == Some(&party.number))
    }

    /// Puts a party in line where its number belongs: at the end, or, when a departure is reverted, back in its place.
    pub fn insert(&mut self, party: Party) {
        if self.numbers.insert(party.booking, party.number).is_none() {
            *self.people.entry(party.user).or_default() += 1;
        }
        let at = self.slots.partition_point(|other| other.number < party.number);
        if self.slots.get(at).is_some_and(|other| other.number == party.number) {
            self.slots[at] = party;
        } else if at == self.slots.len() && at < self.leaves() {
            self.slots.push(party);
        } else {
            self.slots.insert(at, party);
            self.compact();
            return;
        }
        self.set_leaf(at, Node::of(&party));
    }

    /// Changes how many seats a waiting party still wants; 0 takes it off the list. True if it waited.
    pub fn set_seats(&mut self, booking: BookingId, seats: u32) -> bool {
        let Some(slot) = self.slot(booking) else {
            return false;
        };
        if seats == 0 {
            self.numbers.remove(&booking);
            self.leave(self.slots[slot].user);
            self.set_leaf(slot, EMPTY);
        } else {
            self.slots[slot].seats = seats;
            let node = Node::of(&self.slots[slot]);
            self.set_leaf(slot, node);
        }
        true
    }

    /// One party of a person waits no longer.
    fn leave(&mut self, user: UserId) {
        if let Entry::Occupied(mut parties) = self.people.entry(user) {
            *parties.get_mut() -= 1;
            if *parties.get() == 0 {
                parties.remove();
            }
        }
    }

    fn leaves(&self) -> usize {
        self.tree.len() / 2
    }

    fn slot(&self, booking: BookingId) -> Option<usize> {
        let number = *self.numbers.get(&booking)?;
        self.slots.binary_search_by_key(&number, |party| party.number).ok()
    }

    fn set_leaf(&mut self, slot: usize, node: Node) {
        let mut at = slot + self.leaves();
        self.tree[at] = node;
        while at > 1 {
            at /= 2;
            self.tree[at] = self.tree[2 * at].join(self.tree[2 * at + 1]);
        }
    }

    /// Drops the slots of parties that left and rebuilds the tree with room for as many again: paid once per
    /// doubling, so joining stays cheap.
    fn compact(&mut self) {
        let numbers = &self.numbers;
        self.slots.retain(|party| numbers.get(&party.booking) == Some(&party.number));
        let leaves = (2 * self.slots.len()).next_power_of_two().max(16);
        self.tree = vec![EMPTY; 2 * leaves];
        for (slot, party) in self.slots.iter().enumerate() {
            self.tree[leaves + slot] = Node::of(party);
        }
        for at in (1..leaves).rev() {
            self.tree[at] = self.tree[2 * at].join(self.tree[2 * at + 1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    /// Of one of three people.
    fn party(number: u64, seats: u32) -> Party {
        let id = |number: u64| Uuid::from_u128(u128::from(number));
        Party { number, booking: BookingId(id(number)), user: UserId(id(number % 3)), seats }
    }

    proptest! {
        #[test]
        fn behaves_like_a_plain_list(steps in prop::collection::vec((0u8..4, any::<prop::sample::Index>(), 1u32..6), 0..300)) {
            let mut list = Waitlist::default();
            let mut model: Vec<Party> = Vec::new();
            let mut gone: Vec<Party> = Vec::new();
            let mut next = 1;
            for (step, index, seats) in steps {
                match step {
                    0 | 1 => {
                        list.insert(party(next, seats));
                        model.push(party(next, seats));
                        next += 1;
                    }
                    2 if !model.is_empty() => {
                        let left = model.remove(index.index(model.len()));
                        prop_assert!(list.set_seats(left.booking, 0));
                        gone.push(left);
                    }
                    3 if !gone.is_empty() => {
                        let back = gone.swap_remove(index.index(gone.len()));
                        list.insert(back);
                        model.push(back);
                        model.sort_by_key(|party| party.number);
                    }
                    _ => prop_assert!(!list.set_seats(BookingId(Uuid::max()), seats)),
                }
                prop_assert_eq!(list.iter().copied().collect::<Vec<_>>(), model.clone());
                for number in 0..=next {
                    let expected = model.iter().find(|party| party.number == number);
                    prop_assert_eq!(list.numbered(number), expected);
                }
                for user in (0..4).map(|user| UserId(Uuid::from_u128(user))) {
                    let own = model.iter().filter(|party| party.user == user).count();
                    prop_assert_eq!(list.len_of(user) as usize, own);
                }
                prop_assert_eq!(list.first_fit(seats), model.iter().find(|party| party.seats <= seats));
                for (ahead, party) in model.iter().enumerate() {
                    prop_assert_eq!(list.ahead_of(party.booking), u32::try_from(ahead).ok());
                }
            }
        }
    }
}
