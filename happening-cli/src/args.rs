//! Values of options that have a grammar of their own.

use crate::exit::CliError;
use happening_core::id::{BookingId, EventId, InviteId, JobId, NotificationId, ParkedId};
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// More seats than any event has are a slip of the keyboard.
const MAX_SEATS: u32 = 1_000_000;

/// `500ms`, `30s`, `2m`, `1h`; a bare number is seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let refuse = || format!("`{text}` is no duration such as 500ms, 30s, 2m or 1h");
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(refuse()),
    };
    let number: f64 = number.parse().map_err(|_| refuse())?;
    let duration = Duration::try_from_secs_f64(number * factor).map_err(|_| refuse())?;
    if duration.is_zero() { Err(refuse()) } else { Ok(duration) }
}

/// What becomes of a field that an option sets and `--clear` clears: `None` if it stays, `Some(None)` if it is cleared.
/// `option` is what the first is called without its dashes.
#[expect(clippy::option_option, reason = "stays, is cleared, or becomes a value")]
pub fn edited<T>(value: Option<T>, is_cleared: bool, option: &str) -> Result<Option<Option<T>>, CliError> {
    match (value, is_cleared) {
        (Some(_), true) => {
            Err(CliError::Usage(format!("--{option} and --clear {option} contradict each other: name one")))
        }
        (None, true) => Ok(Some(None)),
        (value, false) => Ok(value.map(Some)),
    }
}

/// An id, or what it is an id of: nobody who meets one first should read of its digits.
fn id<T: FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("it is {what}"))
}

/// An event.
pub fn event(text: &str) -> Result<EventId, String> {
    id(text, "an event's id, as `happening event list` shows it")
}

/// A booking.
pub fn booking(text: &str) -> Result<BookingId, String> {
    id(text, "a booking's id, as `happening booking list` shows it")
}

/// A job.
pub fn job(text: &str) -> Result<JobId, String> {
    id(text, "a job's id, as `happening reconcile status` shows it")
}

/// An invite.
pub fn invite(text: &str) -> Result<InviteId, String> {
    id(text, "an invite's id, as `happening invite list` shows it")
}

/// A notification.
pub fn notification(text: &str) -> Result<NotificationId, String> {
    id(text, "a notification's id, as `happening notification list` shows it")
}

/// What is parked.
pub fn parked(text: &str) -> Result<ParkedId, String> {
    id(text, "the id of what is parked, as `happening queue parked` shows it")
}

/// An e-mail address, by the rules of the daemon.
pub fn address(text: &str) -> Result<String, String> {
    happening_core::fields::address(text).map_err(|error| format!("it {error}"))
}

/// A hold's token.
pub fn hold(text: &str) -> Result<Uuid, String> {
    id(text, "a hold's token, as `happening event hold` shows it")
}

/// Seat numbers: `3`, `3,4`, `3-5,9`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats(Vec<u32>);

impl Seats {
    /// All of them, in the order they were named. Whether they exist is the daemon's to say.
    pub fn join(lists: &[Self]) -> Vec<u32> {
        lists.iter().flat_map(|list| list.0.iter().copied()).collect()
    }
}

impl FromStr for Seats {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| {
            text.trim()
                .parse::<u32>()
                .ok()
                .filter(|seat| *seat <= MAX_SEATS)
                .ok_or(format!("`{text}` is no seat number"))
        };
        let mut seats = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return Err(format!("`{part}` ends before it begins"));
            }
            seats.extend(first..=last);
        }
        Ok(Self(seats))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(duration("1.5h"), Ok(Duration::from_mins(90)));
        for bad in ["", "s", "0", "0ms", "-1", "1d", "1 s", "1e3", "99999999999999999999999m", "..", "ms5"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn seats_are_numbers_and_ranges() {
        let seats = |text: &str| text.parse::<Seats>().map(|seats| seats.0);
        assert_eq!(seats("3"), Ok(vec![3]));
        assert_eq!(seats("3,4, 9-11"), Ok(vec![3, 4, 9, 10, 11]));
        assert_eq!(seats("4,4,0"), Ok(vec![4, 4, 0]), "the daemon says what is wrong with them");
        for bad in ["", "a", "3,", "5-3", "-3", "1-", "1.5", "99999999999", "1-4000000000"] {
            assert!(seats(bad).is_err(), "{bad}");
        }
        assert_eq!(Seats::join(&["3".parse().unwrap(), "1-2".parse().unwrap()]), [3, 1, 2]);
    }

    #[test]
    fn an_id_that_is_none_is_told_where_to_find_one() {
        let id = "0197a1b2-0000-7000-8000-000000000001";
        assert_eq!(event(id).map(|id| id.to_string()).as_deref(), Ok(id));
        assert_eq!(event("nope").unwrap_err(), "it is an event's id, as `happening event list` shows it");
    }
}
