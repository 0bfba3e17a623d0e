//! The event loop: messages come in over one bounded channel, the model changes, effects begin, a frame is drawn.

use crate::effect::Effect;
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
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages that may wait. Senders wait beyond that, ticks are left out.
pub const BACKLOG: usize = 1_024;

/// How often the time goes on.
const TICK: Duration = Duration::from_millis(250);

/// Between frames for what nobody waits for: a person sees no more of a stream.
const FRAME: Duration = Duration::from_millis(40);

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
    screen.draw(|frame| view(model, frame))?;
    let mut drawn = Instant::now();
    let mut wanted = Wanted::Nothing;
    loop {
        let next = match wanted {
            Wanted::Nothing => stop.run_until_cancelled(messages.recv()).await,
            // What is drawn soon may still be added to.
            _ => {
                match tokio::time::timeout_at(drawn + FRAME, stop.run_until_cancelled(messages.recv())).await
                {
                    Ok(next) => next,
                    Err(_) => Some(None),
                }
            }
        };
        let is_due = matches!((&next, wanted), (Some(None), Wanted::Soon));
        match next {
            Some(Some(message)) => {
                wanted = wanted.max(take(screen, model, runner, message)?);
                while let Ok(message) = messages.try_recv() {
                    wanted = wanted.max(take(screen, model, runner, message)?);
                }
            }
            Some(None) if is_due => {}
            _ => return Ok(None),
        }
        if model.end.is_some() {
            return Ok(model.end);
        }
        if wanted == Wanted::Now || wanted == Wanted::Soon && drawn.elapsed() >= FRAME {
            screen.draw(|frame| view(model, frame))?;
            drawn = Instant::now();
            wanted = Wanted::Nothing;
        }
    }
}

/// Whether a frame is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Nothing,
    Soon,
    Now,
}

/// Takes a message, and says how soon it is to be seen.
fn take(screen: &mut Screen, model: &mut Model, runner: &mut Runner, message: Message) -> io::Result<Wanted> {
    let wanted = match &message {
        Message::Key(_) | Message::Mouse(_) | Message::Paste(_) | Message::Resize(..) => Wanted::Now,
        // At rest only the seconds move.
        Message::Tick(now)
            if now.timestamp() == model.now.timestamp() && !model.is_animated() && !model.is_outdated() =>
        {
            Wanted::Nothing
        }
        Message::Called(_) => Wanted::Nothing,
        _ => Wanted::Soon,
    };
    for effect in update(model, message) {
        match effect {
            Effect::Copy(text) => Screen::copy(&text)?,
            Effect::Mouse(ours) => screen.mouse(ours)?,
            Effect::Suspend => screen.suspend()?,
            other => runner.run(other),
        }
    }
    Ok(wanted)
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
    clock_ticks(messages, clock, tasks, stop);
    Ok(())
}

/// Begins to tell the time.
pub fn clock_ticks(messages: &Sender<Message>, clock: Clock, tasks: &TaskTracker, stop: &CancellationToken) {
    let (ticks, until) = (messages.clone(), stop.clone());
    tasks.spawn(async move { until.run_until_cancelled(tick(ticks, clock)).await });
}

async fn keyboard(messages: Sender<Message>) {
    let mut events = EventStream::new();
    while let Some(Ok(event)) = events.next().await {
        let message = match event {
            Event::Key(key) => Message::Key(key),
            Event::Mouse(event) => Message::Mouse(event),
            Event::Paste(text) => Message::Paste(text),
            Event::Resize(width, height) => Message::Resize(width, height),
            Event::FocusGained | Event::FocusLost => continue,
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
