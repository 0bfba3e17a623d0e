//! Rows as both databases hold them, and how they become what callers speak.

mod answers;
mod catalogue;
mod directory;
mod inspection;
mod invites;
mod jobs;
mod ledger;
mod parked;
mod privacy;
mod sync;

pub(super) use answers::*;
pub(super) use catalogue::*;
pub(super) use directory::*;
pub(super) use inspection::*;
pub(super) use invites::*;
pub(super) use jobs::*;
pub(super) use ledger::*;
pub(super) use parked::*;
pub(super) use privacy::*;
pub(super) use sync::*;

use super::StoreError;
use super::fold::fold;
use sqlx::QueryBuilder;
use std::fmt::Display;
use std::str::FromStr;

/// A number as the databases hold it. Nothing here comes near the limit.
pub(in crate::store) fn big(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A small number as the databases hold it.
pub(in crate::store) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A number that is never negative.
pub(in crate::store) fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(0)
}

/// A number that is never negative.
pub(in crate::store) fn counter(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A word of a closed set; the column's CHECK admits no other.
pub(in crate::store) fn word<T: FromStr>(text: &str) -> Result<T, StoreError>
where
    T::Err: Display,
{
    text.parse().map_err(|error| StoreError::Defect(format!("{error}")))
}

pub(in crate::store) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Defect(format!("{error}")))
}

/// The pattern of `LIKE … ESCAPE '\'` that finds folded texts with `text` in them: what it has of wildcards is meant as
/// it is written.
pub(in crate::store) fn containing(text: &str) -> String {
    within(&fold(text))
}

/// Adds a condition: one of these folded columns contains `text`.
pub(in crate::store) fn push_like<DB>(query: &mut QueryBuilder<DB>, columns: &[&str], text: &str)
where
    DB: sqlx::Database,
    for<'a> String: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let pattern = containing(text);
    for (number, column) in columns.iter().enumerate() {
        query.push(if number == 0 { "(" } else { " OR " }).push(column).push(" LIKE ");
        query.push_bind(pattern.clone()).push(" ESCAPE '\\'");
    }
    query.push(")");
}

/// The same for texts that are compared as they are.
pub(in crate::store) fn within(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// Rows that become wire types.
pub(in crate::store) fn convert<R, T>(rows: Vec<R>) -> Result<Vec<T>, StoreError>
where
    T: TryFrom<R, Error = StoreError>,
{
    rows.into_iter().map(T::try_from).collect()
}
