//! The command line and the terminal workplace, as people have them: the built binaries, on embedded parts and on the
//! real ones, signed in through the pages that people see.

#[path = "../support/mod.rs"]
mod support;

mod cli;
mod exits;
mod login;
mod screen;
mod story;
mod tui;
