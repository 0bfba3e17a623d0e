//! `happening redis`.

mod inspect;
mod keys;

crate::frame::verbs! {
    /// What the counters hold of an event, beside what the database says
    Inspect => inspect,
    /// List keys of the counters
    Keys => keys,
}
