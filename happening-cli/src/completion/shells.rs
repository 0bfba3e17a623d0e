//! What bash and zsh need beyond what everybody's commands need.

use super::command_line::{Whole, whole};
use clap_complete::engine;
use clap_complete::env::{self, EnvCompleter};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

/// Bash splits words at `=` and `:`, and replaces the last part only; and it completes names of files itself where nothing
/// is offered, with the quotes that they need.
pub struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        env::Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        env::Bash.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let script = script(&env::Bash, [var, name, bin, completer])?;
        buf.write_all(script.replace("-o bashdefault", "-o bashdefault -o default").as_bytes())
    }

    fn write_complete(
        &self,
        cmd: &mut clap::Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let index = std::env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
        let separator = std::env::var("_CLAP_IFS").unwrap_or_else(|_| "\n".to_owned());
        let Whole { words, index, begun } = whole(args, index.unwrap_or_default());
        let offered = engine::complete(cmd, words, index, current_dir)?;
        let values = offered.iter().map(|candidate| {
            let value = candidate.get_value().to_string_lossy();
            value.strip_prefix(&begun).unwrap_or(&value).to_owned()
        });
        buf.write_all(values.collect::<Vec<_>>().join(&separator).as_bytes())
    }
}

/// Zsh drops what does not begin with what was typed, such as the id of a thing that was called by its name, unless it is
/// told not to (`compadd -U`).
pub struct Zsh;

impl EnvCompleter for Zsh {
    fn name(&self) -> &'static str {
        env::Zsh.name()
    }

    fn is(&self, name: &str) -> bool {
        env::Zsh.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let script = script(&env::Zsh, [var, name, bin, completer])?;
        buf.write_all(script.replace("'values' other", "'values' other -U").as_bytes())
    }

    fn write_complete(
        &self,
        cmd: &mut clap::Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        env::Zsh.write_complete(cmd, args, current_dir, buf)
    }
}

/// What everybody's commands are registered with.
fn script(shell: &dyn EnvCompleter, [var, name, bin, completer]: [&str; 4]) -> io::Result<String> {
    let mut script = Vec::new();
    shell.write_registration(var, name, bin, completer, &mut script)?;
    String::from_utf8(script).map_err(io::Error::other)
}
