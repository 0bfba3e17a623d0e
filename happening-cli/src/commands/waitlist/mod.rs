//! `happening waitlist`.

mod list;

crate::frame::verbs! {
    /// List those who wait for seats at an event, in line
    List => list,
}
