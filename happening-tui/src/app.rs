//! The event loop: messages come in over one bounded channel, the model changes, effects begin, a frame is drawn.

use crate::message::{Message, Signal};
use crate::model::{End, Model};
use crate::runner::Runner;
use crate::terminal::Screen;
use crate::update::{start, update};
use crate::view::view;
use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;
use happening_core::clock::Clock;
use std::io;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages that may wait. Senders wait beyond that, ticks are left out.
pub const BACKLOG: usize = 256;

/// How often the time goes on.
const TICK: Duration = Duration::from_millis(250);

/// Runs until the person quits, a signal comes, or a task panics; then `None`.
pub async fn run(
    screen: &mut Screen,
    model: &mut Model,
    runner: &mut Runner,
    messages: &mut Receiver<Message>,
    stop: &CancellationToken,
) -> io::Result<Option<End>> {
    for effect in start(model) {
        runner.run(effect);
    }
    loop {
        screen.draw(|frame| view(model, frame))?;
        let Some(Some(message)) = stop.run_until_cancelled(messages.recv()).await else {
            return Ok(None);
        };
        let mut next = Some(message);
        // All that has come meanwhile goes into one frame.
        while let Some(message) = next {
            for effect in update(model, message) {
                runner.run(effect);
            }
            if model.end.is_some() {
                return Ok(model.end);
            }
            next = messages.try_recv().ok();
        }
    }
}

/// Begins to listen to the keyboard, the clock and signals.
pub fn listen(
    messages: &Sender<Message>,
    clock: Clock,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> io::Result<()> {
    for (kind, told) in [
        (SignalKind::terminate(), Signal::Terminate),
        (SignalKind::hangup(), Signal::HangUp),
        (SignalKind::interrupt(), Signal::Interrupt),
    ] {
        let mut signals = signal(kind)?;
        let (messages, stop) = (messages.clone(), stop.clone());
        tasks.spawn(async move {
            while let Some(Some(())) = stop.run_until_cancelled(signals.recv()).await {
                let _over = messages.send(Message::Signal(told)).await;
            }
        });
    }
    let (keys, until) = (messages.clone(), stop.clone());
    tasks.spawn(async move { until.run_until_cancelled(keyboard(keys)).await });
    let (ticks, until) = (messages.clone(), stop.clone());
    tasks.spawn(async move { until.run_until_cancelled(tick(ticks, clock)).await });
    Ok(())
}

async fn keyboard(messages: Sender<Message>) {
    let mut events = EventStream::new();
    while let Some(Ok(event)) = events.next().await {
        let message = match event {
            Event::Key(key) => Message::Key(key),
            Event::Paste(text) => Message::Paste(text),
            Event::Resize(width, height) => Message::Resize(width, height),
            Event::FocusGained | Event::FocusLost | Event::Mouse(_) => continue,
        };
        if messages.send(message).await.is_err() {
            return;
        }
    }
    // The terminal is gone.
    let _over = messages.send(Message::Signal(Signal::HangUp)).await;
}

async fn tick(messages: Sender<Message>, clock: Clock) {
    let mut time = interval(TICK);
    time.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        time.tick().await;
        // A loop that is busy needs no more ticks than it has.
        let _full = messages.try_send(Message::Tick(clock.now()));
    }
}
