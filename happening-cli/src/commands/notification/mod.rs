//! `happening notification`.

pub mod list;
mod preview;
mod read;
mod resend;
mod undelivered;

crate::frame::verbs! {
    /// List the notifications of a person, the newest first
    List => list,
    /// Show what people read of a notification
    Preview => preview,
    /// Mark your notifications as read
    Read => read,
    /// Deliver a notification once more
    Resend => resend,
    /// List notifications that were not delivered, the newest first
    Undelivered => undelivered,
}
