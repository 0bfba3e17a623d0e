//! The built binary: exit code, stdout, stderr, against a scripted daemon. With the real one it is tested in
//! `happening-daemon/tests/terminal`.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod addresses;
mod commands;
mod completion;
mod declare;
mod dry_run;
mod formats;
mod import;
mod jobs;
mod lists;
mod manner;
mod mishaps;
mod named;
mod repetition;
mod sale;
mod settings;
mod signin;
mod support;
mod trial;
mod waiting;
