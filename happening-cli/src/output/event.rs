//! Events.

use super::document::members_of;
use super::{Cell, Column, Record, Tone};
use chrono_tz::Tz;
use happening_core::wire::{Event, EventStatus};
use serde::Serialize;

impl Record for Event {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::text("NAME"),
        Column::text("DATE"),
        Column::number("FREE"),
        Column::number("SEATS").spare(),
        Column::number("WAITING").spare(),
        Column::whole("STATUS"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.id),
            Cell::new(&self.name),
            Cell::time(self.event_date),
            free(self),
            Cell::new(self.total_slots),
            Cell::new(self.waiting),
            status(self.status),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        event_details(self, None)
    }
}

/// An event, and the zone that its organization is in.
#[derive(Debug, Serialize)]
pub struct EventDetail {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// IANA name; absent if the organization has not said, which is UTC.
    pub timezone: Option<String>,
}

impl Record for EventDetail {
    const COLUMNS: &'static [Column<'static>] = Event::COLUMNS;

    fn fields() -> Vec<&'static str> {
        [Event::fields(), vec!["timezone"]].concat()
    }

    fn name(&self) -> String {
        self.event.name()
    }

    fn cells(&self) -> Vec<Cell> {
        self.event.cells()
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        event_details(&self.event, self.timezone.as_deref())
    }
}

/// The date is told in the viewer's zone; where the event is, it may be another hour.
fn event_details(event: &Event, zone: Option<&str>) -> Vec<(&'static str, Cell)> {
    let there = zone.and_then(|name| name.parse::<Tz>().ok()).map(|zone| {
        let at = event.event_date.with_timezone(&zone).format("%Y-%m-%d %H:%M");
        ("Date there", Cell::new(format!("{at} ({})", zone.name())))
    });
    let mut details = vec![
        ("Event", Cell::new(event.id)),
        ("Name", Cell::new(&event.name)),
        ("Date", Cell::time(event.event_date)),
        ("Status", status(event.status)),
        ("Seats", Cell::new(event.total_slots)),
        ("Free", free(event)),
        ("Waiting", Cell::new(event.waiting)),
        ("Waitlist", Cell::new(waitlist(event))),
        ("Category", Cell::maybe(event.category)),
        ("Organization", Cell::new(event.org_id)),
        ("Organizer", Cell::new(event.organizer_username.clone().unwrap_or(event.created_by.to_string()))),
    ];
    details.splice(3..3, there.into_iter().chain(event.event_end.map(|end| ("End", Cell::time(end)))));
    if let Some(closes_at) = event.bookings_close_at {
        details.push(("Bookings close", Cell::time(closes_at)));
    }
    if let Some(sale) = sale(event) {
        details.push(("Sale", sale));
    }
    if let Some(description) = &event.description {
        details.push(("Description", Cell::new(description)));
    }
    details
}

fn free(event: &Event) -> Cell {
    let tone = if event.available_slots == 0 { Tone::Attention } else { Tone::Good };
    Cell::new(event.available_slots).tone(tone)
}

fn status(status: EventStatus) -> Cell {
    let tone = match status {
        EventStatus::Upcoming | EventStatus::Ongoing => Tone::Plain,
        EventStatus::Completed => Tone::Faint,
        EventStatus::Cancelled => Tone::Bad,
    };
    Cell::new(status).tone(tone)
}

fn waitlist(event: &Event) -> String {
    let mut words = vec![event.waitlist_policy.to_string()];
    if event.waitlist_policy == happening_core::wire::WaitlistPolicy::Whole {
        words.push(format!("bypass limit {}", event.bypass_limit));
    }
    if let Some(limit) = event.waitlist_limit {
        words.push(format!("at most {limit} parties"));
    }
    words.join(", ")
}

/// What its organizer said of the sale; nothing if that is nothing.
fn sale(event: &Event) -> Option<Cell> {
    let limit = event.max_seats_per_booking.map(|limit| format!("at most {limit} seats a booking"));
    let paused = event.sales_paused.then(|| "paused".to_owned());
    let tone = if event.sales_paused { Tone::Attention } else { Tone::Plain };
    let words: Vec<String> = paused.into_iter().chain(limit).collect();
    (!words.is_empty()).then(|| Cell::new(words.join(", ")).tone(tone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Style, table};
    use happening_core::id::{EventId, OrganizationId, UserId};
    use happening_core::wire::{Category, WaitlistPolicy};

    fn event(name: &str, free: u32) -> Event {
        let at = "2026-12-01T19:00:00Z".parse().unwrap();
        Event {
            id: EventId("0197a1b2-0000-7000-8000-000000000001".parse().unwrap()),
            org_id: OrganizationId("0197a1b2-0000-7000-8000-000000000002".parse().unwrap()),
            created_by: UserId("0197a1b2-0000-7000-8000-000000000003".parse().unwrap()),
            name: name.into(),
            description: Some("Bring\nears".into()),
            category: Some(Category::Concert),
            event_date: at,
            event_end: None,
            bookings_close_at: None,
            total_slots: 5,
            available_slots: free,
            status: EventStatus::Upcoming,
            created_at: at,
            updated_at: at,
            organizer_username: Some("ada.lovelace".into()),
            organizer_first_name: None,
            organizer_last_name: None,
            organizer_email: None,
            waitlist_policy: WaitlistPolicy::Whole,
            bypass_limit: 3,
            waitlist_limit: Some(10),
            max_seats_per_booking: None,
            sales_paused: false,
            waiting: 1,
            version: 7,
        }
    }

    #[test]
    fn a_list() {
        let events = [event("Jazz Night", 0), event("ジャズ", 2)];
        insta::assert_snapshot!(table::rows(
            &events,
            Style::plain(None)
        ), @"
        ID                                    NAME        DATE                  FREE  SEATS  WAITING  STATUS
        0197a1b2-0000-7000-8000-000000000001  Jazz Night  2026-12-01 19:00 UTC     0      5        1  upcoming
        0197a1b2-0000-7000-8000-000000000001  ジャズ      2026-12-01 19:00 UTC     2      5        1  upcoming
        ");
        let narrow = table::rows(&events, Style::plain(Some(80)));
        insta::assert_snapshot!(narrow, @"
        ID                                    NAME        DATE        FREE  STATUS
        0197a1b2-0000-7000-8000-000000000001  Jazz Night  2026-12-01     0  upcoming
                                                          19:00 UTC
        0197a1b2-0000-7000-8000-000000000001  ジャズ      2026-12-01     2  upcoming
                                                          19:00 UTC
        ");
    }

    #[test]
    fn one() {
        insta::assert_snapshot!(event("Jazz Night", 0).portrait(Style::plain(Some(80))), @"
        Event         0197a1b2-0000-7000-8000-000000000001
        Name          Jazz Night
        Date          2026-12-01 19:00 UTC
        Status        upcoming
        Seats         5
        Free          0
        Waiting       1
        Waitlist      whole, bypass limit 3, at most 10 parties
        Category      concert
        Organization  0197a1b2-0000-7000-8000-000000000002
        Organizer     ada.lovelace
        Description   Bring␊ears
        ");
    }
}
