//! Where free seats lie side by side: a tree over the words of a [`SeatBitmap`](super::SeatBitmap), of which each node knows the
//! runs of free seats at its ends and the longest one inside. A run of any length is found in a few steps a level, in an
//! event of any size, and a seat that is taken or freed is noted in one step a level at most.

const BITS: u32 = u64::BITS;

/// The runs of free seats in a stretch of the map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    /// Free seats before the first taken one.
    head: u32,
    /// The longest run.
    best: u32,
    /// Free seats after the last taken one.
    tail: u32,
}

impl Span {
    fn of_word(word: u64) -> Self {
        let (mut rest, mut best) = (word, 0);
        while rest != 0 {
            // Each step shortens every run by one.
            rest &= rest << 1;
            best += 1;
        }
        Self { head: word.trailing_ones(), best, tail: word.leading_ones() }
    }

    /// Two stretches of `length` each, side by side.
    fn join(left: Self, right: Self, length: u32) -> Self {
        Self {
            head: if left.head == length { length + right.head } else { left.head },
            best: left.best.max(right.best).max(left.tail + right.head),
            tail: if right.tail == length { length + left.tail } else { right.tail },
        }
    }
}

/// The tree. Node 1 is the root, node `n` is over `2n` and `2n + 1`, leaf `leaves + w` is word `w`.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    leaves: usize,
    nodes: Vec<Span>,
}

impl Runs {
    /// Over these words.
    pub(super) fn new(words: &[u64]) -> Self {
        let leaves = words.len().next_power_of_two();
        let mut nodes = vec![Span::default(); 2 * leaves];
        for (leaf, &word) in nodes[leaves..].iter_mut().zip(words) {
            *leaf = Span::of_word(word);
        }
        let mut runs = Self { leaves, nodes };
        let (mut first, mut length) = (leaves, BITS);
        while first > 1 {
            first /= 2;
            for node in first..2 * first {
                runs.nodes[node] = runs.joined(node, length);
            }
            length *= 2;
        }
        runs
    }

    fn joined(&self, node: usize, length: u32) -> Span {
        Span::join(self.nodes[2 * node], self.nodes[2 * node + 1], length)
    }

    /// A word changed.
    pub(super) fn note(&mut self, index: usize, word: u64) {
        let mut node = self.leaves + index;
        let mut span = Span::of_word(word);
        let mut length = BITS;
        while self.nodes[node] != span {
            self.nodes[node] = span;
            node /= 2;
            if node == 0 {
                return;
            }
            span = self.joined(node, length);
            length *= 2;
        }
    }

    /// The first bit at or after `from` with which `count` set bits in a row begin.
    pub(super) fn first(&self, words: &[u64], from: u32, count: u32) -> Option<u32> {
        let mut search = Search { runs: self, words, from, count, before: 0 };
        let length = BITS * u32::try_from(self.leaves).ok()?;
        search.in_node(1, 0, length)
    }
}

/// A walk from left to right.
struct Search<'a> {
    runs: &'a Runs,
    words: &'a [u64],
    from: u32,
    count: u32,
    /// Free seats right before what is looked at next.
    before: u32,
}

impl Search<'_> {
    fn in_node(&mut self, node: usize, start: u32, length: u32) -> Option<u32> {
        if start + length <= self.from {
            return None;
        }
        let span = self.runs.nodes[node];
        if start >= self.from {
            if self.before + span.head >= self.count {
                return Some(start - self.before);
            }
            if span.best < self.count {
                self.before = if span.head == length { self.before + length } else { span.tail };
                return None;
            }
        }
        if length == BITS {
            // Leaves beyond the last word are there for the tree's sake.
            let word = self.words.get(node - self.runs.leaves).copied().unwrap_or(0);
            return self.in_word(word, start);
        }
        let half = length / 2;
        self.in_node(2 * node, start, half).or_else(|| self.in_node(2 * node + 1, start + half, half))
    }

    fn in_word(&mut self, word: u64, start: u32) -> Option<u32> {
        for bit in self.from.saturating_sub(start)..BITS {
            if word & (1 << bit) == 0 {
                self.before = 0;
                continue;
            }
            self.before += 1;
            if self.before == self.count {
                return Some(start + bit + 1 - self.count);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bit by bit.
    fn slow(words: &[u64], from: u32, count: u32) -> Option<u32> {
        let is_set =
            |bit: u32| words.get((bit / BITS) as usize).is_some_and(|word| word & (1 << (bit % BITS)) != 0);
        let end = BITS * u32::try_from(words.len()).expect("few");
        (from..end).find(|&start| (start..start + count).all(is_set))
    }

    fn word() -> impl Strategy<Value = u64> {
        prop_oneof![
            3 => Just(u64::MAX),
            1 => Just(0),
            2 => any::<u64>(),
            2 => (0..64u32, 0..64u32).prop_map(|(a, b)| !(1 << a | 1 << b)),
        ]
    }

    proptest! {
        #[test]
        fn finds_what_a_look_at_every_bit_finds(
            words in prop::collection::vec(word(), 1..12),
            changes in prop::collection::vec((any::<prop::sample::Index>(), word()), 0..20),
            from in 0..800u32,
            count in prop_oneof![1..10u32, 1..200u32],
        ) {
            let mut words = words;
            let mut runs = Runs::new(&words);
            prop_assert_eq!(runs.first(&words, from, count), slow(&words, from, count));
            for (index, word) in changes {
                let index = index.index(words.len());
                words[index] = word;
                runs.note(index, word);
            }
            prop_assert_eq!(runs.first(&words, from, count), slow(&words, from, count));
            prop_assert_eq!(&runs.nodes, &Runs::new(&words).nodes, "as if it were built anew");
        }
    }
}
