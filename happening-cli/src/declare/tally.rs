//! How far a plan has come, for whoever interrupts it.

use crate::output::visible;
use std::cell::RefCell;

/// Names that are told of each kind.
const NAMED: usize = 10;

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Waiting,
    /// Asked of the daemon, which has not answered.
    Asked,
    Made,
    Refused,
}

/// The changes of a plan.
#[derive(Debug, Default)]
pub struct Tally(RefCell<Plan>);

#[derive(Debug, Default)]
struct Plan {
    /// How to do the rest.
    rest: &'static str,
    changes: Vec<(String, Fate)>,
}

impl Tally {
    /// Begins with these changes. `rest` is what whoever interrupts them is told of the rest.
    pub fn begin(&self, rest: &'static str, names: impl Iterator<Item = String>) {
        let changes = names.map(|name| (name, Fate::Waiting)).collect();
        *self.0.borrow_mut() = Plan { rest, changes };
    }

    /// Notes what became of one of them.
    pub fn note(&self, index: usize, fate: Fate) {
        if let Some(change) = self.0.borrow_mut().changes.get_mut(index) {
            change.1 = fate;
        }
    }

    /// The end: nothing is under way any more.
    pub fn end(&self) {
        self.0.borrow_mut().changes.clear();
    }

    /// What whoever interrupts a plan needs to know; `None` if none is under way.
    pub fn told(&self) -> Option<String> {
        let Plan { rest, changes } = &*self.0.borrow();
        if changes.is_empty() {
            return None;
        }
        let mut told = vec![format!("interrupted; {rest}")];
        for (fate, what) in [
            (Fate::Made, "made"),
            (Fate::Asked, "perhaps made"),
            (Fate::Refused, "refused"),
            (Fate::Waiting, "not made"),
        ] {
            let names: Vec<&str> =
                changes.iter().filter(|(_, is)| *is == fate).map(|(name, _)| name.as_str()).collect();
            if !names.is_empty() {
                told.push(format!("  {what}: {} ({})", names.len(), first(&names)));
            }
        }
        Some(told.join("\n"))
    }
}

/// The first names of a list.
pub fn first(names: &[&str]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    names.iter().take(NAMED).map(|name| visible(name)).collect::<Vec<_>>().join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_interrupts_knows_what_was_done() {
        let tally = Tally::default();
        assert_eq!(tally.told(), None);
        tally.begin("applying the same file again does the rest", (0..14).map(|number| format!("n{number}")));
        tally.note(0, Fate::Made);
        tally.note(2, Fate::Made);
        tally.note(1, Fate::Refused);
        tally.note(3, Fate::Asked);
        insta::assert_snapshot!(tally.told().unwrap(), @r"
        interrupted; applying the same file again does the rest
          made: 2 (n0, n2)
          perhaps made: 1 (n3)
          refused: 1 (n1)
          not made: 10 (n4, n5, n6, n7, n8, n9, n10, n11, n12, n13)
        ");
        tally.end();
        assert_eq!(tally.told(), None);
    }
}
