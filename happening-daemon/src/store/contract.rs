//! What every store does: each rule runs on SQLite and on PostgreSQL.
//!
//! `kit.rs` has what the rules are told with. To add a statement to a trait of the store, add a rule here that runs it;
//! to add a store, a line in [`crate::testing::on_every_store`].

mod alike;
mod amend;
mod answers;
mod audit;
mod catalogue;
mod commit;
mod conflicts;
mod directory;
mod events;
mod folding;
mod inspection;
mod jobs;
pub(crate) mod kit;
mod large;
mod lives;
mod members;
mod outbox;
mod parked;
mod projections;
mod quotas;
mod subjects;
mod sync;
mod turns;
mod tx;
