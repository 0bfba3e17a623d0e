//! `happening-daemon`: the headless Happening server.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// The allocator of glibc took a fifth of a booking's processor time in the daemon.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
