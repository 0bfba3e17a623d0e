//! From the cells of a line to an event, and everything that is wrong with them.

use crate::csv_file::{CsvFile, Mistake, Row};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeZone as _};
use chrono_tz::Tz;
use happening_core::booking::MAX_CAPACITY;
use happening_core::id::OrganizationId;
use happening_core::wire::CreateEvent;
use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// Columns that a file may have.
pub const COLUMNS: &[&str] = &[
    "name",
    "date",
    "seats",
    "end",
    "bookings_close_at",
    "description",
    "category",
    "waitlist_policy",
    "bypass_limit",
    "waitlist_limit",
    "max_seats_per_booking",
];

/// Columns that a file must have.
pub const REQUIRED: &[&str] = &["name", "date"];

/// Longest name, in characters.
const LONGEST_NAME: usize = 255;

/// How the cells of a file are read.
pub struct Reading<'a> {
    pub csv_file: &'a CsvFile,
    /// Of events whose line does not say.
    pub seats: Option<u32>,
    /// Of dates without an offset; `None` leaves it to the daemon, which knows the organization's.
    pub zone: Option<Tz>,
}

/// One line while it is read.
struct Line<'a> {
    csv_file: &'a CsvFile,
    row: &'a Row,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> Reading<'a> {
    /// The events, of no organization yet; or every mistake in the file.
    pub fn events(&self) -> Result<Vec<(&'a Row, CreateEvent)>, Vec<Mistake>> {
        let (mut events, mut mistakes) = (Vec::new(), self.csv_file.mistakes.clone());
        let mut seen: HashMap<String, u64> = HashMap::new();
        for row in &self.csv_file.rows {
            let Some(event) = self.event(row, &mut mistakes) else { continue };
            let content = serde_json::to_string(&event).unwrap_or_default();
            if let Some(first) = seen.get(&content) {
                // Two such events are hardly meant, and one request.
                let why = format!("is the same as line {first}");
                mistakes.push(Mistake { line: row.line, column: None, why });
            } else {
                seen.insert(content, row.line);
                events.push((row, event));
            }
        }
        mistakes.sort_by_key(|mistake| mistake.line);
        if mistakes.is_empty() { Ok(events) } else { Err(mistakes) }
    }

    fn event(&self, row: &Row, mistakes: &mut Vec<Mistake>) -> Option<CreateEvent> {
        let mut line = Line { csv_file: self.csv_file, row, mistakes };
        let name = line.name();
        let event_date = line.date("date", self.zone);
        let seats = line.seats(self.seats);
        let event = CreateEvent {
            org_id: OrganizationId(Uuid::nil()),
            created_by: None,
            name: name.unwrap_or_default(),
            description: line.text("description"),
            category: line.parsed("category"),
            event_date: event_date.unwrap_or_default(),
            event_end: line.optional_date("end", self.zone),
            bookings_close_at: line.optional_date("bookings_close_at", self.zone),
            total_slots: seats.unwrap_or_default(),
            waitlist_policy: line.parsed("waitlist_policy"),
            bypass_limit: line.parsed("bypass_limit"),
            waitlist_limit: line.parsed("waitlist_limit"),
            max_seats_per_booking: line.parsed("max_seats_per_booking"),
        };
        let is_sound = line.mistakes.iter().all(|mistake| mistake.line != row.line);
        is_sound.then_some(event)
    }
}

impl Line<'_> {
    fn text(&self, column: &str) -> Option<String> {
        self.csv_file.cell(self.row, column).map(str::to_owned)
    }

    fn wrong(&mut self, column: &'static str, value: &str, why: &str) {
        self.mistakes.push(Mistake::in_cell(self.row.line, column, value, why));
    }

    fn name(&mut self) -> Option<String> {
        let name = self.text("name").unwrap_or_default();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            self.wrong("name", &name, "must have 1 to 255 characters");
            return None;
        }
        Some(name)
    }

    fn seats(&mut self, default: Option<u32>) -> Option<u32> {
        let written = self.text("seats");
        let seats = match &written {
            Some(seats) => seats.parse().ok(),
            None => default,
        };
        let seats = seats.filter(|seats| (1..=MAX_CAPACITY).contains(seats));
        if seats.is_none() {
            let why = "must be a number of seats from 1 to 1000000, in the line or by --seats";
            self.wrong("seats", &written.unwrap_or_default(), why);
        }
        seats
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, column: &'static str) -> Option<T> {
        let written = self.text(column)?;
        match written.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(column, &written, &format!("does not do: {error}"));
                None
            }
        }
    }

    fn optional_date(&mut self, column: &'static str, zone: Option<Tz>) -> Option<String> {
        self.text(column).and_then(|_| self.date(column, zone))
    }

    /// The date as the daemon reads it.
    fn date(&mut self, column: &'static str, zone: Option<Tz>) -> Option<String> {
        let written = self.text(column).unwrap_or_default();
        if DateTime::parse_from_rfc3339(&written).is_ok() {
            return Some(written);
        }
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"];
        let wall = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(&written, format).ok());
        let Some(wall) = wall else {
            self.wrong(column, &written, "is no date such as 2026-12-01T19:00 or 2026-12-01T19:00:00+01:00");
            return None;
        };
        let Some(zone) = zone else { return Some(wall.format("%Y-%m-%dT%H:%M:%S").to_string()) };
        // In the hour that a clock change repeats the first one is meant, as the daemon reads it too.
        let date = zone.from_local_datetime(&wall).earliest();
        if date.is_none() {
            self.wrong(column, &written, &format!("does not exist in {zone}: the clocks skip that hour"));
        }
        date.map(|date| date.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, seats: Option<u32>, zone: Option<Tz>) -> Result<Vec<CreateEvent>, Vec<String>> {
        let csv_file = CsvFile::read(file.as_bytes(), COLUMNS, REQUIRED).expect("a CSV file");
        let read = Reading { csv_file: &csv_file, seats, zone }.events();
        let told = |mistake: Mistake| {
            format!("{} {}: {}", mistake.line, mistake.column.unwrap_or("line"), mistake.why)
        };
        read.map(|events| events.into_iter().map(|(_, event)| event).collect())
            .map_err(|mistakes| mistakes.into_iter().map(told).collect())
    }

    #[test]
    fn a_line_is_an_event() {
        let file = "date,name,seats,category,waitlist_policy,bypass_limit,waitlist_limit,max_seats_per_booking,description\n\
            2030-06-01 19:00,Gala,5,concert,whole,2,9,4,\"Songs, and more\"\n2030-06-01T19:00:00+02:00,Jazz,,,,,,,\n";
        let events = read(file, Some(7), None).expect("events");
        assert_eq!((events[0].name.as_str(), events[0].total_slots), ("Gala", 5));
        assert_eq!(events[0].event_date, "2030-06-01T19:00:00");
        assert_eq!((events[0].bypass_limit, events[0].waitlist_limit), (Some(2), Some(9)));
        assert_eq!(events[0].max_seats_per_booking, Some(4));
        assert_eq!(events[0].description.as_deref(), Some("Songs, and more"));
        assert_eq!((events[1].total_slots, events[1].category), (7, None));
        assert_eq!(events[1].event_date, "2030-06-01T19:00:00+02:00");
    }

    #[test]
    fn wall_times_are_of_the_named_zone() {
        let zone = Some(chrono_tz::Europe::Berlin);
        let events = read("name,date,seats\nGala,2026-12-01T19:00,5\n", None, zone).expect("events");
        assert_eq!(events[0].event_date, "2026-12-01T18:00:00Z");
        let twice = read("name,date,seats\nGala,2026-10-25T02:30,5\n", None, zone).expect("events");
        assert_eq!(twice[0].event_date, "2026-10-25T00:30:00Z");
        let never = read("name,date,seats\nGala,2026-03-29T02:30,5\n", None, zone).expect_err("no such hour");
        assert!(never[0].contains("does not exist in Europe/Berlin"), "{never:?}");
    }

    #[test]
    fn every_mistake_is_told() {
        let file = "name,date,seats,category,bypass_limit\n\
            ,tomorrow,0,opera,-1\nGala,2030-06-01T19:00,,,\nJazz,2030-06-01T19:00,5,,\nJazz,2030-06-01T19:00,5,,\n";
        let mistakes = read(file, None, None).expect_err("mistakes");
        let starts: Vec<_> = mistakes.iter().map(|told| told.split('`').next().expect("a start")).collect();
        let expected = [
            "2 name: ",
            "2 date: ",
            "2 seats: ",
            "2 category: ",
            "2 bypass_limit: ",
            "3 seats: ",
            "5 line: is the same as line 4",
        ];
        assert_eq!(starts, expected);
        assert!(mistakes[1].contains("`tomorrow` is no date"), "{mistakes:?}");
    }

    #[test]
    fn lines_of_the_wrong_length_do_not_hide_the_others() {
        let file = "name,date,seats\n,2030-06-01T19:00,5\nGala,2030-06-01T19:00\nJazz,soon,5\n\"Rust,2030-06-01T19:00,5\n";
        let mistakes = read(file, None, None).expect_err("mistakes");
        let places: Vec<_> = mistakes.iter().map(|told| &told[..6]).collect();
        assert_eq!(places, ["2 name", "3 line", "4 date", "5 line"], "{mistakes:?}");
    }
}
