//! `happening completion`.

use crate::completion;
use crate::output;
use clap::ValueEnum;

const HELP: &str = "\
Commands, options, and the ids of what you see at the daemon, by id or name:
  bash   source <(happening completion bash)     in ~/.bashrc
  zsh    source <(happening completion zsh)      in ~/.zshrc
  fish   happening completion fish | source      in ~/.config/fish/config.fish";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Prints the script.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let shell = match args.shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
    };
    output::print(&completion::script(shell)?)?;
    Ok(())
}
