//! One lane for each channel: what waits for it, and what is under way. So a channel that waits for somebody's server
//! delays no other.
//!
//! A lane that does not keep up is *slow*. It keeps few notifications waiting, and the others are deferred: put off in the
//! outbox, and acknowledged once the other channels are through with them. Otherwise what waits for the slow one would fill
//! the consumer's hands.

use super::channel::Undelivered;
use super::consumer::BATCH;
use super::{Channel, Worker};
use chrono::{DateTime, Duration as Span, Utc};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use happening_core::id::NotificationId;
use happening_core::wire::QueuedNotification;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A lane is slow while something has waited for so long.
const SLOW: Duration = Duration::from_secs(1);

/// What a slow lane keeps waiting.
const KEPT: usize = 100;

/// Pause of what is deferred: the shortest, the longest, and between two notifications. So they come back spread, at no
/// more than a rate that the queue bears beside everything else.
const FIRST_TURN: Span = Span::seconds(5);
const LAST_TURN: Span = Span::seconds(300);
const BETWEEN_TURNS: Span = Span::milliseconds(2);

/// A channel that is through with a notification, or was tried.
pub(super) struct Through {
    pub channel: &'static str,
    pub id: NotificationId,
    pub result: Result<(), Undelivered>,
}

/// All lanes.
pub(super) struct Lanes<'a> {
    worker: &'a Worker,
    lanes: Vec<Lane<'a>>,
}

struct Lane<'a> {
    channel: &'a dyn Channel,
    waiting: VecDeque<(Instant, Arc<QueuedNotification>)>,
    under_way: FuturesUnordered<BoxFuture<'a, Through>>,
    /// When the last one that was deferred comes back.
    last_turn: DateTime<Utc>,
}

impl<'a> Lanes<'a> {
    pub fn new(worker: &'a Worker) -> Self {
        let lane = |channel: &'a Arc<dyn Channel>| Lane {
            channel: &**channel,
            waiting: VecDeque::new(),
            under_way: FuturesUnordered::new(),
            last_turn: DateTime::UNIX_EPOCH,
        };
        Self { worker, lanes: worker.channels.iter().map(lane).collect() }
    }

    /// Names of the channels, by lane.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.lanes.iter().map(|lane| lane.channel.name())
    }

    /// Puts a notification into a lane; or says when it is to come back, because the lane is slow.
    pub fn enter(&mut self, lane: usize, message: &Arc<QueuedNotification>) -> Result<(), DateTime<Utc>> {
        let has_others = self.lanes.len() > 1;
        let now = self.worker.clock.now();
        let lane = &mut self.lanes[lane];
        if has_others && lane.is_slow() && lane.waiting.len() >= KEPT {
            return Err(lane.turn(now));
        }
        lane.waiting.push_back((Instant::now(), message.clone()));
        Ok(())
    }

    /// Takes what slow lanes have too many of: which, and when each comes back.
    pub fn relieve(&mut self) -> Vec<(NotificationId, DateTime<Utc>)> {
        let mut taken = Vec::new();
        if self.lanes.len() < 2 {
            return taken;
        }
        let now = self.worker.clock.now();
        for lane in self.lanes.iter_mut().filter(|lane| lane.is_slow()) {
            while lane.waiting.len() > KEPT
                && let Some((_, message)) = lane.waiting.pop_back()
            {
                taken.push((message.id, lane.turn(now)));
            }
        }
        taken
    }

    /// Waits until something is through, and returns what is. Dropped before it is ready, nothing is lost.
    pub async fn next(&mut self) -> Vec<Through> {
        let worker = self.worker;
        poll_fn(|context| {
            let mut through = Vec::new();
            for lane in &mut self.lanes {
                lane.poll(worker, context, &mut through);
            }
            if through.is_empty() { Poll::Pending } else { Poll::Ready(through) }
        })
        .await
    }
}

impl<'a> Lane<'a> {
    fn is_slow(&self) -> bool {
        self.waiting.front().is_some_and(|(since, _)| since.elapsed() >= SLOW)
    }

    /// When the next one that is deferred comes back.
    fn turn(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.last_turn = (self.last_turn + BETWEEN_TURNS).clamp(now + FIRST_TURN, now + LAST_TURN);
        self.last_turn
    }

    /// Begins what may begin, and collects what is through.
    fn poll(&mut self, worker: &'a Worker, context: &mut Context<'_>, through: &mut Vec<Through>) {
        let most = through.len() + BATCH;
        while through.len() < most {
            while self.under_way.len() < self.channel.at_once()
                && let Some((_, message)) = self.waiting.pop_front()
            {
                self.under_way.push(Box::pin(deliver(worker, self.channel, message)));
            }
            match self.under_way.poll_next_unpin(context) {
                Poll::Ready(Some(one)) => through.push(one),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
    }
}

/// One delivery, which has so long and no longer.
async fn deliver(worker: &Worker, channel: &dyn Channel, message: Arc<QueuedNotification>) -> Through {
    let delivered = tokio::time::timeout(worker.deadline, channel.deliver(&message)).await;
    let late = || anyhow::anyhow!("not delivered within {:?}", worker.deadline).into();
    let result = delivered.unwrap_or_else(|_| Err(late()));
    if let Err(Undelivered { reason, is_final }) = &result {
        tracing::warn!(notification = %message.id, channel = channel.name(), %reason, is_final, "not delivered");
    }
    Through { channel: channel.name(), id: message.id, result }
}
