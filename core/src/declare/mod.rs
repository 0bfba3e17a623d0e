//! A whole organization in a file, YAML or JSON: what it is to be, rather than the steps there.
//!
//! - [`document`]: the format. Its types are what is parsed, what is written by an export, and what the published JSON
//!   Schema is made from, so the three cannot disagree.
//! - [`read()`]: from text to a [`Declaration`], or to [`Flaw`]s with line and column.
//! - [`plan()`]: a declaration and what is there ([`Actual`]) make the steps that lead from one to the other. Pure, and it
//!   does not depend on the order in which anything is listed. `people`, `events` and `pruning` each plan their part.
//! - [`export()`]: what is there as a declaration.
//!
//! What the file does not name stays as it is; `null` clears what may be absent, and is an error elsewhere (`valued`). To add a
//! member of an object: its field in [`document`], its line where its kind is compared, and its line in [`export()`].

pub mod document;
mod events;
mod export;
mod people;
mod plan;
mod pruning;
mod read;
#[cfg(test)]
mod tests;
mod valued;

pub use document::{At, Declaration, schema};
pub use export::export;
pub use people::names_to_look_up;
pub use plan::{Action, Actual, Difference, Draft, Kind, Plan, State, Step, key, plan};
pub use pruning::{Objection, Pruning, objections};
pub use read::{Flaw, LARGEST, read};
