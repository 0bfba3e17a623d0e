//! What `demo`, `smoke` and `load` have in common: they try the daemon out, on a stage that they put up and take down.
//!
//! A stage is an organization of the caller's own, which nobody else sees, or an event in an organization that they name.
//! Its name tells what it is for, so that one whose command was killed is found by the next.

mod checklist;
mod stage;

pub use checklist::{Checklist, Mismatch, Stopped, describe, expect};
pub use stage::{Purpose, Stage, event_of, sweep};

use crate::app::App;
use crate::exit::CliError;

/// Refuses `--dry-run`: a trial is the steps that follow from each other, and removes what they make.
pub fn must_be_real(app: &App<'_>) -> Result<(), CliError> {
    if !app.console.dry_run {
        return Ok(());
    }
    Err(CliError::Usage("there is no dry run of this: whatever it makes, it removes".to_owned()))
}
