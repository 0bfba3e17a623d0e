//! Organizations in files: what `apply`, `diff` and `export` share. What a file may say and what follows from it is in
//! `happening_core::declare`; here files are read, the daemon is asked, and steps are taken.

mod actual;
mod apply;
mod file;
mod tally;

pub use actual::{read, whole};
pub use apply::{Taken, apply, found, try_out};
pub use file::{File, Files};
pub use tally::{Fate, Tally, first};
