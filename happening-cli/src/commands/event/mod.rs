//! `happening event`.

mod calendar;
mod cancel;
pub mod create;
pub mod delete;
mod get;
mod hold;
mod import;
mod list;
mod reassign;
mod release;
mod resize;
pub mod seats;
mod update;
mod wait;
mod watch;

crate::frame::verbs! {
    /// Publish an event
    Create => create,
    /// Publish the events of a CSV file
    Import => import,
    /// List events, the latest date first
    List => list,
    /// Show an event
    Get => get,
    /// Print an event for a calendar
    Calendar => calendar,
    /// Change an event
    Update => update,
    /// Give an event more or fewer seats, or see what that would do
    Resize => resize,
    /// Call an event off; those who booked are told
    Cancel => cancel,
    /// Take an event out of every list; those who booked are told
    Delete => delete,
    /// Hand an event to another organizer
    Reassign => reassign,
    /// Show which seats are free, taken and being picked
    Seats => seats,
    /// Keep seats for yourself while you decide
    Hold => hold,
    /// Let seats that you hold go
    Release => release,
    /// Wait until an event is sold out, or has free seats
    Wait => wait,
    /// Follow what happens to an event as it happens
    Watch => watch,
}
