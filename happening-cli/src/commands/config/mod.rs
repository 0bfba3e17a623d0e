//! `happening config`: what is in force, and the settings that are kept in `config.json`.

mod list;
mod set;
mod unset;

use clap::ValueEnum;

crate::frame::verbs! {
    /// List what is in force, and where it comes from
    List => list,
    /// Keep a setting
    Set => set,
    /// Forget a setting
    Unset => unset,
}

/// What can be set: where a sign-in is kept, keyring or file.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Setting {
    Storage,
}
