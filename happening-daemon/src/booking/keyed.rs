//! What a command is answered with if its request comes again, made before the commit that writes it.

use super::Decided;
use crate::idempotency::KeyGuard;
use crate::store::AnswerRow;
use happening_core::id::EventId;
use serde::Serialize;
use std::fmt;

/// Makes the body of an answer.
type Render = dyn Fn(&Decided) -> Option<String> + Send + Sync;

/// A command whose request carried a key.
pub struct Keyed {
    /// The right to run it, held until it is decided.
    pub(super) key_guard: KeyGuard,
    answer: Box<Render>,
}

impl Keyed {
    /// `answer` makes the body of the answer; `None` is an outcome that is not remembered.
    pub fn new<T: Serialize>(
        key_guard: KeyGuard,
        answer: impl Fn(&Decided) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        let answer = move |decided: &Decided| serde_json::to_string(&answer(decided)?).ok();
        Self { key_guard, answer: Box::new(answer) }
    }

    pub(super) fn row(&self, event: EventId, decided: &Decided) -> Option<AnswerRow> {
        let body = (self.answer)(decided)?;
        Some(AnswerRow {
            fingerprint: self.key_guard.fingerprint(),
            event,
            status: self.key_guard.status(),
            body,
        })
    }
}

impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("key_guard", &self.key_guard).finish_non_exhaustive()
    }
}
