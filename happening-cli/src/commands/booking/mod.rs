//! `happening booking`.

pub mod cancel;
mod cancel_seats;
pub mod create;
mod export;
pub mod get;
mod history;
mod list;
mod move_to;
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
    /// Give a confirmed booking other seats of the same event
    Move => move_to,
    /// What happened to a booking, who did it and why
    History => history,
    /// All bookings of an event or an organization, for spreadsheets and scripts
    Export => export,
    /// Wait until a booking is confirmed
    Wait => wait,
}
