//! Dates in requests.

use super::Error;
use chrono::{DateTime, Utc};
use happening_core::date;

/// Reads the date of a field, without an offset in the organization's time zone.
pub(super) fn parse(field: &'static str, text: &str, zone: Option<&str>) -> Result<DateTime<Utc>, Error> {
    date::parse(text, zone).map_err(|error| Error::invalid(field, error.to_string()))
}
