//! The event loop: messages come in over two bounded channels, the model changes, effects begin, and a frame is drawn where it
//! would show anything new.

use crate::effect::Effect;
use crate::late::LateAnswer;
use crate::message::{Message, Signal};
use crate::model::{End, Model, Moment};
use crate::runner::Runner;
use crate::terminal::Screen;
use crate::update::{start, update};
use crate::view::view;
use crossterm::event::{Event, EventStream, MouseEventKind};
use futures::StreamExt as _;
use happening_core::clock::Clock;
use std::io;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages that may wait in each of them. Senders wait beyond that, ticks are left out.
pub const BACKLOG: usize = 1_024;

/// How often the time goes on.
const TICK: Duration = Duration::from_millis(250);

/// Between frames for what nobody waits for: a person sees no more of a stream.
const FRAME: Duration = Duration::from_millis(40);

/// For so long keys are taken before what they have changed is drawn: who pastes, or leans on a key, sees the end of it.
const KEYS: Duration = Duration::from_millis(10);

/// What comes in. Keys have a way of their own, so that none waits behind what a stream tells.
pub struct Inbox {
    /// From the terminal and from signals.
    pub keys: Receiver<Message>,
    /// From tasks and the clock.
    pub told: Receiver<Message>,
}

impl Inbox {
    /// Takes no more. Whoever waits to send is let go.
    pub fn close(&mut self) {
        self.keys.close();
        self.told.close();
    }
}

/// Runs until the person quits, a signal comes, or a task panics; then `None`.
pub async fn run(
    screen: &mut Screen,
    model: &mut Model,
    runner: &mut Runner,
    inbox: &mut Inbox,
    stop: &CancellationToken,
) -> io::Result<Option<End>> {
    for effect in start(model) {
        runner.run(effect);
    }
    let mut moment = Moment::of(model);
    let mut drawn = draw(screen, model, &mut moment)?;
    loop {
        // What is drawn soon may still be added to.
        let wanted = model.wants_frame(&moment);
        let is_key = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(None),
            Some(message) = inbox.keys.recv() => {
                take(screen, model, runner, message)?;
                let begun = Instant::now();
                while begun.elapsed() < KEYS && model.end.is_none() {
                    let Ok(message) = inbox.keys.try_recv() else { break };
                    take(screen, model, runner, message)?;
                }
                true
            }
            () = tokio::time::sleep_until(drawn + FRAME), if wanted => true,
            Some(message) = inbox.told.recv() => {
                take(screen, model, runner, message)?;
                false
            }
            else => return Ok(None),
        };
        if model.end.is_some() {
            return Ok(model.end);
        }
        if is_key && model.wants_frame(&moment) {
            drawn = draw(screen, model, &mut moment)?;
        }
    }
}

/// Draws a frame, and says when.
fn draw(screen: &mut Screen, model: &mut Model, moment: &mut Moment) -> io::Result<Instant> {
    screen.draw(|frame| view(model, frame))?;
    model.touched = false;
    *moment = Moment::of(model);
    Ok(Instant::now())
}

/// Takes a message, and begins what comes of it.
fn take(screen: &mut Screen, model: &mut Model, runner: &mut Runner, message: Message) -> io::Result<()> {
    for effect in update(model, message) {
        match effect {
            Effect::Copy(text) => Screen::copy(&text)?,
            Effect::Mouse(ours) => screen.mouse(ours)?,
            Effect::Suspend => screen.suspend()?,
            other => runner.run(other),
        }
    }
    Ok(())
}

/// Begins to listen to the keyboard and to signals.
pub fn listen(messages: &Sender<Message>, tasks: &TaskTracker, stop: &CancellationToken) -> io::Result<()> {
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
    #[cfg(debug_assertions)]
    tasks.spawn(stop.clone().run_until_cancelled_owned(panics(signal(SignalKind::user_defined1())?)));
    let (keys, until) = (messages.clone(), stop.clone());
    tasks.spawn(async move { until.run_until_cancelled(keyboard(keys)).await });
    Ok(())
}

/// Panics when it is told to: so that a test can see what becomes of the terminal. Not in release builds.
#[cfg(debug_assertions)]
async fn panics(mut told: tokio::signal::unix::Signal) {
    told.recv().await;
    panic!("told to by SIGUSR1");
}

/// Begins to tell the time.
pub fn clock_ticks(messages: &Sender<Message>, clock: Clock, tasks: &TaskTracker, stop: &CancellationToken) {
    let (ticks, until) = (messages.clone(), stop.clone());
    tasks.spawn(async move { until.run_until_cancelled(tick(ticks, clock)).await });
}

async fn keyboard(messages: Sender<Message>) {
    let (mut events, mut late) = (EventStream::new(), LateAnswer::default());
    while let Some(Ok(event)) = events.next().await {
        if late.swallows(&event) {
            continue;
        }
        let message = match event {
            Event::Key(key) => Message::Key(key),
            // Nothing follows a pointer that only passes by.
            Event::Mouse(event) if event.kind == MouseEventKind::Moved => continue,
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
