//! What operators and support see and do.

mod promotions;
mod queue;
mod reconcile;
mod roles;
mod waitlist;
