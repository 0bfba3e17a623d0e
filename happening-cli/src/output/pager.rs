//! What is longer than the terminal goes through the person's pager.

use super::Style;
use super::table::terminal_height;
use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};

/// Shows `text` in the pager if it does not fit the terminal. `false` if it was not shown: it fits, or there is no pager.
pub fn show(text: &str, style: Style) -> bool {
    if text.lines().count() < usize::from(terminal_height()) {
        return false;
    }
    let chosen = ["HAPPENING_PAGER", "PAGER"].into_iter().find_map(|name| std::env::var(name).ok());
    let pager = chosen.unwrap_or_else(|| "less".to_owned());
    // As for git and others: an empty one, or `cat`, is a wish for none.
    let mut words = pager.split_whitespace();
    let Some(program) = words.next().filter(|program| *program != "cat") else {
        return false;
    };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Leave at once what fits after all, pass colours on, and do not clear the screen at the end.
        command.env("LESS", if style.color { "FRX" } else { "FX" });
    }
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    if let Some(mut stdin) = child.stdin.take()
        && let Err(error) = stdin.write_all(text.as_bytes())
        && error.kind() != ErrorKind::BrokenPipe
    {
        return false;
    }
    // Whoever leaves the pager early has seen enough.
    child.wait().is_ok()
}
