//! `happening notification`.

mod list;

crate::frame::verbs! {
    /// List what somebody was told, the newest first
    List => list,
}
