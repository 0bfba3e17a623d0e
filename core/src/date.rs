//! Dates as people write them: RFC 3339, or, from a browser's `datetime-local` or a file, without an offset, in the
//! organization's time zone.

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use thiserror::Error;

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DateError {
    /// It has another form.
    #[error("must be a date and time such as 2026-12-01T19:00 or 2026-12-01T19:00:00+01:00")]
    Malformed,
    /// No clock in that zone shows it.
    #[error("{text} does not exist in {zone}: the clocks skip that hour")]
    Skipped {
        /// What was written.
        text: String,
        /// Where.
        zone: Tz,
    },
}

/// Reads a date, to the microsecond; `zone` is an IANA name, default UTC. A leap second is the second after it, as in the
/// databases. Years outside 0000 to 9999 do not fit RFC 3339.
pub fn parse(text: &str, zone: Option<&str>) -> Result<DateTime<Utc>, DateError> {
    let date = read(text, zone)?;
    let kept = DateTime::from_timestamp_micros(date.timestamp_micros());
    kept.filter(|date| (0..=9999).contains(&date.year())).ok_or(DateError::Malformed)
}

fn read(text: &str, zone: Option<&str>) -> Result<DateTime<Utc>, DateError> {
    let with_offset = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"))
        .or_else(|_| DateTime::parse_from_str(&text.replace('Z', "+00:00"), "%Y-%m-%dT%H:%M%:z"));
    if let Ok(date) = with_offset {
        return Ok(date.with_timezone(&Utc));
    }
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f"];
    let wall = formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .ok_or(DateError::Malformed)?;
    let zone = zone_of(zone);
    // In the hour that a clock change repeats the first one is meant; in the hour that it skips, no time is.
    let local = zone.from_local_datetime(&wall).earliest();
    local
        .map(|date| date.with_timezone(&Utc))
        .ok_or_else(|| DateError::Skipped { text: text.to_owned(), zone })
}

/// Writes a date so that [`parse`] reads it back: without an offset where the wall time says it all.
pub fn write(date: DateTime<Utc>, zone: Option<&str>) -> String {
    let local = date.with_timezone(&zone_of(zone));
    for format in ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"] {
        let text = local.format(format).to_string();
        if parse(&text, zone) == Ok(date) {
            return text;
        }
    }
    local.to_rfc3339()
}

/// Whether this is the name of a time zone.
pub fn is_zone(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

fn zone_of(name: Option<&str>) -> Tz {
    name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, zone: Option<&str>) -> Result<String, DateError> {
        parse(text, zone).map(|date| date.to_rfc3339())
    }

    #[test]
    fn wall_times_are_read_in_the_zone() {
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
    fn seconds_may_be_left_out_and_leap_seconds_are_the_next() {
        for text in ["2026-12-22T19:30Z", "2026-12-22T19:30+00:00", "2026-12-23T01:00+05:30"] {
            assert_eq!(utc(text, Some("Asia/Tokyo")).expect(text), "2026-12-22T19:30:00+00:00");
        }
        assert_eq!(utc("2030-06-30T23:59:60Z", None).expect("read"), "2030-07-01T00:00:00+00:00");
        assert_eq!(utc("2030-06-30T23:59:60", None).expect("read"), "2030-07-01T00:00:00+00:00");
        assert_eq!(
            utc("2030-06-30T00:00:00.123456789Z", None).expect("read"),
            "2030-06-30T00:00:00.123456+00:00"
        );
    }

    #[test]
    fn years_that_do_not_fit_are_refused() {
        for text in ["9999-12-31T23:59:59-12:00", "0000-01-01T00:00:00+12:00", "10000-01-01T00:00"] {
            assert_eq!(utc(text, None), Err(DateError::Malformed), "{text}");
        }
        assert!(utc("9999-12-31T23:59:59Z", None).is_ok());
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
            assert_eq!(utc(text, None), Err(DateError::Malformed), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (date, zone, text) in [
            ("2026-12-01T18:00:00Z", Some("Europe/Berlin"), "2026-12-01T19:00"),
            ("2026-12-01T18:00:07Z", None, "2026-12-01T18:00:07"),
            ("2026-10-25T00:30:00Z", Some("Europe/Berlin"), "2026-10-25T02:30"),
            // The hour that comes twice: its second time needs the offset.
            ("2026-10-25T01:30:00Z", Some("Europe/Berlin"), "2026-10-25T02:30:00+01:00"),
            ("2026-12-01T18:00:00.000250Z", Some("Asia/Tokyo"), "2026-12-02T03:00:00.000250+09:00"),
        ] {
            let date: DateTime<Utc> = date.parse().expect("a date");
            assert_eq!(write(date, zone), text);
            assert_eq!(parse(text, zone), Ok(date));
        }
    }
}
