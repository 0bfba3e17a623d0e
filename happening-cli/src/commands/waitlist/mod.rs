//! `happening waitlist`.

pub mod list;
mod promote;
mod remove;
mod simulate;
mod watch;
mod why;

crate::frame::verbs! {
    /// List those who wait for seats at an event, in line
    List => list,
    /// Tell why it is not a booking's turn
    Why => why,
    /// Tell who would be served if seats came free; nothing is changed
    Simulate => simulate,
    /// Serve the line with what is free, or one party out of turn
    Promote => promote,
    /// Take a booking off the waitlist
    Remove => remove,
    /// Show how the line moves, as it happens
    Watch => watch,
}
