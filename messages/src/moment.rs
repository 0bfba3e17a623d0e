//! A moment as the clocks at the event show it.

use chrono::{DateTime, Datelike as _, Offset as _, Timelike as _, Utc};
use chrono_tz::{OffsetName as _, Tz};
use serde::Serialize;

/// A moment in the time zone of an organization, in pieces: languages order them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Moment {
    /// 0 for Monday.
    weekday: u32,
    day: u32,
    /// 1 to 12.
    month: u32,
    year: i32,
    /// `19:30`.
    time: String,
    /// `CEST`, or `UTC+5:30` where the zone has no letters.
    zone: String,
}

impl Moment {
    /// `timezone` is an IANA name; a name that is not known is UTC.
    pub(crate) fn of(at: DateTime<Utc>, timezone: Option<&str>) -> Self {
        let zone: Tz = timezone.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC);
        let local = at.with_timezone(&zone);
        let letters = local.offset().abbreviation().filter(|name| name.starts_with(char::is_alphabetic));
        let seconds = local.offset().fix().local_minus_utc();
        Self {
            weekday: local.weekday().num_days_from_monday(),
            day: local.day(),
            month: local.month(),
            year: local.year(),
            time: format!("{:02}:{:02}", local.hour(), local.minute()),
            zone: letters.map_or_else(|| offset(seconds), ToOwned::to_owned),
        }
    }
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    match minutes % 60 {
        0 => format!("UTC{sign}{}", minutes / 60),
        rest => format!("UTC{sign}{}:{rest:02}", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(at: &str, zone: &str) -> String {
        let moment = Moment::of(at.parse().expect("a time"), Some(zone));
        let Moment { weekday, day, month, year, time, zone } = moment;
        format!("{weekday} {year}-{month}-{day} {time} {zone}")
    }

    #[test]
    fn clocks_are_changed_with_the_zone() {
        // Both sides of the changes of 2026: 29 March and 25 October.
        assert_eq!(shown("2026-03-29T00:59:00Z", "Europe/Berlin"), "6 2026-3-29 01:59 CET");
        assert_eq!(shown("2026-03-29T01:00:00Z", "Europe/Berlin"), "6 2026-3-29 03:00 CEST");
        assert_eq!(shown("2026-10-25T00:30:00Z", "Europe/Berlin"), "6 2026-10-25 02:30 CEST");
        assert_eq!(shown("2026-10-25T01:30:00Z", "Europe/Berlin"), "6 2026-10-25 02:30 CET");
        assert_eq!(shown("2026-12-31T23:30:00Z", "Asia/Kathmandu"), "4 2027-1-1 05:15 UTC+5:45");
        assert_eq!(shown("2026-07-01T00:30:00Z", "America/Sao_Paulo"), "1 2026-6-30 21:30 UTC-3");
        assert_eq!(shown("2026-07-01T00:30:00Z", "Mars/Olympus"), "2 2026-7-1 00:30 UTC");
    }
}
