//! Who was active here lately, and when their account was last looked at.

use chrono::{DateTime, TimeDelta, Utc};
use happening_core::id::UserId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whoever was not seen for so long is forgotten. Longer than an access token usually lives.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(10);

/// An account is looked at again after this; one that may not sign in sooner, so that people need not wait when it may.
const AGAIN: TimeDelta = TimeDelta::seconds(20);
const AGAIN_REFUSED: TimeDelta = TimeDelta::seconds(3);

/// People by their id.
#[derive(Default)]
pub(super) struct Activity(Mutex<HashMap<UserId, Seen>>);

struct Seen {
    subject: String,
    at: DateTime<Utc>,
    is_active: bool,
    looked_at: Option<DateTime<Utc>>,
}

impl Seen {
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let pause = if self.is_active { AGAIN } else { AGAIN_REFUSED };
        // A clock that was set back must not put anybody off: what lies in the future does not count.
        self.looked_at.is_none_or(|at| at > now || now - at >= pause)
    }
}

impl Activity {
    /// Somebody asked for something.
    pub fn seen(&self, user: UserId, subject: &str, is_active: bool, now: DateTime<Utc>) {
        let mut people = self.people();
        let seen = people.entry(user).or_insert_with(|| Seen {
            subject: subject.to_owned(),
            at: now,
            is_active,
            looked_at: None,
        });
        seen.at = now;
        seen.is_active = is_active;
    }

    /// Up to `limit` people whose accounts are to be looked at, those first whose last look is longest ago. They count as
    /// looked at.
    pub fn take_due(&self, now: DateTime<Utc>, limit: usize) -> Vec<(UserId, String)> {
        let mut people = self.people();
        people.retain(|_, seen| now - seen.at < FORGOTTEN);
        let mut due: Vec<_> = people.iter_mut().filter(|(_, seen)| seen.is_due(now)).collect();
        due.sort_by_key(|(user, seen)| (seen.looked_at, **user));
        due.truncate(limit);
        due.into_iter()
            .map(|(user, seen)| {
                seen.looked_at = Some(now);
                (*user, seen.subject.clone())
            })
            .collect()
    }

    fn people(&self) -> MutexGuard<'_, HashMap<UserId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn subjects(due: Vec<(UserId, String)>) -> Vec<String> {
        due.into_iter().map(|(_, subject)| subject).collect()
    }

    #[test]
    fn whoever_waits_longest_is_looked_at_first() {
        let (activity, ids) = (Activity::default(), Ids::seeded(1));
        let (ada, otto) = (ids.user(), ids.user());
        activity.seen(ada, "ada", true, at(0));
        assert_eq!(subjects(activity.take_due(at(0), 9)), ["ada"]);
        activity.seen(otto, "otto", true, at(5));
        assert_eq!(subjects(activity.take_due(at(5), 9)), ["otto"], "Ada was just looked at");
        assert_eq!(subjects(activity.take_due(at(30), 1)), ["ada"]);
        assert_eq!(subjects(activity.take_due(at(30), 9)), ["otto"]);
        assert_eq!(subjects(activity.take_due(at(49), 9)), [""; 0]);
    }

    #[test]
    fn whoever_may_not_sign_in_is_looked_at_sooner() {
        let (activity, ada) = (Activity::default(), Ids::seeded(1).user());
        activity.seen(ada, "ada", false, at(0));
        assert_eq!(activity.take_due(at(0), 9).len(), 1);
        assert_eq!(activity.take_due(at(2), 9).len(), 0);
        assert_eq!(activity.take_due(at(3), 9).len(), 1);
        activity.seen(ada, "ada", true, at(4));
        assert_eq!(activity.take_due(at(22), 9).len(), 0);
        assert_eq!(activity.take_due(at(23), 9).len(), 1);
    }

    #[test]
    fn whoever_was_not_seen_for_long_is_forgotten() {
        let (activity, ada) = (Activity::default(), Ids::seeded(1).user());
        activity.seen(ada, "ada", true, at(0));
        assert_eq!(activity.take_due(at(599), 9).len(), 1);
        assert_eq!(activity.take_due(at(600), 9).len(), 0);
        activity.seen(ada, "ada", true, at(700));
        assert_eq!(activity.take_due(at(700), 9).len(), 1);
    }

    #[test]
    fn a_clock_set_back_puts_nobody_off() {
        let (activity, ada) = (Activity::default(), Ids::seeded(1).user());
        activity.seen(ada, "ada", true, at(1_000));
        assert_eq!(activity.take_due(at(1_000), 9).len(), 1);
        assert_eq!(activity.take_due(at(10), 9).len(), 1);
    }
}
