//! An error as a person or a script wants it: what, why, what to do next, and the request's id.
//!
//! Under `-o json` it is the daemon's problem document with `hint` and `exit_code` added; errors of this side have the same
//! shape, with [`Exit::as_str`] as their `code`. It goes to stderr: stdout stays data.

use super::record::Tone;
use super::text::{seat_ranges, visible};
use crate::exit::{self, CliError, Exit};
use happening_core::client::ClientError;
use happening_core::signin::SigninError;
use happening_core::wire::{ErrorCode, Problem};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// After what may have been done.
const LOOK: &str = "look before you try again: `happening booking list`, `happening event list` and their like show what is there";

/// An error, taken apart.
pub struct Failure {
    pub exit: Exit,
    message: String,
    hint: Option<String>,
    problem: Option<Problem>,
}

impl Failure {
    pub fn of(error: &anyhow::Error) -> Self {
        let exit = exit::of(error);
        let problem = exit::client_error(error).and_then(ClientError::problem).cloned();
        let mut message = match exit::client_error(error) {
            // The command's own words would say that nothing was done.
            Some(doubtful) if doubtful.is_doubtful() => doubtful.to_string(),
            _ => format!("{error:#}"),
        };
        if let Some(problem) = &problem {
            message = with_option(message, problem, std::env::args());
        }
        if let Some(seats) = problem.as_ref().and_then(unavailable) {
            let _ = write!(message, " (taken: {seats})");
        }
        Self { exit, message, hint: hint(error), problem }
    }

    /// Without the hint to ask who one is, for whoever `asks_who` they are.
    pub fn hinting_for(self, asks_who: bool) -> Self {
        let hint = self.hint.filter(|hint| !asks_who || !hint.contains("`happening whoami`"));
        Self { hint, ..self }
    }

    /// What is wrong with a command line, and what may have been meant.
    pub fn usage(message: String, hint: Option<String>) -> Self {
        Self { exit: Exit::Usage, message, hint, problem: None }
    }

    /// For people.
    pub fn text(&self, color: bool, quiet: bool) -> String {
        // Lines are ours: what others put into them was made visible where it was put, or is here.
        let message = self.message.split('\n').map(visible).collect::<Vec<_>>().join("\n");
        // Who asked for differences got an answer.
        let (word, tone) =
            if self.exit == Exit::Differences { ("note:", Tone::Plain) } else { ("error:", Tone::Bad) };
        let mut text = format!("{} {message}\n", label(word, tone, color));
        if let Some(hint) = self.hint.as_ref().filter(|_| !quiet) {
            let _ = writeln!(text, "{} {}", label("hint:", Tone::Good, color), visible(hint));
        }
        if let Some(id) = self.problem.as_ref().and_then(|problem| problem.request_id.as_ref()) {
            let _ = writeln!(text, "{} {}", label("request id:", Tone::Faint, color), visible(id));
        }
        text
    }

    /// For machines.
    pub fn document(&self) -> Value {
        let mut document = match &self.problem {
            Some(problem) => json!(problem),
            None => json!({"code": self.exit.as_str(), "detail": self.message, "error": self.message}),
        };
        if let Some(hint) = &self.hint {
            document["hint"] = json!(hint);
        }
        document["exit_code"] = json!(self.exit as u8);
        document
    }
}

/// Members of requests that an option fills which is called otherwise.
const OPTIONS: &[(&str, &str)] = &[
    ("event_date", "--date"),
    ("event_end", "--end"),
    ("bookings_close_at", "--bookings-close-at"),
    ("total_slots", "--seats"),
    ("settings.timezone", "--timezone"),
    ("settings.contact", "--contact"),
    ("settings.event_minutes", "--event-minutes"),
    ("seat_numbers", "--seat"),
    ("bypass_limit", "--bypass-limit"),
    ("waitlist_limit", "--waitlist-limit"),
    ("max_seats_per_booking", "--max-seats-per-booking"),
];

/// The message with the option that was given in place of the member that the daemon calls wrong. Where none was given, as
/// for files and for `api`, it stays the member.
fn with_option(message: String, problem: &Problem, mut given: impl Iterator<Item = String>) -> String {
    let field = problem.members.get("field").and_then(Value::as_str);
    let Some(&(field, option)) = OPTIONS.iter().find(|(known, _)| Some(*known) == field) else {
        return message;
    };
    let is_option = |word: &str| {
        word.strip_prefix(option).is_some_and(|rest| matches!(rest.chars().next(), None | Some('=')))
    };
    if given.any(|word| is_option(&word)) {
        message.replacen(&format!("{field}: "), &format!("{option}: "), 1)
    } else {
        message
    }
}

fn unavailable(problem: &Problem) -> Option<String> {
    let seats: Vec<u32> = serde_json::from_value(problem.members.get("unavailable")?.clone()).ok()?;
    Some(seat_ranges(&seats))
}

/// The next command to try.
fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(error) = exit::client_error(error) {
        return hint_of_client(error);
    }
    match error.downcast_ref() {
        Some(CliError::Down) => {
            return Some("`happening status` shows which part is down; the daemon's log says why".to_owned());
        }
        Some(CliError::InterruptedChange) => return Some(LOOK.to_owned()),
        _ => {}
    }
    let hint = match error.downcast_ref::<SigninError>()? {
        SigninError::NoKeyring(_) => {
            "`happening login --insecure-storage` keeps the sign-in in a file that only you can read"
        }
        SigninError::KeyringLocked => {
            "unlock the keyring and try again, or use `happening login --insecure-storage` (a file that only you can read)"
        }
        SigninError::Denied | SigninError::Expired | SigninError::Refused { .. } => {
            "`happening login` starts anew"
        }
        SigninError::Damaged { .. } => "sign in again: `happening login` replaces it",
        SigninError::NoDeviceFlow(_) => {
            "set HAPPENING_TOKEN, or HAPPENING_CLIENT_ID and HAPPENING_CLIENT_SECRET"
        }
        SigninError::Unreachable { .. } => "`happening status` tells whether the daemon reaches it",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn hint_of_client(error: &ClientError) -> Option<String> {
    let hint = match error {
        ClientError::Refused { problem, retry_after } => {
            return hint_of_problem(problem, *retry_after);
        }
        // The message names the command where there is one.
        ClientError::NotSignedIn(why) if why.contains("happening login") || why.contains("HAPPENING_") => {
            return None;
        }
        ClientError::NotSignedIn(_) => "`happening login`",
        ClientError::Unreachable { reason, .. } if reason.contains(" (asked through the proxy ") => {
            "NO_PROXY names hosts that are asked directly; `happening help environment` has the variables"
        }
        ClientError::Unreachable { .. } => {
            "is it running there? `happening-daemon serve` starts a daemon; --server or HAPPENING_SERVER names another"
        }
        ClientError::Lost { .. } => LOOK,
        ClientError::TimedOut { changes: true, .. } => {
            return Some(format!("{LOOK}; --timeout waits longer"));
        }
        ClientError::TimedOut { changes: false, .. } => "--timeout waits longer",
        ClientError::NotHappening(_) => "--server or HAPPENING_SERVER names the daemon",
        ClientError::NoDryRuns => "leave --dry-run out to do it, or bring the daemon up to date",
        ClientError::Proxy(_)
        | ClientError::Address(_)
        | ClientError::Path { .. }
        | ClientError::Broken(_)
        | ClientError::Tried(_) => {
            return None;
        }
    };
    Some(hint.to_owned())
}

fn hint_of_problem(problem: &Problem, retry_after: Option<Duration>) -> Option<String> {
    let hint = match problem.known_code()? {
        // There is nothing to see, for anybody.
        ErrorCode::NotFound if problem.detail.starts_with("There is no route") => return None,
        ErrorCode::Unauthenticated => "`happening login`; if HAPPENING_TOKEN is set, it needs a new value",
        ErrorCode::Forbidden => "`happening whoami` shows who you are and your roles",
        ErrorCode::NotFound => "what you may not see is answered alike: `happening whoami` shows who you are",
        ErrorCode::SeatsConflict
        | ErrorCode::InvalidSeatNumbers
        | ErrorCode::NoAdjacentSeats
        | ErrorCode::HoldGone => "`happening event seats EVENT` shows which seats are free",
        ErrorCode::SoldOut | ErrorCode::EventClosed | ErrorCode::SalesPaused | ErrorCode::TooManySeats => {
            "`happening event get EVENT` shows how the event stands"
        }
        ErrorCode::NotWaiting => "`happening booking get BOOKING` shows how it stands",
        ErrorCode::NotEnoughSeats => "`happening waitlist promote EVENT` serves the line with what is free",
        ErrorCode::OrganizationSuspended => "`happening org get ORG` shows it; an operator lets it go on",
        ErrorCode::QuotaExceeded => {
            "remove what is no longer needed, wait until it ends, or ask an operator, who has no quota"
        }
        ErrorCode::UpcomingEvents => "`happening org delete ORG --force` deletes its upcoming events first",
        ErrorCode::JobRunning => "`happening reconcile status --wait` follows it to its end",
        ErrorCode::LastOrgAdmin => "`happening org set-role ORG USER orgAdmin` makes another one first",
        ErrorCode::InvitePending => {
            "`happening invite list --org ORG` shows it; `happening invite resend` sends it again; --if-not-exists \
             answers with it"
        }
        ErrorCode::RateLimited | ErrorCode::Unavailable => {
            return Some(match retry_after {
                Some(after) => {
                    format!("try again in {} s; `happening status` shows what is down", after.as_secs())
                }
                None => "try again later; `happening status` shows what is down".to_owned(),
            });
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// A word that stands out.
pub fn label(word: &str, tone: Tone, color: bool) -> String {
    let code = match tone {
        Tone::Plain => return word.to_owned(),
        Tone::Good => "1;32",
        Tone::Attention => "1;33",
        Tone::Bad => "1;31",
        Tone::Faint => "2",
    };
    if color { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    fn conflict() -> anyhow::Error {
        let mut problem = Problem::new(ErrorCode::SeatsConflict, "seats are taken\u{1b}[2J")
            .with("unavailable", vec![3, 4, 5]);
        problem.request_id = Some("req-1".into());
        Err::<(), _>(ClientError::Refused { problem: Box::new(problem), retry_after: None })
            .context("nothing was booked")
            .unwrap_err()
    }

    #[test]
    fn says_what_why_and_what_next() {
        let failure = Failure::of(&conflict());
        assert_eq!(failure.exit, Exit::Conflict);
        insta::assert_snapshot!(failure.text(false, false), @"
        error: nothing was booked: seats are taken␛[2J (taken: 3-5)
        hint: `happening event seats EVENT` shows which seats are free
        request id: req-1
        ");
        assert!(!failure.text(false, true).contains("hint"));
    }

    #[test]
    fn machines_get_the_problem_document() {
        insta::assert_json_snapshot!(Failure::of(&conflict()).document(), @r#"
        {
          "code": "seats_conflict",
          "detail": "seats are taken\u001b[2J",
          "error": "seats_conflict",
          "exit_code": 6,
          "hint": "`happening event seats EVENT` shows which seats are free",
          "request_id": "req-1",
          "status": 409,
          "title": "Some of these seats are taken",
          "type": "urn:happening:problem:seats_conflict",
          "unavailable": [
            3,
            4,
            5
          ]
        }
        "#);
    }

    #[test]
    fn errors_of_this_side_have_the_same_shape() {
        let error = anyhow::Error::from(ClientError::Unreachable {
            server: "http://x".into(),
            reason: "refused".into(),
            answered: false,
        });
        insta::assert_json_snapshot!(Failure::of(&error).document(), @r#"
        {
          "code": "network",
          "detail": "cannot reach http://x: refused",
          "error": "cannot reach http://x: refused",
          "exit_code": 8,
          "hint": "is it running there? `happening-daemon serve` starts a daemon; --server or HAPPENING_SERVER names another"
        }
        "#);
    }

    #[test]
    fn what_may_have_been_done_is_not_said_to_be_undone() {
        let (server, reason) = ("http://x/".to_owned(), "closed".to_owned());
        for error in [
            ClientError::Lost { server: server.clone(), reason },
            ClientError::TimedOut { server: server.clone(), changes: true },
        ] {
            let failure = Failure::of(&anyhow::Error::from(error).context("nothing was booked"));
            assert_eq!(failure.exit, Exit::TimedOut);
            let told = failure.text(false, false);
            assert!(!told.contains("nothing was booked"), "{told}");
            assert!(
                told.contains("what was asked may have been done\nhint: look before you try again"),
                "{told}"
            );
        }
        let read = anyhow::Error::from(ClientError::TimedOut { server, changes: false });
        let told = Failure::of(&read.context("event x")).text(false, false);
        assert_eq!(told, "error: event x: http://x/ did not answer in time\nhint: --timeout waits longer\n");
    }

    #[test]
    fn nobody_is_told_to_look_who_they_are_where_there_is_nothing() {
        for (detail, hinted) in [("There is no route /x.", false), ("There is no such event.", true)] {
            let problem = Box::new(Problem::new(ErrorCode::NotFound, detail));
            let error = anyhow::Error::from(ClientError::Refused { problem, retry_after: None });
            assert_eq!(Failure::of(&error).text(false, false).contains("hint:"), hinted, "{detail}");
        }
    }

    #[test]
    fn a_daemon_that_is_busy_says_when() {
        let problem = Box::new(Problem::new(ErrorCode::Unavailable, "the store is down"));
        let error =
            anyhow::Error::from(ClientError::Refused { problem, retry_after: Some(Duration::from_secs(2)) });
        assert!(Failure::of(&error).text(false, false).contains("try again in 2 s"));
    }

    #[test]
    fn a_member_is_called_by_the_option_that_was_given() {
        let problem =
            Problem::new(ErrorCode::ValidationFailed, "event_date: must be").with("field", "event_date");
        let told = |words: &str| {
            with_option("no: event_date: must be".to_owned(), &problem, words.split(' ').map(str::to_owned))
        };
        assert_eq!(told("event create --date x"), "no: --date: must be");
        assert_eq!(told("event create --date=x"), "no: --date: must be");
        assert_eq!(told("api POST /events --dates"), "no: event_date: must be");
    }
}
