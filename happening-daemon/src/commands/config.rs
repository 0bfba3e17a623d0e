//! `happening-daemon config`

use super::CommonArgs;
use crate::config::{Flags, Setting, Sources};
use clap::Args;
use std::io::Write;

/// Options of the command.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Prints every setting with its origin, secrets masked.
pub(super) fn run(args: &ConfigArgs) -> anyhow::Result<()> {
    let flags = Flags { data_dir: args.common.data_dir.clone(), ..Flags::default() };
    let settings = Sources::of(args.common.config.as_ref(), &flags).settings()?;
    let text = if args.json { serde_json::to_string_pretty(&settings)? + "\n" } else { table(&settings) };
    let mut out = std::io::stdout().lock();
    Ok(out.write_all(text.as_bytes())?)
}

fn table(settings: &[Setting]) -> String {
    let shown = |setting: &Setting| setting.value.clone().unwrap_or_else(|| "-".to_owned());
    let widest = |of: &dyn Fn(&Setting) -> usize| settings.iter().map(of).max().unwrap_or(0);
    let name = widest(&|setting| setting.name.len());
    let value = widest(&|setting| shown(setting).chars().count());
    let line = |setting: &Setting| {
        format!("{:name$}  {:value$}  {}\n", setting.name, shown(setting), setting.origin)
    };
    settings.iter().map(line).collect()
}
