//! Statements that read the same in both dialects, written once. Each macro implements one trait for a store that has
//! `read()` and `write()` pools: generic code over sqlx's databases would need a page of bounds for each statement.

mod answers;
mod audit;
mod catalogue;
mod export;
mod folds;
mod governance;
mod inspection;
mod jobs;
mod ledger;
mod lines;
mod membership;
mod organizations;
mod parked;
mod people;
mod privacy;
mod service_accounts;
mod sync;

pub(super) use answers::impl_answers;
pub(super) use audit::impl_audit;
pub(super) use catalogue::impl_catalogue;
pub(super) use export::impl_export;
pub(super) use folds::impl_folds;
pub(super) use governance::impl_governance;
pub(super) use inspection::impl_inspection;
pub(super) use jobs::impl_jobs;
pub(super) use ledger::impl_ledger;
pub(super) use lines::impl_lines;
pub(super) use membership::impl_membership;
pub(super) use organizations::impl_organizations;
pub(super) use parked::impl_parked;
pub(super) use people::impl_people;
pub(super) use privacy::impl_privacy;
pub(super) use service_accounts::impl_service_accounts;
pub(super) use sync::impl_keycloak_tasks;
