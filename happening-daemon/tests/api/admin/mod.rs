//! What operators and support see and do.

mod queue;
mod reconcile;
mod roles;
mod waitlist;
