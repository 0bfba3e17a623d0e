//! `happening booking`.

pub mod cancel;
mod cancel_seats;
pub mod create;
pub mod get;
mod list;
mod wait;

crate::frame::verbs! {
    /// Book seats, or wait for them if they are not free
    Create => create,
    /// List bookings, the newest first
    List => list,
    /// Show a booking
    Get => get,
    /// Cancel a booking, or leave the waitlist
    Cancel => cancel,
    /// Give some seats of a booking back
    CancelSeats => cancel_seats,
    /// Wait until a booking is confirmed
    Wait => wait,
}
