//! `/events`

pub mod bookings;
pub mod calendar;
pub mod create;
pub mod delete;
pub mod holds;
pub mod list;
pub mod one;
pub mod plan_resize;
pub mod promote;
pub mod reassign;
pub mod seats;
pub mod simulate;
pub mod stream;
pub mod update;
pub mod waitlist;
pub mod why;
