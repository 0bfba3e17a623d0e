//! Large commands that wait to be committed alone. Fair between those who sent them: somebody with a hundred of them waits
//! behind somebody with one.

use super::task::Task;
use happening_core::booking::Command;
use happening_core::id::{EventId, UserId};
use std::collections::VecDeque;

/// Large commands that may wait. Each takes as long as a batch of ordinary ones.
const MOST: usize = 256;

/// The queue.
#[derive(Default)]
pub(super) struct LargeCommands {
    waiting: VecDeque<Task>,
    /// Whose command was taken last.
    last: Option<UserId>,
}

impl LargeCommands {
    /// Appends a command; gives it back if too many wait already.
    pub(super) fn push(&mut self, task: Task) -> Option<Task> {
        if self.waiting.len() >= MOST {
            return Some(task);
        }
        self.waiting.push_back(task);
        None
    }

    /// Takes the next one whose event is at hand: preferably of another person than the last one.
    pub(super) fn take(&mut self, is_at_hand: impl Fn(EventId) -> bool) -> Option<Task> {
        let at_hand = |task: &Task| is_at_hand(task.event());
        let of_another = |task: &&Task| Some(task.job.actor) != self.last;
        let found = self.waiting.iter().position(|task| at_hand(task) && of_another(&task));
        let index = found.or_else(|| self.waiting.iter().position(at_hand))?;
        let task = self.waiting.remove(index)?;
        self.last = Some(task.job.actor);
        Some(task)
    }

    /// Whether a turn of this event's waitlist waits already.
    pub(super) fn has_turn_of(&self, event: EventId) -> bool {
        let is_turn = |task: &Task| task.job.command == Command::Serve { by_hand: false };
        self.waiting.iter().any(|task| task.event() == event && is_turn(task))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
