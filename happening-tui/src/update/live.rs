//! What streams tell.

use super::feeds::{dirty, outdate_event};
use super::{jobs, notice, signed_out};
use crate::effect::Effect;
use crate::feed::Query;
use crate::message::EVERYTHING;
use crate::model::{Figure, Link, Model, Pane, Screen};
use crate::trouble::{Trouble, TroubleKind};
use happening_core::wire::{EventFigures, LiveMessage, Metrics, QueueStatus, SeatMap};

/// A stream told something.
pub fn heard(model: &mut Model, watch: u32, heard: Result<LiveMessage, Trouble>) -> Vec<Effect> {
    let everywhere = watch == EVERYTHING;
    match heard {
        Err(trouble) => {
            model.touched = true;
            let link = if everywhere { &mut model.stream } else { &mut model.event_stream };
            *link = Link::Lost;
            if everywhere {
                // Others' jobs are not told of any more.
                let own = model.job;
                model.data.jobs.retain(|job| own == Some(job.id));
            }
            match trouble.kind {
                TroubleKind::SignedOut => return signed_out(model, trouble),
                TroubleKind::Refused => notice(model, trouble),
                _ => {}
            }
        }
        Ok(message) => {
            let link = if everywhere { &mut model.stream } else { &mut model.event_stream };
            // What happened meanwhile is not known: ask again.
            let before = std::mem::replace(link, Link::Up);
            model.touched |= before != Link::Up;
            if before == Link::Lost {
                model.feeds.outdate_all();
            }
            if everywhere { of_everything(model, message) } else { of_event(model, message) }
        }
    }
    Vec::new()
}

fn of_everything(model: &mut Model, message: LiveMessage) {
    // Figures and measurements come all the time, and say themselves whether they are seen.
    model.touched |= !matches!(message, LiveMessage::Figures(_) | LiveMessage::Metrics(_));
    match message {
        LiveMessage::Overview { events, parts } => {
            for figures in &events {
                take_figures(model, figures);
            }
            if let Some(status) = &mut model.data.status {
                for (name, state) in parts {
                    if let Some(part) = status.parts.get_mut(&name) {
                        part.state = state;
                    }
                }
            }
        }
        LiveMessage::Figures(figures) => take_figures(model, &figures),
        LiveMessage::Metrics(metrics) => measured(model, *metrics),
        LiveMessage::Changed { event_id, status, total, sales_paused, .. } => {
            // The list brings the rest; that sales are paused must not be late.
            if let Some(event) = model.data.event_mut(event_id) {
                (event.status, event.total_slots, event.sales_paused) = (status, total, sales_paused);
                dirty(model, &[Pane::Events, Pane::WaitingEvents, Pane::Counters]);
            }
            model.feeds.outdate(&Query::Events);
            outdate_event(model, event_id);
        }
        LiveMessage::Deleted { event_id, .. } => {
            model.data.events.retain(|event| event.id != event_id);
            let events = std::mem::take(&mut model.data.events);
            model.data.set_events(events);
            dirty(model, &[Pane::Events, Pane::WaitingEvents, Pane::Counters]);
        }
        LiveMessage::Health { part, state } => {
            let known = model.data.status.as_mut().and_then(|status| status.parts.get_mut(&part));
            if let Some(known) = known {
                known.state = state;
            }
            model.feeds.outdate(&Query::Status);
        }
        _ => {}
    }
}

/// The figures of an event. One that is not known yet is asked for.
fn take_figures(model: &mut Model, figures: &EventFigures) {
    let place = model.data.places.get(&figures.event_id).copied();
    match place.and_then(|at| model.data.events.get_mut(at)) {
        Some(event) if event.version <= figures.version => {
            let is_new = event.version < figures.version;
            event.version = figures.version;
            event.available_slots = figures.available;
            event.waiting = figures.waiting;
            if let Some(total) = figures.total {
                event.total_slots = total;
            }
            let open = model.event.as_ref().is_some_and(|event| event.id == figures.event_id);
            model.touched |= open || model.screen == Screen::Overview;
            model.moved.insert(figures.event_id);
            if is_new {
                outdate_event(model, figures.event_id);
            }
        }
        Some(_) => {}
        None => model.feeds.outdate(&Query::Events),
    }
}

fn of_event(model: &mut Model, message: LiveMessage) {
    model.touched = true;
    let now = model.now;
    let Some(screen) = &mut model.event else { return };
    match message {
        LiveMessage::Snapshot { event_id, version, total, taken, held, available, waiting }
            if event_id == screen.id =>
        {
            screen.see(&SeatMap { total, taken, held, event: None }, now);
            screen.version = version;
            take_figures(model, &EventFigures { event_id, version, total: Some(total), available, waiting });
            outdate_event(model, event_id);
        }
        LiveMessage::Seats { event_id, version, booked, freed, withdrawn } if event_id == screen.id => {
            screen.change(&booked, &freed, &withdrawn, now);
            screen.version = version;
            outdate_event(model, event_id);
        }
        LiveMessage::Holds { event_id, held } if event_id == screen.id => screen.hold(&held),
        LiveMessage::Figures(figures) if figures.event_id == screen.id => {
            take_figures(model, &figures);
            outdate_event(model, figures.event_id);
        }
        LiveMessage::Promotion { event_id, seats, rest, .. } if event_id == screen.id => {
            let seats = crate::text::named_seats(&seats);
            let rest = if rest > 0 { format!(", waits for {rest} more") } else { String::new() };
            super::toast(model, format!("Promoted from the waitlist: {seats}{rest}"));
            outdate_event(model, event_id);
        }
        LiveMessage::Changed { event_id, total, .. } if event_id == screen.id => {
            screen.resize(total);
            model.feeds.outdate(&Query::Seats(event_id));
            outdate_event(model, event_id);
        }
        LiveMessage::Deleted { event_id, .. } if event_id == screen.id => {
            model.feeds.outdate(&Query::Seats(event_id));
        }
        _ => {}
    }
}

/// The daemon has measured itself: one more point on each chart.
fn measured(model: &mut Model, metrics: Metrics) {
    let interval = float(metrics.interval_ms.max(1)) / 1_000.0;
    let rate = |count: u64| float(count) / interval;
    let counts = &metrics.bookings;
    let values = Figure::ALL.map(|figure| match figure {
        Figure::Bookings => rate(counts.confirmed),
        Figure::Waits => rate(counts.waiting),
        Figure::Promotions => rate(counts.promoted),
        Figure::Cancellations => rate(counts.cancelled),
        Figure::Refusals => rate(counts.refused + counts.failed),
        Figure::Median => float(metrics.answer.p50_us) / 1_000.0,
        Figure::Slowest => float(metrics.answer.p99_us) / 1_000.0,
        Figure::Commands => float(metrics.engine_queue),
        Figure::Queue => float(metrics.queue.map_or(0, |queue| queue.ready)),
        Figure::Outbox => float(metrics.outbox.map_or(0, |outbox| outbox.pending)),
        Figure::Lag => float(metrics.outbox.and_then(|outbox| outbox.lag_seconds).unwrap_or(0)),
        Figure::Holds => float(metrics.holds.seats),
    });
    if let Some(status) = &mut model.data.status {
        for (name, pulse) in &metrics.parts {
            if let Some(part) = status.parts.get_mut(name) {
                part.state = pulse.state;
                part.latency_ms = pulse.latency_us.map(|us| float(us) / 1_000.0);
            }
        }
    }
    take_depths(model, &metrics);
    if let Some(open) = &metrics.jobs {
        jobs::told(model, open);
    }
    model.series.push(values);
    model.series.told = Some(model.now);
    let said = Some(metrics);
    let is_still = model.series.is_still(model.size.0.into()) && model.data.metrics == said;
    // Only the cockpit shows them.
    model.touched |= model.screen == Screen::Overview && !is_still;
    model.data.metrics = said;
}

/// What the screens of the queue show of the measured figures, and what they say is to be read again.
fn take_depths(model: &mut Model, metrics: &Metrics) {
    let before = model.data.metrics.as_ref().map(|before| (before.outbox, before.queue));
    let (outbox, queue) = before.unwrap_or_default();
    if (outbox, queue) != (metrics.outbox, metrics.queue) {
        model.feeds.outdate(&Query::Queue);
    }
    let did = &metrics.worker;
    if outbox != metrics.outbox || did.failed + did.parked > 0 {
        model.feeds.outdate(&Query::Undelivered);
        model.feeds.outdate(&Query::Parked);
    }
    model.touched |= model.screen == Screen::Queue && did.sent + did.failed > 0;
    if let Some(QueueStatus { worker, .. }) = &mut model.data.queue {
        (worker.sent, worker.failed) = (worker.sent + did.sent, worker.failed + did.failed);
    }
}

/// Figures stay far below where `f64` grows coarse.
fn float(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}
