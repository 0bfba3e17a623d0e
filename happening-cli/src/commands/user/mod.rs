//! `happening user`.

mod erase;
mod export;
mod get;
mod list;
mod resume;
mod suspend;

crate::frame::verbs! {
    /// Find people by a part of their username or e-mail address
    List => list,
    /// Show a person
    Get => get,
    /// Refuse a person everywhere, for operators
    Suspend => suspend,
    /// Let a suspended person act again, for operators
    Resume => resume,
    /// All that is stored about a person
    Export => export,
    /// Forget a person; there is no way back
    Erase => erase,
}
