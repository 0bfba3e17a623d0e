//! What the screen wants to know, when it is asked again, and what becomes of the answers.

use super::{jobs, notice, signed_out};
use crate::effect::Effect;
use crate::feed::{Answer, Query};
use crate::model::data::of;
use crate::model::{Link, Model, Pane, RowKey, Screen};
use crate::trouble::{Trouble, TroubleKind};
use chrono::TimeDelta;
use happening_core::id::EventId;
use happening_core::wire::{BookingStatus, BookingWithEvent, EventBooking};

/// Questions that are asked at a time.
const AT_ONCE: usize = 8;

/// Beyond so many bookings of an event the list is not read again with each change.
const MANY_BOOKINGS: usize = 2_000;

/// How old answers may be that no stream tells of, in seconds. Nothing tells of organizations, of people, of the audit log, and
/// of what somebody changes in Redis by hand.
const UNTOLD: i64 = 10;

/// The same for what a stream tells of: read again only to be sure.
const TOLD: i64 = 60;

/// What the screen wants to know, and how old it may be.
///
/// What a stream tells of is asked again when it says that something changed ([`crate::update::live`]). Without the stream, and
/// for what none tells of, it is asked after this time.
pub fn wanted(model: &Model) -> Vec<(Query, TimeDelta)> {
    let seconds = TimeDelta::seconds;
    let mut wanted = vec![(Query::Organizations, seconds(60))];
    if !model.may_look() {
        return wanted;
    }
    let told = |without: i64| told(model.stream, without);
    let events = (Query::Events, told(2));
    match model.screen {
        Screen::Overview => wanted.extend([
            // Sums of the engine, the reconciler and Keycloak are in no message.
            (Query::Status, seconds(if model.stream == Link::Up { UNTOLD } else { 2 })),
            (Query::Queue, of_the_queue(model)),
            (Query::Drifts, seconds(30)),
            events,
        ]),
        Screen::Organizations => {
            wanted[0].1 = seconds(UNTOLD);
            if let Some(id) = model.selected_organization() {
                let of = [Query::Members(id), Query::Invites(id), Query::ServiceAccounts(id)];
                wanted.extend(of.map(|query| (query, seconds(UNTOLD))));
            }
        }
        Screen::Events => wanted.push(events),
        Screen::Event => wanted.extend(about_event(model)),
        Screen::Bookings => wanted.extend(about_people(model)),
        Screen::Waitlists => {
            wanted.push(events);
            if let Some(event) = model.selected_event(Pane::WaitingEvents) {
                wanted.push((Query::Line(event), told(3)));
            }
            if let Some(RowKey::Booking(id)) = model.table_of(Pane::Parties).and_then(|table| table.key()) {
                wanted.push((Query::Why(*id), told(5)));
            }
        }
        Screen::Queue => wanted.extend([
            (Query::Queue, of_the_queue(model)),
            (Query::Parked, told(3)),
            (Query::Undelivered, told(3)),
            (Query::Events, seconds(120)),
        ]),
        Screen::Redis => {
            wanted.extend([
                events,
                (Query::Drifts, seconds(UNTOLD)),
                (Query::Keys(model.keys_wanted.clone()), seconds(UNTOLD)),
            ]);
            if let Some(event) = model.selected_event(Pane::Counters) {
                // Holds run out by the second, and keys are changed by hand.
                wanted.push((Query::Inspect(event), seconds(2)));
                // The counters know ids alone: the line says what those who wait are called.
                if model.data.event(event).is_some_and(|event| event.waiting > 0) {
                    wanted.push((Query::Line(event), told(3)));
                }
            }
        }
        Screen::Audit => wanted.push((Query::Audit(model.audit_wanted.clone()), seconds(5))),
        Screen::Log => {}
    }
    wanted
}

/// How old what a stream tells of may be.
fn told(stream: Link, without: i64) -> TimeDelta {
    TimeDelta::seconds(if stream == Link::Up { TOLD } else { without })
}

/// Depths are told by the stream; the queue's rates are not.
fn of_the_queue(model: &Model) -> TimeDelta {
    TimeDelta::seconds(if model.stream == Link::Up { UNTOLD } else { 2 })
}

/// Their bookings change with events, which the stream tells of. What is booked for them at another event no message tells.
fn about_people(model: &Model) -> Vec<(Query, TimeDelta)> {
    let age = TimeDelta::seconds(if model.stream == Link::Up { UNTOLD } else { 5 });
    let mut wanted = vec![(Query::People(model.people_wanted.clone()), TimeDelta::seconds(60))];
    if let Some(person) = model.selected_person(Pane::People) {
        wanted.extend([(Query::BookingsOf(person), age), (Query::Told(person), age)]);
    }
    wanted.extend(about_booking(model, Pane::PersonBookings, model.stream));
    wanted
}

fn about_event(model: &Model) -> Vec<(Query, TimeDelta)> {
    let Some(event) = model.event.as_ref().filter(|event| !event.gone) else { return Vec::new() };
    let stream = model.event_stream;
    let many =
        model.data.bookings_at.as_ref().is_some_and(|(_, (bookings, _))| bookings.len() > MANY_BOOKINGS);
    let mut wanted = vec![
        (Query::Seats(event.id), told(stream, 2)),
        (Query::Line(event.id), told(stream, 2)),
        // A long list is not read again with each change.
        (Query::BookingsAt(event.id), if many { TimeDelta::seconds(15) } else { told(stream, 3) }),
    ];
    match model.target_booking().filter(|_| model.pane() == Pane::Seats) {
        Some(booking) => wanted.push((Query::Booking(booking.id), told(stream, 5))),
        None => wanted.extend(about_booking(model, Pane::EventBookings, stream)),
    }
    if let Some(RowKey::Booking(id)) = model.table_of(Pane::Line).and_then(|table| table.key()) {
        wanted.push((Query::Why(*id), told(stream, 5)));
    }
    wanted
}

/// The booking under the cursor with its history, and why it waits.
fn about_booking(model: &Model, pane: Pane, stream: Link) -> Vec<(Query, TimeDelta)> {
    let Some(RowKey::Booking(id)) = model.table_of(pane).and_then(|table| table.key()) else {
        return Vec::new();
    };
    let mut wanted = vec![(Query::Booking(*id), told(stream, 5))];
    if model.booking(pane, *id).is_some_and(|booking| booking.status == BookingStatus::Waiting) {
        wanted.push((Query::Why(*id), told(stream, 5)));
    }
    wanted
}

/// The question by which the screen's freshness is measured, how old its answer may be, and the stream that tells of it.
pub fn main(model: &Model) -> Option<(Query, TimeDelta, Link)> {
    let link = match model.screen {
        Screen::Event => model.event_stream,
        Screen::Overview | Screen::Events | Screen::Waitlists | Screen::Queue | Screen::Bookings => {
            model.stream
        }
        _ => Link::Off,
    };
    let main = match model.screen {
        Screen::Organizations => Query::Organizations,
        Screen::Log => return None,
        Screen::Redis => Query::Drifts,
        Screen::Overview => Query::Status,
        _ => {
            let wanted = wanted(model);
            let (query, age) = wanted.get(1)?;
            return Some((query.clone(), *age, link));
        }
    };
    let age = wanted(model).into_iter().find(|(query, _)| *query == main)?.1;
    Some((main, age, link))
}

/// Asks what it is time to ask.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    if model.signin.is_some() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    for (query, age) in wanted(model).into_iter().chain(jobs::wanted(model)) {
        let room = model.feeds.in_flight() < AT_ONCE;
        // What was looked at in between has taken the place of what was known.
        if !model.data.has(&query) && model.feeds.of(&query).seen.is_some() {
            model.feeds.outdate(&query);
        }
        if room && model.feeds.is_due(&query, age, model.now) {
            model.feeds.ask(query.clone(), model.now);
            effects.push(Effect::Ask { attempt: model.attempt, query });
        }
    }
    effects.extend(look_for_people(model));
    effects.extend(look_for_members(model));
    effects
}

/// A form may offer the members of an organization alone.
fn look_for_members(model: &mut Model) -> Option<Effect> {
    let query = Query::Members(super::forms::members_wanted(model)?);
    if !model.data.has(&query) && model.feeds.of(&query).seen.is_some() {
        model.feeds.outdate(&query);
    }
    model.feeds.is_due(&query, TimeDelta::seconds(60), model.now).then(|| {
        model.feeds.ask(query.clone(), model.now);
        Effect::Ask { attempt: model.attempt, query }
    })
}

/// A form may be looking for a person.
fn look_for_people(model: &mut Model) -> Option<Effect> {
    let text = super::forms::person_wanted(model)?;
    let query = Query::People(text);
    model.feeds.is_due(&query, TimeDelta::seconds(60), model.now).then(|| {
        model.feeds.ask(query.clone(), model.now);
        Effect::Ask { attempt: model.attempt, query }
    })
}

/// A question was answered.
pub fn answered(model: &mut Model, query: Query, answer: Result<Answer, Trouble>) -> Vec<Effect> {
    let now = model.now;
    let before = model.feeds.of(&query);
    // The first answer takes the place of what was said instead of it, and so does one after a failure.
    model.touched |= before.seen.is_none() || before.trouble.as_ref() != answer.as_ref().err();
    match answer {
        Ok(answer) => {
            model.feeds.answered(&query, None, now);
            take(model, query, answer);
            Vec::new()
        }
        Err(trouble) => {
            model.feeds.answered(&query, Some(trouble.clone()), now);
            refused(model, &query, trouble)
        }
    }
}

fn refused(model: &mut Model, query: &Query, trouble: Trouble) -> Vec<Effect> {
    match (trouble.kind, query) {
        (TroubleKind::SignedOut, _) => return signed_out(model, trouble),
        (TroubleKind::Gone, Query::Seats(id)) => return super::go::gone(model, *id, trouble),
        // It heals by itself.
        (TroubleKind::Away, _) => {}
        (_, Query::Job(_)) => {
            model.job = None;
            notice(model, trouble);
        }
        // What is looked at by the way may be gone, or not for this person to see; its pane says so.
        (TroubleKind::Gone | TroubleKind::Refused, query) if is_by_the_way(query) => {}
        _ => notice(model, trouble),
    }
    Vec::new()
}

/// Whether a screen is of use without this answer.
fn is_by_the_way(query: &Query) -> bool {
    matches!(
        query,
        Query::Why(_)
            | Query::Booking(_)
            | Query::Inspect(_)
            | Query::Line(_)
            | Query::BookingsAt(_)
            | Query::Invites(_)
            | Query::ServiceAccounts(_)
            | Query::Members(_)
            | Query::Organizations
            | Query::People(_)
    )
}

/// Takes what was said to its place. Of what has been said before nothing is made anew.
fn take(model: &mut Model, query: Query, answer: Answer) {
    let data = &mut model.data;
    match (query, answer) {
        (_, Answer::Events(events)) => {
            if data.events != events {
                data.set_events(events);
                news(model, &[Pane::Events, Pane::WaitingEvents, Pane::Counters, Pane::Parked, Pane::Audit]);
            }
        }
        (_, Answer::Organizations(organizations)) => {
            data.names.extend(organizations.iter().map(|one| (one.id, one.name.clone())));
            if put(&mut data.organizations, organizations) {
                news(model, &[Pane::Organizations, Pane::Events, Pane::WaitingEvents, Pane::Audit]);
            }
        }
        (Query::Members(id), Answer::Members(members)) => {
            data.usernames.extend(members.iter().map(|one| (one.id, one.username.clone())));
            if put(&mut data.members, Some((id, members))) {
                news(model, &[Pane::Members]);
            }
        }
        (Query::Invites(id), Answer::Invites(invites)) => {
            if put(&mut data.invites, Some((id, invites))) {
                news(model, &[Pane::Invites]);
            }
        }
        (Query::ServiceAccounts(id), Answer::ServiceAccounts(accounts)) => {
            data.service_accounts = Some((id, accounts));
            dirty(model, &[Pane::ServiceAccounts]);
        }
        (Query::Seats(id), Answer::Seats(event, map)) => {
            let new = data.event(id) != Some(&*event);
            data.set_event(*event);
            let now = model.now;
            // A stream that tells has newer seats than an answer that was asked for before.
            if let Some(screen) = model.event.as_mut().filter(|screen| screen.id == id)
                && (model.event_stream != Link::Up || !screen.seen)
            {
                model.touched |= screen.see(&map, now);
            }
            if new {
                news(model, &[Pane::Events]);
            }
        }
        (Query::Line(id), Answer::Line(parties)) => {
            let names = parties.iter().filter_map(|one| Some((one.user_id, one.username.clone()?)));
            data.usernames.extend(names);
            if put(&mut data.line, Some((id, parties))) {
                news(model, &[Pane::Line, Pane::Parties]);
            }
        }
        (Query::BookingsAt(id), Answer::BookingsAt(bookings, more)) => {
            let names = bookings.iter().filter_map(|one| Some((one.booking.user_id, one.username.clone()?)));
            data.usernames.extend(names);
            data.sitting = sitting(&bookings);
            if put(&mut data.bookings_at, Some((id, (bookings, more)))) {
                news(model, &[Pane::EventBookings]);
            }
        }
        (query, answer) => take_more(model, query, answer),
    }
}

fn take_more(model: &mut Model, query: Query, answer: Answer) {
    let data = &mut model.data;
    let (new, panes): (bool, &[Pane]) = match (query, answer) {
        (Query::People(text), Answer::People(people)) => {
            data.usernames.extend(people.iter().map(|one| (one.id, one.username.clone())));
            let new = data.found(&text) != Some(people.as_slice());
            data.set_found(text, people);
            (new, &[Pane::People])
        }
        (Query::BookingsOf(id), Answer::BookingsOf(bookings)) => {
            (put(&mut data.bookings_of, Some((id, bookings))), &[Pane::PersonBookings])
        }
        (Query::Told(id), Answer::Told(told)) => (put(&mut data.told, Some((id, told))), &[Pane::Told]),
        (Query::Booking(id), Answer::Booking(booking, history)) => {
            (put(&mut data.booking, Some((id, (*booking, history)))), &[])
        }
        (Query::Why(id), Answer::Why(why)) => (put(&mut data.why, Some((id, *why))), &[]),
        (_, Answer::Status(status)) => (put(&mut data.status, Some(*status)), &[]),
        (_, Answer::Queue(queue)) => (put(&mut data.queue, Some(*queue)), &[]),
        (_, Answer::Parked(parked)) => (put(&mut data.parked, parked), &[Pane::Parked]),
        (_, Answer::Undelivered(undelivered)) => {
            let names = undelivered.iter().filter_map(|one| Some((one.user_id, one.username.clone()?)));
            data.usernames.extend(names);
            (put(&mut data.undelivered, undelivered), &[Pane::Undelivered, Pane::Parked])
        }
        (_, Answer::Job(job)) => return jobs::seen(model, *job),
        (_, Answer::Drifts(drifts)) => (put(&mut data.drifts, Some(drifts)), &[Pane::Counters]),
        (Query::Inspect(id), Answer::Inspect(inspected)) => {
            (put(&mut data.inspected, Some((id, *inspected))), &[])
        }
        (Query::Keys(pattern), Answer::Keys(keys, more)) => {
            (put(&mut data.keys, Some((pattern, (keys, more)))), &[Pane::Keys])
        }
        (_, Answer::Audit(records)) => {
            let names = records.iter().filter_map(|one| Some((one.actor_id?, one.actor_username.clone()?)));
            data.usernames.extend(names);
            (put(&mut data.audit, records), &[Pane::Audit])
        }
        _ => return,
    };
    if new {
        news(model, panes);
    }
}

/// Puts what was said into its place. Whether it is anything new.
fn put<T: PartialEq>(place: &mut T, said: T) -> bool {
    let new = *place != said;
    *place = said;
    new
}

/// There is something new to be seen, in these tables too.
fn news(model: &mut Model, panes: &[Pane]) {
    model.touched = true;
    dirty(model, panes);
}

/// Who sits where.
fn sitting(bookings: &[EventBooking]) -> std::collections::HashMap<u32, usize> {
    let seats = bookings
        .iter()
        .enumerate()
        .flat_map(|(at, found)| found.booking.assigned_seats.iter().flatten().map(move |seat| (*seat, at)));
    seats.collect()
}

/// The rows of these tables are to be made again.
pub fn dirty(model: &mut Model, panes: &[Pane]) {
    model.dirty.extend(panes);
}

/// Something was committed at an event: what was read of it is not so any more.
pub fn outdate_event(model: &mut Model, event: EventId) {
    let data = &model.data;
    let mut old = vec![Query::Line(event)];
    let bookings = of(&data.bookings_at, &event).map_or(0, |(bookings, _)| bookings.len());
    if bookings <= MANY_BOOKINGS {
        old.push(Query::BookingsAt(event));
    }
    if let Some((id, _)) = data.why.as_ref().filter(|(_, why)| why.event_id == event) {
        old.push(Query::Why(*id));
    }
    if let Some((id, _)) = data.booking.as_ref().filter(|(_, (booking, _))| booking.event_id == event) {
        old.push(Query::Booking(*id));
    }
    let is_there = |bookings: &Vec<BookingWithEvent>| bookings.iter().any(|one| one.event_id == event);
    if let Some((id, _)) = data.bookings_of.as_ref().filter(|(_, bookings)| is_there(bookings)) {
        old.extend([Query::BookingsOf(*id), Query::Told(*id)]);
    }
    for query in old {
        model.feeds.outdate(&query);
    }
}

/// The question that a table's rows come from.
pub fn query_of(model: &Model, pane: Pane) -> Option<Query> {
    let open = || model.event.as_ref().map(|event| event.id);
    Some(match pane {
        Pane::Charts | Pane::Log => return None,
        Pane::Events | Pane::WaitingEvents | Pane::Counters => Query::Events,
        Pane::Organizations => Query::Organizations,
        Pane::Members => Query::Members(model.selected_organization()?),
        Pane::Invites => Query::Invites(model.selected_organization()?),
        Pane::ServiceAccounts => Query::ServiceAccounts(model.selected_organization()?),
        Pane::Seats => Query::Seats(open()?),
        Pane::Line => Query::Line(open()?),
        Pane::EventBookings => Query::BookingsAt(open()?),
        Pane::People => Query::People(model.people_wanted.clone()),
        Pane::PersonBookings => Query::BookingsOf(model.selected_person(Pane::People)?),
        Pane::Told => Query::Told(model.selected_person(Pane::People)?),
        Pane::Parties => Query::Line(model.selected_event(Pane::WaitingEvents)?),
        Pane::Parked => Query::Parked,
        Pane::Undelivered => Query::Undelivered,
        Pane::Keys => Query::Keys(model.keys_wanted.clone()),
        Pane::Audit => Query::Audit(model.audit_wanted.clone()),
    })
}
