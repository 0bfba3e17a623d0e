//! Dates as people write them: RFC 3339, or, from a browser's `datetime-local`, without an offset, in the organization's
//! time zone.

use super::Error;
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Reads an `event_date`. Years beyond 9999 do not fit RFC 3339.
pub(super) fn parse(text: &str, zone: Option<&str>) -> Result<DateTime<Utc>, Error> {
    let invalid = || {
        Error::invalid(
            "event_date",
            "must be a date and time such as 2026-12-01T19:00 or 2026-12-01T19:00:00+01:00",
        )
    };
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Ok(date.with_timezone(&Utc));
    }
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f"];
    let wall = formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .ok_or_else(invalid)?;
    let zone: Tz = zone.unwrap_or("UTC").parse().unwrap_or(Tz::UTC);
    // In the hour that a clock change repeats the first one is meant; in the hour that it skips, no time is.
    let local = zone.from_local_datetime(&wall).earliest();
    local.map(|date| date.with_timezone(&Utc)).ok_or_else(|| {
        Error::invalid("event_date", format!("{text} does not exist in {zone}: the clocks skip that hour"))
    })
}

/// Whether this is the name of a time zone.
pub(super) fn is_zone(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, zone: Option<&str>) -> Result<String, Error> {
        parse(text, zone).map(|date| date.to_rfc3339())
    }

    #[test]
    fn wall_times_are_read_in_the_organizations_zone() {
        assert_eq!(utc("2026-12-01T19:00", None).expect("read"), "2026-12-01T19:00:00+00:00");
        assert_eq!(
            utc("2026-12-01T19:00", Some("Europe/Berlin")).expect("read"),
            "2026-12-01T18:00:00+00:00"
        );
        assert_eq!(
            utc("2026-07-01T19:00:30", Some("Europe/Berlin")).expect("read"),
            "2026-07-01T17:00:30+00:00"
        );
        assert_eq!(
            utc("2026-12-01T19:00:00+09:00", Some("Europe/Berlin")).expect("read"),
            "2026-12-01T10:00:00+00:00"
        );
    }

    #[test]
    fn hours_that_clocks_skip_or_repeat() {
        assert!(utc("2026-03-29T02:30", Some("Europe/Berlin")).is_err());
        assert_eq!(
            utc("2026-10-25T02:30", Some("Europe/Berlin")).expect("read"),
            "2026-10-25T00:30:00+00:00"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "tomorrow", "2026-13-01T19:00", "2026-12-01", "1764615600"] {
            assert!(utc(text, None).is_err(), "{text}");
        }
    }
}
