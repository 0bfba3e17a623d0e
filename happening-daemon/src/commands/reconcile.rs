//! `happening-daemon reconcile`

use super::CommonArgs;
use crate::app;
use crate::config::Flags;
use crate::lifecycle::Lifecycle;
use clap::Args;
use happening_core::wire::{Drift, Reconciled};
use std::io::Write;
use std::process::ExitCode;

/// There are differences, as `happening reconcile` says it.
const DIFFERENCES: u8 = 10;

/// Options of the command.
#[derive(Debug, Args)]
pub(super) struct ReconcileArgs {
    #[command(flatten)]
    pub(super) common: CommonArgs,
    /// Make right what is derived from the bookings.
    #[arg(long)]
    fix: bool,
}

/// Prints each difference with its likely cause.
pub(super) async fn run(args: &ReconcileArgs, lifecycle: &Lifecycle) -> anyhow::Result<ExitCode> {
    let config = args.common.config(Flags::default())?;
    let report = app::reconcile(&config, args.fix, lifecycle).await?;
    std::io::stdout().lock().write_all(told(&report).as_bytes())?;
    Ok(if report.left() > 0 { ExitCode::from(DIFFERENCES) } else { ExitCode::SUCCESS })
}

fn told(report: &Reconciled) -> String {
    let lines: String = report.drifts.iter().map(line).collect();
    let note = report.note.as_ref().map_or_else(String::new, |note| format!("{note}\n"));
    let more = if report.truncated { "The others are not listed.\n" } else { "" };
    format!("{lines}{} events compared, {} differences.\n{note}{more}", report.events, report.found)
}

fn line(drift: &Drift) -> String {
    let state = match (drift.fixed, drift.fixable) {
        (true, _) => "healed",
        (false, true) => "can be healed with --fix",
        (false, false) => "for people to decide",
    };
    let booking = drift.booking_id.map_or_else(String::new, |booking| format!(" booking {booking}"));
    // What users wrote may not act on a terminal.
    let name = drift.event_name.escape_debug();
    format!(
        "{} \"{name}\"{booking}\n  {}: expected {}, found {} ({state})\n  {}\n",
        drift.event_id, drift.kind, drift.expected, drift.found, drift.cause
    )
}
