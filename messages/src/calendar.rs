//! Events as iCalendar (RFC 5545), and what a message means for a calendar (iTIP, RFC 5546).
//!
//! **The entry.** Its UID is the id of the event, for everybody: the entry from a mail, from the event's file and from a
//! feed are one. Its SEQUENCE is the version of the event, which rises with every commit on it, so the newest always
//! wins.
//!
//! **The time zone.** Times are in UTC (RFC 5545, section 3.3.5, form 2), without VTIMEZONE: an entry is a single moment,
//! which UTC names without a table of rules that may be out of date where it is read, and calendars show it in the
//! reader's own time zone. Only a repeating entry would need the zone.

use crate::plain::one_line;
use chrono::{DateTime, Utc};
use happening_core::id::EventId;
use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus, Property};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// RFC 5545, section 3.7.3.
const PRODUCT: &str = "-//Happening//Happening//EN";

/// RFC 5545, section 3.1: octets of a line, without its end.
const LINE: usize = 75;

/// What is left of an address in a `mailto:` URI (RFC 6068, section 2).
const ADDRESS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_').remove(b'~').remove(b'+');

/// What is to be done with entries (RFC 5546, section 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Add or change the recipient's entry.
    Request,
    /// Cancel it.
    Cancel,
    /// Show them: a file or a feed.
    Publish,
}

impl Method {
    /// As it is in `METHOD` and in the media type's parameter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Publish => "PUBLISH",
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose id is the UID.
    pub event: EventId,
    /// SEQUENCE; at most 2,147,483,647 is written (RFC 5545, section 3.3.8).
    pub version: u64,
    /// SUMMARY.
    pub name: String,
    /// DESCRIPTION; may have several lines.
    pub description: Option<String>,
    /// DTSTART.
    pub starts_at: DateTime<Utc>,
    /// DTEND, if it is known.
    pub ends_at: Option<DateTime<Utc>>,
    /// LAST-MODIFIED.
    pub updated_at: DateTime<Utc>,
    /// Whether it will not take place.
    pub is_off: bool,
    /// URL.
    pub link: Option<String>,
}

/// What a message means for the recipient's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// REQUEST or CANCEL.
    pub method: Method,
    /// The entry.
    pub entry: Entry,
    /// ORGANIZER's name: the organization.
    pub organizer: String,
}

/// Who invites whom: CANCEL and REQUEST need both (RFC 5546, section 3.2).
#[derive(Debug, Clone, Copy)]
pub struct Attendance<'a> {
    /// ORGANIZER's name.
    pub organizer: &'a str,
    /// ORGANIZER's e-mail address.
    pub organizer_address: &'a str,
    /// ATTENDEE's name.
    pub attendee: Option<&'a str>,
    /// ATTENDEE's e-mail address.
    pub attendee_address: &'a str,
}

impl Invitation {
    /// The calendar part of the message; `from` is the address that it comes from, `now` when it is written.
    #[must_use]
    pub fn render(&self, from: &str, to: (Option<&str>, &str), now: DateTime<Utc>) -> String {
        let attendance = Attendance {
            organizer: &self.organizer,
            organizer_address: from,
            attendee: to.0,
            attendee_address: to.1,
        };
        calendar(self.method, None, std::slice::from_ref(&self.entry), Some(attendance), now)
    }
}

/// Entries as a calendar. `name` is that of the calendar, for feeds; `now` is DTSTAMP.
#[must_use]
pub fn calendar(
    method: Method,
    name: Option<&str>,
    entries: &[Entry],
    attendance: Option<Attendance<'_>>,
    now: DateTime<Utc>,
) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", PRODUCT));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    calendar.append_property(("METHOD", method.as_str()));
    if let Some(name) = name {
        calendar.append_property(("NAME", one_line(name).as_str()));
        calendar.append_property(("X-WR-CALNAME", one_line(name).as_str()));
    }
    for entry in entries {
        calendar.push(component(method, entry, attendance, now));
    }
    folded(&calendar.to_string())
}

fn component(method: Method, entry: &Entry, attendance: Option<Attendance<'_>>, now: DateTime<Utc>) -> Event {
    let mut event = Event::new();
    let sequence = u32::try_from(entry.version).unwrap_or(u32::MAX).min(i32::MAX.unsigned_abs());
    let is_off = entry.is_off || method == Method::Cancel;
    event
        .uid(&entry.event.to_string())
        .sequence(sequence)
        .timestamp(now)
        .last_modified(entry.updated_at)
        .summary(&one_line(&entry.name))
        .starts(entry.starts_at)
        .status(if is_off { EventStatus::Cancelled } else { EventStatus::Confirmed });
    if let Some(end) = entry.ends_at.filter(|end| *end > entry.starts_at) {
        event.ends(end);
    }
    if let Some(description) = &entry.description {
        let lines: Vec<String> = description.lines().map(one_line).collect();
        event.description(lines.join("\n").trim());
    }
    if let Some(link) = &entry.link {
        event.url(&one_line(link));
    }
    if let Some(attendance) = attendance {
        event.append_property(organizer(&attendance));
        event.append_multi_property(attendee(&attendance));
    }
    event.done()
}

fn organizer(attendance: &Attendance<'_>) -> Property {
    let mut property = Property::new("ORGANIZER", mailto(attendance.organizer_address));
    property.add_parameter("CN", &parameter(attendance.organizer));
    property.done()
}

/// Who has seats takes part: nobody asks for an answer.
fn attendee(attendance: &Attendance<'_>) -> Property {
    let mut property = Property::new("ATTENDEE", mailto(attendance.attendee_address));
    if let Some(name) = attendance.attendee {
        property.add_parameter("CN", &parameter(name));
    }
    property.add_parameter("PARTSTAT", "ACCEPTED").add_parameter("RSVP", "FALSE");
    property.done()
}

fn mailto(address: &str) -> String {
    format!("mailto:{}", utf8_percent_encode(&one_line(address), ADDRESS))
}

/// RFC 5545, section 3.2: a value of a parameter holds no double quotes.
fn parameter(text: &str) -> String {
    one_line(text).replace('"', "'")
}

/// Lines of at most 75 octets, cut between characters. (The library's own are sometimes longer.)
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LINE {
                out.push_str("\r\n ");
                octets = 1;
            }
            out.push(c);
            octets += c.len_utf8();
        }
        out.push_str("\r\n");
    }
    out
}
