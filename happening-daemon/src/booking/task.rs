//! A command on its way through the attempts.

use super::{Decided, EngineError, Job, PATIENCE};
use crate::store::{AnswerRow, MissedCommit};
use happening_core::id::EventId;
use uuid::Uuid;

/// A command with what is known of it so far.
pub(super) struct Task {
    pub job: Job,
    /// Earlier commits of unknown fate, and what they would have made of the command.
    pub prior: Vec<(Uuid, Decided)>,
    /// Whether the event was read anew because the store refused what the state in memory led to.
    pub reread: bool,
}

impl Task {
    pub(super) fn event(&self) -> EventId {
        self.job.event
    }

    /// Whether those who booked are notified.
    pub(super) fn announces(&self) -> bool {
        self.job.extras.announcement.is_some()
    }

    /// What the commit is to remember as the answer, if its request may come again. Costs others nothing.
    pub(super) fn answer_row(&self, decided: impl FnOnce() -> Decided) -> Option<AnswerRow> {
        self.job.extras.keyed.as_ref()?.row(self.job.event, &decided())
    }

    pub(super) fn is_late(&self) -> bool {
        self.job.submitted.elapsed() > PATIENCE
    }

    pub(super) fn answer(self, answer: Result<Decided, EngineError>) {
        // The caller may have gone; what was decided stays.
        let _ = self.job.reply.send(answer);
    }
}

/// Per event: its version now, and what others committed since the known one.
pub(super) type MissedCommits = Vec<(EventId, u64, Vec<MissedCommit>)>;

/// Answers the tasks whose earlier commit, of unknown fate until now, turns out to have been made.
pub(super) fn resolve_prior(tasks: Vec<Task>, missed: &MissedCommits) -> Vec<Task> {
    let made = |task: &Task| {
        let (_, _, commits) = missed.iter().find(|(event, ..)| *event == task.event())?;
        let found = task.prior.iter().find(|(id, _)| commits.iter().any(|commit| commit.commit == *id))?;
        Some(found.1.clone())
    };
    let mut open = Vec::with_capacity(tasks.len());
    for task in tasks {
        match made(&task) {
            Some(decided) => task.answer(Ok(decided)),
            None => open.push(task),
        }
    }
    open
}

/// Answers them all with the same error.
pub(super) fn answer_all(tasks: Vec<Task>, error: impl Fn() -> EngineError) {
    for task in tasks {
        task.answer(Err(error()));
    }
}
