//! What must hold after a crowd, whatever it did.

use super::books::{Books, PAGE};
use super::crowd::{Cancelled, Limits, Tally, Told};
use crate::output::{Check, Verdict};
use crate::trial::{Mismatch, expect};
use happening_core::id::BookingId;
use happening_core::wire::{Booking, BookingStatus, NotificationType, WaitingParty, WaitlistPolicy};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio::time::Instant;

type Rule = fn(&Books, &Tally, &Limits) -> Result<(), Finding>;

/// What is the matter with a rule.
enum Finding {
    Broken(Mismatch),
    /// It cannot be told, and why.
    Untold(&'static str),
}

impl From<Mismatch> for Finding {
    fn from(mismatch: Mismatch) -> Self {
        Self::Broken(mismatch)
    }
}

const RULES: &[(&str, Rule)] = &[
    ("bookings were answered", answered),
    ("no seat is booked twice", no_seat_twice),
    ("no more seats are booked than there are", within_capacity),
    ("free seats are those that nobody has", counts_agree),
    ("the line is in order", in_order),
    ("every answer was kept", kept),
    ("nothing is booked that nobody asked for", nothing_else),
    ("everybody was told once", told_once),
    ("the counters agree with the truth", counters_agree),
];

/// Looks at all of it.
pub fn all(books: &Books, tally: &Tally, limits: &Limits) -> Vec<Check> {
    let check = |&(name, rule): &(&'static str, Rule)| {
        let begun = Instant::now();
        let verdict = match rule(books, tally, limits) {
            Ok(()) => Verdict::Passed,
            Err(Finding::Broken(Mismatch { expected, got })) => {
                Verdict::Failed { expected, got, request_id: None }
            }
            Err(Finding::Untold(why)) => Verdict::Skipped { why: why.to_owned() },
        };
        Check::new(name, verdict, begun.elapsed())
    };
    RULES.iter().map(check).collect()
}

fn answered(_: &Books, tally: &Tally, _: &Limits) -> Result<(), Finding> {
    if tally.told.is_empty() {
        let errors: Vec<_> = tally.errors.iter().map(|(code, count)| format!("{count} {code}")).collect();
        return Err(Mismatch::new("bookings", format!("only errors: {}", errors.join(", "))).into());
    }
    Ok(())
}

fn seats_of(booking: &Booking) -> &[u32] {
    let has_any = booking.status == BookingStatus::Confirmed;
    booking.assigned_seats.as_deref().filter(|_| has_any).unwrap_or_default()
}

fn no_seat_twice(books: &Books, _: &Tally, _: &Limits) -> Result<(), Finding> {
    let mut owners = HashMap::new();
    for found in &books.bookings {
        for &seat in seats_of(&found.booking) {
            if let Some(other) = owners.insert(seat, found.booking.id) {
                let got = format!("seat {seat} with {other} and {}", found.booking.id);
                return Err(Mismatch::new("each seat with one booking", got).into());
            }
        }
    }
    Ok(())
}

fn within_capacity(books: &Books, _: &Tally, _: &Limits) -> Result<(), Finding> {
    let confirmed = books.bookings.iter().filter(|found| found.booking.status == BookingStatus::Confirmed);
    let booked: u64 = confirmed.map(|found| u64::from(found.booking.seats)).sum();
    let total = books.event.total_slots;
    if booked > u64::from(total) {
        return Err(Mismatch::new(format!("at most {total} seats"), booked.to_string()).into());
    }
    Ok(())
}

fn counts_agree(books: &Books, _: &Tally, _: &Limits) -> Result<(), Finding> {
    let taken: BTreeSet<u32> =
        books.bookings.iter().flat_map(|found| seats_of(&found.booking)).copied().collect();
    let on_map: BTreeSet<u32> = books.seats.taken.iter().copied().collect();
    if let Some(seat) = taken.symmetric_difference(&on_map).next() {
        let expected = "the same seats on the map and in the bookings";
        return Err(Mismatch::new(expected, format!("seat {seat} in one of them")).into());
    }
    let booked = u32::try_from(taken.len()).unwrap_or(u32::MAX);
    let free = books.event.total_slots.saturating_sub(booked);
    Ok(expect("free seats", &free, &books.event.available_slots)?)
}

fn in_order(books: &Books, tally: &Tally, _: &Limits) -> Result<(), Finding> {
    let waiting =
        books.bookings.iter().filter(|found| found.booking.status == BookingStatus::Waiting).count();
    expect("waiting parties", &waiting, &(books.event.waiting as usize))?;
    // A longer line is told only up to here.
    expect("the line's length", &waiting.min(PAGE), &books.waitlist.len())?;
    for (place, party) in (1..).zip(&books.waitlist) {
        expect("the number at a place in line", &place, &party.waiting_number)?;
    }
    if waiting > 0 && books.event.waitlist_policy == WaitlistPolicy::Split {
        expect("free seats while somebody waits", &0, &books.event.available_slots)?;
    }
    Ok(first_come(&books.waitlist, &tally.told)?)
}

/// Of those who still wait, who was answered before another one asked stands before that one.
fn first_come(waitlist: &[WaitingParty], told: &[Told]) -> Result<(), Mismatch> {
    let told: HashMap<BookingId, &Told> = told.iter().map(|told| (told.booking.id, told)).collect();
    let in_line = |party: &WaitingParty| Some((party.waiting_number, *told.get(&party.booking_id)?));
    let line = waitlist.iter().rev().filter_map(in_line);
    let mut behind: Option<(u64, Instant)> = None;
    for (number, told) in line {
        if let Some((later, _)) = behind.filter(|(_, answered)| *answered < told.sent) {
            let expected = format!("a place behind {later} for who asked after it was answered");
            return Err(Mismatch::new(expected, number.to_string()));
        }
        if behind.is_none_or(|(_, answered)| told.answered < answered) {
            behind = Some((number, told.answered));
        }
    }
    Ok(())
}

fn kept(books: &Books, tally: &Tally, _: &Limits) -> Result<(), Finding> {
    let found: HashMap<BookingId, &Booking> =
        books.bookings.iter().map(|found| (found.booking.id, &found.booking)).collect();
    for told in &tally.told {
        let id = told.booking.id;
        let Some(booking) = found.get(&id) else {
            return Err(Mismatch::new(format!("booking {id}, which was acknowledged"), "none").into());
        };
        let is_kept = match (told.cancelled, booking.status) {
            (Some(Cancelled::Yes), status) => status == BookingStatus::Cancelled,
            (Some(Cancelled::Unknown), BookingStatus::Cancelled) => true,
            // A party that waits for its rest leaves the line once its person has given back as many seats.
            (_, BookingStatus::Cancelled) => books.gave_back.contains(&id),
            // Whoever waited may have been served meanwhile; whoever had seats has the same.
            _ => told.waited() || told.booking.assigned_seats == booking.assigned_seats,
        };
        if !is_kept {
            let say = |booking: &Booking| format!("{} {:?}", booking.status, seats_of(booking));
            let cancelled = if told.cancelled.is_some() { " and cancelled" } else { "" };
            let expected = format!("booking {id} as it was acknowledged: {}{cancelled}", say(&told.booking));
            return Err(Mismatch::new(expected, say(booking)).into());
        }
    }
    Ok(())
}

fn nothing_else(books: &Books, tally: &Tally, limits: &Limits) -> Result<(), Finding> {
    // Part of a party is served as a booking of its own.
    if limits.party > 1 && !books.bookings.is_empty() {
        return Err(Finding::Untold("parties may be served in parts"));
    }
    let asked = tally.told.len() as u64 + tally.unknown;
    let found = books.bookings.len() as u64;
    if found > asked {
        return Err(Mismatch::new(format!("at most {asked} bookings"), found.to_string()).into());
    }
    Ok(())
}

fn told_once(books: &Books, tally: &Tally, _: &Limits) -> Result<(), Finding> {
    // Of a long list only the newest are told.
    let oldest = books.notifications.last().filter(|_| books.notifications.len() >= PAGE);
    let since = oldest.map(|oldest| oldest.created_at);
    let mut counts: BTreeMap<(BookingId, NotificationType), u32> = BTreeMap::new();
    for told in &books.notifications {
        if let Some(booking) = told.booking_id {
            *counts.entry((booking, told.kind)).or_default() += 1;
        }
    }
    let mut looked_at = 0;
    for told in &tally.told {
        if since.is_some_and(|since| told.booking.created_at <= since) {
            continue;
        }
        let kind = match told.booking.status {
            BookingStatus::Waiting => NotificationType::BookingWaitlisted,
            BookingStatus::Confirmed | BookingStatus::Cancelled => NotificationType::BookingConfirmed,
        };
        let count = counts.get(&(told.booking.id, kind)).copied().unwrap_or_default();
        expect(&format!("`{kind}` of booking {}", told.booking.id), &1, &count)?;
        looked_at += 1;
    }
    if looked_at == 0 && !tally.told.is_empty() {
        return Err(Finding::Untold("newer notifications fill the list"));
    }
    Ok(())
}

fn counters_agree(books: &Books, _: &Tally, _: &Limits) -> Result<(), Finding> {
    let Some(inspected) = &books.counters else {
        return Err(Finding::Untold("only operators and support may look at them"));
    };
    if inspected.agrees {
        return Ok(());
    }
    let drifts = inspected
        .drifts
        .iter()
        .map(|drift| format!("{}: {} rather than {}", drift.kind, drift.found, drift.expected));
    Err(Mismatch::new("agreement", drifts.collect::<Vec<_>>().join("; ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use happening_core::id::{EventId, UserId};
    use happening_core::wire::{Event, EventBooking, EventStatus, Notification, NotificationStatus, SeatMap};
    use std::collections::HashSet;
    use std::time::Duration;
    use uuid::Uuid;

    const EVENT: EventId = EventId(Uuid::from_u128(1));
    const ADA: UserId = UserId(Uuid::from_u128(2));

    /// Two bookings with seats 1 and 2 of two, and one that waits.
    fn books() -> (Books, Tally) {
        let mut tally = Tally::new();
        let begun = Instant::now();
        for number in 0..3 {
            let sent = begun + Duration::from_millis(number * 10);
            let booking = booking(number);
            tally.told.push(Told {
                booking,
                sent,
                answered: sent + Duration::from_millis(5),
                cancelled: None,
            });
        }
        let bookings: Vec<_> = tally
            .told
            .iter()
            .map(|told| EventBooking { booking: told.booking.clone(), username: None, email: None })
            .collect();
        let kind = |number| match number {
            2 => NotificationType::BookingWaitlisted,
            _ => NotificationType::BookingConfirmed,
        };
        let notifications = (0..3).map(|number| told(number, kind(number))).collect();
        let seats = SeatMap { total: 2, taken: vec![1, 2], held: Vec::new(), event: None };
        let waitlist = vec![party(&tally.told[2].booking, 1)];
        let gave_back = HashSet::new();
        (Books { event: event(), seats, bookings, waitlist, notifications, gave_back, counters: None }, tally)
    }

    fn booking(number: u64) -> Booking {
        let waits = number >= 2;
        let at = "2026-12-01T19:00:00Z".parse().unwrap();
        Booking {
            id: BookingId(Uuid::from_u128(100 + u128::from(number))),
            event_id: EVENT,
            user_id: ADA,
            seats: 1,
            status: if waits { BookingStatus::Waiting } else { BookingStatus::Confirmed },
            waiting_number: waits.then_some(number),
            created_at: at,
            updated_at: at,
            assigned_seats: (!waits).then(|| vec![u32::try_from(number).unwrap() + 1]),
        }
    }

    fn told(number: u64, kind: NotificationType) -> Notification {
        let booking = booking(number);
        Notification {
            id: happening_core::id::NotificationId(Uuid::from_u128(u128::from(number))),
            user_id: ADA,
            event_id: Some(EVENT),
            booking_id: Some(booking.id),
            kind,
            message: String::new(),
            status: NotificationStatus::Sent,
            booked_by: None,
            booked_by_username: None,
            created_at: booking.created_at,
            read_at: None,
        }
    }

    fn party(booking: &Booking, position: u32) -> WaitingParty {
        serde_json::from_value(serde_json::json!({
            "position": position, "waiting_number": position, "booking_id": booking.id,
            "user_id": ADA, "username": null, "seats": 1, "created_at": booking.created_at,
        }))
        .unwrap()
    }

    fn event() -> Event {
        serde_json::from_value(serde_json::json!({
            "id": EVENT, "org_id": EVENT, "created_by": ADA, "name": "Crowded Night", "description": null,
            "category": null, "event_date": "2026-12-01T19:00:00Z", "total_slots": 2, "available_slots": 0,
            "status": EventStatus::Upcoming, "created_at": "2026-11-01T00:00:00Z",
            "updated_at": "2026-11-01T00:00:00Z", "waitlist_policy": "split", "bypass_limit": 3,
            "waitlist_limit": null, "waiting": 1, "version": 3,
        }))
        .unwrap()
    }

    /// Names of the rules that are broken once something was done to the books.
    fn broken(harm: impl FnOnce(&mut Books, &mut Tally)) -> Vec<&'static str> {
        let (mut books, mut tally) = books();
        harm(&mut books, &mut tally);
        let limits = Limits {
            event: EVENT,
            buyers: 1,
            party: 1,
            bookings: None,
            duration: Duration::ZERO,
            cancel_ratio: 0.0,
        };
        let checks = all(&books, &tally, &limits);
        checks.iter().filter(|check| check.has_failed()).map(|check| check.name).collect()
    }

    #[test]
    fn books_that_are_right_break_nothing() {
        assert_eq!(broken(|_, _| {}), [""; 0]);
    }

    #[test]
    fn each_rule_can_be_broken() {
        let twice = |books: &mut Books, _: &mut Tally| {
            books.bookings[1].booking.assigned_seats = Some(vec![1]);
        };
        assert!(broken(twice).contains(&"no seat is booked twice"));
        let too_many = |books: &mut Books, _: &mut Tally| books.bookings[1].booking.seats = 2;
        assert_eq!(broken(too_many), ["no more seats are booked than there are"]);
        let miscounted = |books: &mut Books, _: &mut Tally| books.event.available_slots = 1;
        let both = ["free seats are those that nobody has", "the line is in order"];
        assert_eq!(broken(miscounted), both, "and somebody waits while a seat is free");
        let unmapped = |books: &mut Books, _: &mut Tally| books.seats.taken.truncate(1);
        assert_eq!(broken(unmapped), ["free seats are those that nobody has"]);
        let forgotten = |books: &mut Books, _: &mut Tally| drop(books.waitlist.pop());
        assert_eq!(broken(forgotten), ["the line is in order"]);
        let lost = |books: &mut Books, _: &mut Tally| books.event.waiting = 2;
        assert_eq!(broken(lost), ["the line is in order"]);
        let undone = |books: &mut Books, _: &mut Tally| {
            books.bookings[2].booking.status = BookingStatus::Cancelled;
            books.waitlist.clear();
            books.event.waiting = 0;
        };
        assert_eq!(broken(undone), ["every answer was kept"]);
        let undone_beside = |books: &mut Books, tally: &mut Tally| {
            // That others cancelled is no excuse.
            tally.cancelled = 1;
            undone(books, tally);
        };
        assert_eq!(broken(undone_beside), ["every answer was kept"]);
        let unasked = |_: &mut Books, tally: &mut Tally| drop(tally.told.remove(0));
        assert_eq!(broken(unasked), ["nothing is booked that nobody asked for"]);
        let untold = |books: &mut Books, _: &mut Tally| drop(books.notifications.pop());
        assert_eq!(broken(untold), ["everybody was told once"]);
        let idle = |_: &mut Books, tally: &mut Tally| tally.told.clear();
        assert!(broken(idle).contains(&"bookings were answered"));
    }

    #[test]
    fn what_a_cancellation_or_a_promotion_changes_is_no_loss() {
        let promoted = |books: &mut Books, tally: &mut Tally| {
            tally.told[0].cancelled = Some(Cancelled::Yes);
            books.bookings[0].booking.status = BookingStatus::Cancelled;
            let next = &mut books.bookings[2].booking;
            (next.status, next.waiting_number) = (BookingStatus::Confirmed, None);
            next.assigned_seats = Some(vec![1]);
            books.waitlist.clear();
            books.event.waiting = 0;
        };
        assert_eq!(broken(promoted), [""; 0]);
        let gave_back = |books: &mut Books, _: &mut Tally| {
            let rest = &mut books.bookings[2].booking;
            (rest.status, rest.waiting_number) = (BookingStatus::Cancelled, None);
            books.gave_back.insert(rest.id);
            books.waitlist.clear();
            books.event.waiting = 0;
        };
        assert_eq!(broken(gave_back), [""; 0]);
        let undone = |_: &mut Books, tally: &mut Tally| tally.told[0].cancelled = Some(Cancelled::Yes);
        assert_eq!(broken(undone), ["every answer was kept"]);
    }

    #[test]
    fn who_was_answered_first_stands_first() {
        let told = |number: u64, sent: u64, answered: u64, begun: Instant| {
            let booking = booking(number + 1);
            let at = |ms| begun + Duration::from_millis(ms);
            Told { booking, sent: at(sent), answered: at(answered), cancelled: None }
        };
        let begun = Instant::now();
        let at_once = [told(2, 0, 10, begun), told(1, 5, 15, begun), told(3, 20, 30, begun)];
        let line: Vec<_> = (1..=3_u32).map(|number| party(&booking(u64::from(number) + 1), number)).collect();
        assert_eq!(first_come(&line, &at_once), Ok(()), "those under way at once may have either order");
        let passed = [told(2, 0, 10, begun), told(1, 11, 15, begun)];
        assert!(first_come(&line, &passed).is_err());
    }
}
