//! Statements that read the same in both dialects, written once. Each macro implements one trait for a store that has
//! `read()` and `write()` pools: generic code over sqlx's databases would need a page of bounds for each statement.

mod sync;

pub(super) use sync::impl_keycloak_tasks;
