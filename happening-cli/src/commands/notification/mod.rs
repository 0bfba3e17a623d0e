//! `happening notification`.

pub mod list;
mod preview;
mod resend;
mod undelivered;

crate::frame::verbs! {
    /// List what somebody was told, the newest first
    List => list,
    /// Show what people read of a notification
    Preview => preview,
    /// Deliver a notification once more
    Resend => resend,
    /// List who was not told, the newest first
    Undelivered => undelivered,
}
