//! Opening an address in the person's browser.

use std::io;
use std::process::{Command, Stdio};

const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

/// Starts the browser and does not wait for it.
pub fn open(address: &str) -> io::Result<()> {
    // The address comes from the issuer: nothing but a web page is opened, and nothing that is an option of the opener.
    if !address.starts_with("https://") && !address.starts_with("http://") {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no web address"));
    }
    Command::new(OPENER)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(())
}
