//! When events take place and until when they take bookings: what requests say of it, and the events that begin and end by
//! themselves.

use super::{Error, Services, dates};
use crate::booking::{CommitExtras, EngineError, NOBODY};
use crate::store::{Actor, AuditEntry};
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use happening_core::booking::{Amendment, Command, Refusal};
use happening_core::wire::{CreateEvent, Event, EventStatus, OrganizationSettings, UpdateEvent};
use serde_json::json;

/// Events that begin or end in one round of the housekeeping. The rest waits for the next one.
const DUE_AT_ONCE: u32 = 500;

/// Commits under way at a time: bookings go on beside them.
const AT_ONCE: usize = 4;

/// When an event takes place.
pub(super) struct Schedule {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub bookings_close_at: Option<DateTime<Utc>>,
}

/// What an update changes of it.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::option_option, reason = "null takes the hour off, absence keeps it")]
pub(super) struct Rescheduling {
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    pub bookings_close_at: Option<Option<DateTime<Utc>>>,
}

impl Schedule {
    /// Of a new event.
    pub(super) fn of(create: &CreateEvent, settings: &OrganizationSettings) -> Result<Self, Error> {
        let zone = settings.timezone.as_deref();
        let start = dates::parse("event_date", &create.event_date, zone)?;
        let end = match &create.event_end {
            Some(text) => dates::parse("event_end", text, zone)?,
            None => after(start, settings.event_length())?,
        };
        must_follow(start, end)?;
        let closes_at = create.bookings_close_at.as_deref();
        let bookings_close_at =
            closes_at.map(|text| dates::parse("bookings_close_at", text, zone)).transpose()?;
        Ok(Self { start, end, bookings_close_at })
    }
}

impl Rescheduling {
    /// Of an event. An event that only starts at another time takes as long as before. One that is said to be going on has
    /// an end that is to come, and takes bookings until then, unless the update says otherwise.
    pub(super) fn of(
        before: &Event,
        update: &UpdateEvent,
        settings: &OrganizationSettings,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let zone = settings.timezone.as_deref();
        let length = settings.event_length();
        let date = update.event_date.as_deref();
        let start = date.map(|text| dates::parse("event_date", text, zone)).transpose()?;
        let starts_at = start.unwrap_or(before.event_date);
        let known_end = match before.event_end {
            Some(end) => end,
            None => after(before.event_date, length)?,
        };
        let mut end = match &update.event_end {
            Some(Some(text)) => Some(dates::parse("event_end", text, zone)?),
            Some(None) => Some(after(starts_at, length)?),
            None if starts_at != before.event_date => Some(after(starts_at, known_end - before.event_date)?),
            None => None,
        };
        let goes_on = update.status == Some(EventStatus::Ongoing) && before.status != EventStatus::Ongoing;
        if goes_on && update.event_end.is_none() && end.unwrap_or(known_end) <= now {
            end = Some(after(now, length)?);
        }
        let ends_at = end.unwrap_or(known_end);
        must_follow(starts_at, ends_at)?;
        let parse = |text: &String| dates::parse("bookings_close_at", text, zone);
        let bookings_close_at = match &update.bookings_close_at {
            Some(text) => Some(text.as_ref().map(parse).transpose()?),
            None => (goes_on && before.bookings_close_at.is_none()).then_some(Some(ends_at)),
        };
        Ok(Self { start, end, bookings_close_at })
    }
}

fn after(start: DateTime<Utc>, length: TimeDelta) -> Result<DateTime<Utc>, Error> {
    let end = start.checked_add_signed(length);
    end.ok_or_else(|| Error::invalid("event_date", "is too late"))
}

fn must_follow(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<(), Error> {
    if end > start { Ok(()) } else { Err(Error::invalid("event_end", "must be after the start")) }
}

impl Services {
    /// Events whose hour has come begin, and those whose end has come are over.
    pub(super) async fn begin_and_end_events(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let due = self.store.list_due_events(now, DUE_AT_ONCE).await?;
        let steps = futures::stream::iter(due);
        steps.for_each_concurrent(AT_ONCE, |event| self.begin_or_end(event, now)).await;
        Ok(())
    }

    /// An event that cannot be amended holds up neither the others nor the rest of the housekeeping.
    async fn begin_or_end(&self, before: Event, now: DateTime<Utc>) {
        let event = before.id;
        let is_over = before.event_end.is_some_and(|end| end <= now);
        let status = if is_over { EventStatus::Completed } else { EventStatus::Ongoing };
        let amendment =
            Amendment { status: Some(status), as_of: Some(before.version), ..Amendment::default() };
        let entry = AuditEntry {
            action: "event.updated",
            organization: Some(before.org_id),
            target: ("event", event.to_string()),
            old: Some(json!({ "status": before.status })),
            new: Some(json!({ "status": status })),
        };
        let audit = Some(Box::new((Actor::daemon(now), entry)));
        let extras = CommitExtras { audit, ..CommitExtras::default() };
        let ended = self.engine.submit_with(event, Command::Amend(amendment), NOBODY, extras).await;
        self.sales.forget(event);
        match ended {
            // Somebody changed the event meanwhile: the next round reads it again.
            Ok(_)
            | Err(EngineError::Refused(Refusal::Amended | Refusal::Deleted) | EngineError::UnknownEvent) => {}
            Err(error) => tracing::warn!(%event, %error, "an event does not begin or end for now"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use happening_core::id::{EventId, OrganizationId, UserId};
    use happening_core::wire::WaitlistPolicy;
    use uuid::Uuid;

    const ZONE: &str = "Europe/Berlin";

    fn settings(event_minutes: Option<u32>) -> OrganizationSettings {
        OrganizationSettings {
            timezone: Some(ZONE.to_owned()),
            event_minutes,
            ..OrganizationSettings::default()
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a date")
    }

    fn event() -> Event {
        Event {
            id: EventId(Uuid::nil()),
            org_id: OrganizationId(Uuid::nil()),
            created_by: UserId(Uuid::nil()),
            name: "Gala".to_owned(),
            description: None,
            category: None,
            event_date: at("2030-05-01T18:00:00Z"),
            event_end: Some(at("2030-05-01T21:00:00Z")),
            bookings_close_at: None,
            total_slots: 1,
            available_slots: 1,
            status: EventStatus::Upcoming,
            created_at: at("2030-01-01T00:00:00Z"),
            updated_at: at("2030-01-01T00:00:00Z"),
            organizer_username: None,
            organizer_first_name: None,
            organizer_last_name: None,
            organizer_email: None,
            waitlist_policy: WaitlistPolicy::Split,
            bypass_limit: 3,
            waitlist_limit: None,
            max_seats_per_booking: None,
            sales_paused: false,
            waiting: 0,
            version: 1,
        }
    }

    fn rescheduled(update: &UpdateEvent, now: &str) -> Result<Rescheduling, Error> {
        Rescheduling::of(&event(), update, &settings(Some(90)), at(now))
    }

    #[test]
    fn a_new_event_ends_after_the_organizations_length_or_when_it_says() {
        let create = |end: Option<&str>| CreateEvent {
            event_date: "2030-05-01T20:00".to_owned(),
            event_end: end.map(str::to_owned),
            bookings_close_at: Some("2030-05-01T19:00".to_owned()),
            org_id: OrganizationId(Uuid::nil()),
            created_by: None,
            name: "Gala".to_owned(),
            description: None,
            category: None,
            total_slots: 1,
            waitlist_policy: None,
            bypass_limit: None,
            waitlist_limit: None,
            max_seats_per_booking: None,
        };
        let of = |end, minutes| Schedule::of(&create(end), &settings(minutes));
        let ends_at = |end, minutes| of(end, minutes).expect("a schedule").end;
        assert_eq!(ends_at(None, None), at("2030-05-02T02:00:00Z"), "eight hours");
        assert_eq!(ends_at(None, Some(90)), at("2030-05-01T19:30:00Z"));
        assert_eq!(ends_at(Some("2030-05-01T23:00"), Some(90)), at("2030-05-01T21:00:00Z"));
        assert_eq!(of(None, None).expect("a schedule").bookings_close_at, Some(at("2030-05-01T17:00:00Z")));
        let refused = of(Some("2030-05-01T20:00"), None).err().expect("refused");
        assert!(refused.detail.contains("event_end"), "{refused:?}");
    }

    #[test]
    fn an_event_that_is_moved_takes_as_long_as_before() {
        let moved = UpdateEvent { event_date: Some("2030-06-01T20:00".into()), ..UpdateEvent::default() };
        let moved = rescheduled(&moved, "2030-01-01T00:00:00Z").expect("moved");
        let start = at("2030-06-01T18:00:00Z");
        assert_eq!((moved.start, moved.end), (Some(start), Some(at("2030-06-01T21:00:00Z"))));
        let default = UpdateEvent { event_end: Some(None), ..UpdateEvent::default() };
        let default = rescheduled(&default, "2030-01-01T00:00:00Z").expect("ends");
        assert_eq!(default.end, Some(at("2030-05-01T19:30:00Z")));
        let early =
            UpdateEvent { event_end: Some(Some("2030-05-01T19:59".into())), ..UpdateEvent::default() };
        assert!(rescheduled(&early, "2030-01-01T00:00:00Z").is_err());
        let named = UpdateEvent { name: Some("Ball".into()), ..UpdateEvent::default() };
        assert_eq!(rescheduled(&named, "2031-01-01T00:00:00Z").expect("kept"), Rescheduling::default());
    }

    #[test]
    fn an_event_that_is_said_to_go_on_takes_bookings_until_it_ends() {
        let ongoing = || UpdateEvent { status: Some(EventStatus::Ongoing), ..UpdateEvent::default() };
        let goes_on = rescheduled(&ongoing(), "2030-05-01T19:00:00Z").expect("goes on");
        assert_eq!(goes_on.bookings_close_at, Some(Some(at("2030-05-01T21:00:00Z"))));
        let late = rescheduled(&ongoing(), "2030-05-03T12:00:00Z").expect("goes on");
        assert_eq!(late.end, Some(at("2030-05-03T13:30:00Z")));
        assert_eq!(late.bookings_close_at, Some(late.end));
        let closed = UpdateEvent { bookings_close_at: Some(None), ..ongoing() };
        let closed = rescheduled(&closed, "2030-05-01T19:00:00Z").expect("goes on");
        assert_eq!(closed.bookings_close_at, Some(None));
    }
}
