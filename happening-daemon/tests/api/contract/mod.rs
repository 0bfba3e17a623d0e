//! What existing clients rely on: routes, fields and their kinds, roles, dates, the first sign-in.

mod events;
mod people;
mod roles;
mod shapes;
mod system;

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;
use uuid::Uuid;

/// Checks an answer against a list of `name:kind`. More members are welcome. Kinds: `id text int bool time ints list any`;
/// `?` after it: or null, `|` between words: one of these.
pub fn has_shape(what: &str, value: &Value, shape: &str) {
    for member in shape.split_whitespace() {
        let (name, kind) = member.split_once(':').expect("name:kind");
        let Some(found) = value.get(name) else { panic!("{what} has no `{name}`: {value}") };
        let (kind, may_be_null) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
        let fits = match kind {
            _ if found.is_null() => may_be_null,
            "id" => found.as_str().is_some_and(|text| Uuid::parse_str(text).is_ok()),
            "text" => found.is_string(),
            "int" => found.is_u64(),
            "bool" => found.is_boolean(),
            "time" => found.as_str().is_some_and(is_utc),
            "ints" => found.as_array().is_some_and(|list| list.iter().all(Value::is_u64)),
            "list" => found.is_array(),
            "any" => true,
            words => found.as_str().is_some_and(|word| words.split('|').any(|known| known == word)),
        };
        assert!(fits, "{what}: `{name}` is no {kind}: {found}");
    }
}

/// Checks every entry of a bare array.
pub fn are_shaped(what: &str, list: &Value, shape: &str) {
    let entries = list.as_array().unwrap_or_else(|| panic!("{what} is no bare array: {list}"));
    assert!(!entries.is_empty(), "{what} is empty: nothing to look at");
    for entry in entries {
        has_shape(what, entry, shape);
    }
}

/// RFC 3339, in UTC and said so with `Z`.
fn is_utc(text: &str) -> bool {
    let wall = text.strip_suffix('Z').unwrap_or_default();
    DateTime::parse_from_rfc3339(text).is_ok()
        && NaiveDateTime::parse_from_str(wall, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
}
