//! `happening context`: daemons by name, in `config.json`.

mod add;
mod list;
mod remove;
mod select;

crate::frame::verbs! {
    /// List contexts
    List => list,
    /// Use a context from now on
    Use => select,
    /// Add a context, or give one another address
    Add => add,
    /// Remove a context; the sign-in at its daemon stays
    Remove => remove,
}
