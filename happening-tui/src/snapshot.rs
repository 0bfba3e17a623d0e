//! One frame as text, for documents and checks: the same model and the same view, without a terminal.

use crate::app::{self, BACKLOG};
use crate::message::Message;
use crate::model::{Freshness, Model, SignInState};
use crate::runner::Runner;
use crate::update::{start, update};
use crate::view::view;
use crate::{PATIENCE, Start};
use anyhow::{Context as _, bail};
use happening_core::clock::Clock;
use happening_core::signin::Config;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a screen may take to have all that it shows.
const LONGEST: Duration = Duration::from_secs(20);

/// Ticks without an answer that is awaited, after which a screen has all that it shows.
const QUIET: u32 = 3;

/// Prints the frame.
pub async fn run(begin: Start, config: Config, size: (u16, u16)) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let (sender, mut messages) = mpsc::channel(BACKLOG);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    app::clock_ticks(&sender, clock.clone(), &tasks, &stop);
    let name = begin.server.as_str().trim_end_matches('/').to_owned();
    let mut model = Model::new(clock.now(), size, &begin.theme, name, begin.options);
    let mut runner = Runner::new(begin.server, config, begin.storage, sender, tasks.clone(), stop.clone());
    for effect in start(&mut model) {
        runner.run(effect);
    }
    let settled = timeout(LONGEST, settle(&mut model, &mut runner, &mut messages)).await;
    stop.cancel();
    tasks.close();
    messages.close();
    let _late = timeout(PATIENCE, tasks.wait()).await;
    settled.context("the screen did not have all that it shows in time")??;

    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).context("cannot draw")?;
    terminal.draw(|frame| view(&model, frame)).context("cannot draw")?;
    let text = text(terminal.backend().buffer());
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed.context("cannot print")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Goes on until nothing is awaited any more.
async fn settle(
    model: &mut Model,
    runner: &mut Runner,
    messages: &mut Receiver<Message>,
) -> anyhow::Result<()> {
    let mut quiet = 0;
    while let Some(message) = messages.recv().await {
        let ticked = matches!(message, Message::Tick(_));
        for effect in update(model, message) {
            runner.run(effect);
        }
        match model.signin.as_ref().map(|signin| &signin.state) {
            Some(SignInState::Waiting(_)) => bail!("nobody is signed in: `happening login` signs in"),
            Some(SignInState::Failed(trouble, _)) => bail!("{}", crate::text::visible(&trouble.what)),
            None if ticked => {
                let loading = matches!(model.freshness(), Some(Freshness::Loading));
                quiet = if loading || model.feeds.in_flight() > 0 { 0 } else { quiet + 1 };
                if quiet >= QUIET {
                    return Ok(());
                }
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// The frame as lines, without air at their ends.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(crate::text::width(symbol)).unwrap_or(1).max(1);
        }
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    text
}
