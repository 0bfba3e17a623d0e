//! `happening man`.

use super::help::named;
use crate::exit::CliError;
use crate::output;
use anyhow::Context as _;
use clap_mangen::Man;
use std::path::PathBuf;

const HELP: &str = "\
Examples:
  happening man | man -l -
  happening man event create | man -l -
  happening man --directory ~/.local/share/man/man1";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Of which command; of all if left out
    command: Vec<String>,
    /// Write a page for each command into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    directory: Option<PathBuf>,
}

/// Prints or writes pages.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut all = super::help::grammar();
    if let Some(directory) = &args.directory {
        std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
        return clap_mangen::generate_to(all, directory).with_context(|| directory.display().to_string());
    }
    let command = named(&mut all, &args.command).map_err(CliError::Usage)?;
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    output::print(&String::from_utf8(page)?)?;
    Ok(())
}
