//! The Happening daemon: see `ARCHITECTURE.md` for the house and its walkthroughs.

pub mod booking;
pub mod counters;
pub mod ids;
pub mod lifecycle;
pub mod outbox;
pub mod queue;
pub mod store;
pub mod vital;
pub mod worker;
