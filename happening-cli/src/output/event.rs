//! Events.

use super::{Cell, Column, Record, Tone, instant};
use happening_core::wire::{Event, EventStatus};

impl Record for Event {
    const COLUMNS: &'static [Column] = &[
        Column::whole("ID"),
        Column::text("NAME"),
        Column::text("DATE"),
        Column::number("FREE"),
        Column::number("SEATS").spare(),
        Column::number("WAITING").spare(),
        Column::whole("STATUS"),
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.id),
            Cell::new(&self.name),
            Cell::new(instant(self.event_date)),
            free(self),
            Cell::new(self.total_slots),
            Cell::new(self.waiting),
            status(self.status),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let mut details = vec![
            ("Event", Cell::new(self.id)),
            ("Name", Cell::new(&self.name)),
            ("Date", Cell::new(instant(self.event_date))),
            ("Status", status(self.status)),
            ("Seats", Cell::new(self.total_slots)),
            ("Free", free(self)),
            ("Waiting", Cell::new(self.waiting)),
            ("Waitlist", Cell::new(waitlist(self))),
            ("Category", Cell::maybe(self.category)),
            ("Organization", Cell::new(self.org_id)),
            ("Organizer", Cell::new(self.organizer_username.clone().unwrap_or(self.created_by.to_string()))),
        ];
        if let Some(description) = &self.description {
            details.push(("Description", Cell::new(description)));
        }
        details
    }
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
        insta::assert_snapshot!(table::details(
            &event("Jazz Night", 0),
            Style::plain(Some(80))
        ), @"
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
