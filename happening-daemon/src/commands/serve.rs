//! `happening-daemon serve`

use super::{ServeArgs, end_at_signal};
use crate::app::{self, Roles};
use crate::config::{Config, Flags};
use crate::lifecycle::Lifecycle;
use crate::logging::{self, LogFormat};
use anyhow::Context;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

pub(super) async fn run(args: ServeArgs, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let flags = Flags {
        host: args.listen.map(|address| address.ip()).or(args.host),
        port: args.listen.map(|address| address.port()).or(args.port),
        data_dir: None,
    };
    let config = args.common.config(flags)?;
    logging::start(args.common.log_format, &args.common.log_level)?;
    end_at_signal(lifecycle);
    let roles = Roles { worker: !args.no_worker, demo: args.demo };
    let ready = |address: SocketAddr| {
        announce(&config, address, args.common.log_format, args.demo)?;
        args.ready_file.as_deref().map_or(Ok(()), |path| write_ready_file(path, address))
    };
    app::serve(&config, roles, lifecycle, ready).await
}

/// Tells on stdout where it answers, and, with `--demo`, what to do next.
fn announce(config: &Config, address: SocketAddr, format: LogFormat, demo: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match format {
        LogFormat::Json => {
            let line = serde_json::json!({
                "event": "ready",
                "url": format!("http://{address}"),
                "version": env!("CARGO_PKG_VERSION"),
            });
            writeln!(out, "{line}")?;
        }
        LogFormat::Text => {
            writeln!(out, "Happening answers at http://{address}")?;
            if demo && config.keycloak_server_url.is_none() {
                writeln!(out, "{}", next_steps(address))?;
            }
        }
    }
    Ok(out.flush()?)
}

fn next_steps(address: SocketAddr) -> String {
    let server = if address.port() == 5000 { String::new() } else { format!(" --server http://{address}") };
    format!(
        "\n  The organization Demo is there, with two events. People: admin, organizer, member, guest, support,\n  \
         operator; the password is the name.\n\n  \
         Next:  happening{server} login            sign in, in the browser\n         \
         happening{server} event list       what there is to book\n         \
         happening-tui{server}              the same, live\n"
    )
}

/// Whole or not at all: a reader of the file reads a complete address.
fn write_ready_file(path: &Path, address: SocketAddr) -> anyhow::Result<()> {
    let draft = path.with_extension("draft");
    std::fs::write(&draft, format!("http://{address}\n"))
        .and_then(|()| std::fs::rename(&draft, path))
        .with_context(|| format!("cannot write {}", path.display()))
}
