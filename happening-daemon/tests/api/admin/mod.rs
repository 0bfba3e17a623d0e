//! What operators and support see and do.

mod jobs;
mod promotions;
mod queue;
mod reconcile;
mod roles;
mod waitlist;
