//! Dates in requests.

use super::Error;
use chrono::{DateTime, Utc};
use happening_core::date;

/// Reads an `event_date`, without an offset in the organization's time zone.
pub(super) fn parse(text: &str, zone: Option<&str>) -> Result<DateTime<Utc>, Error> {
    date::parse(text, zone).map_err(|error| Error::invalid("event_date", error.to_string()))
}
