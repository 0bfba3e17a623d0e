//! `/events`

pub mod create;
pub mod delete;
pub mod holds;
pub mod list;
pub mod one;
pub mod reassign;
pub mod seats;
pub mod stream;
pub mod update;
pub mod waitlist;
