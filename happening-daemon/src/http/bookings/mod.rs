//! `/bookings`

pub mod cancel;
pub mod cancel_seats;
pub mod create;
pub mod history;
pub mod move_to;
pub mod of_user;
pub mod one;
pub mod seats;
pub mod waiting_position;
pub mod why;
