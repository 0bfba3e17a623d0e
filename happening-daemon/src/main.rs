//! `happening-daemon`: the headless Happening server.

use std::process::ExitCode;

fn main() -> ExitCode {
    match happening_daemon::commands::run() {
        Ok(code) => code,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "happening-daemon: {error:#}");
            ExitCode::FAILURE
        }
    }
}
