//! Statements that read the same in both dialects, written once. Each macro implements one trait for a store that has
//! `read()` and `write()` pools: generic code over sqlx's databases would need a page of bounds for each statement.

mod catalogue;
mod directory;
mod ledger;

pub(super) use catalogue::impl_catalogue;
pub(super) use directory::impl_directory;
pub(super) use ledger::impl_ledger;
