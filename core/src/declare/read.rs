//! From text to a declaration. JSON is read as the YAML that it is, so that both have positions.
//!
//! What is not of the format's form ends the reading; what is well formed and cannot be meant is reported all at once.

use super::document::{At, Declaration, DeclaredEvent, DeclaredMember, VERSION};
use crate::booking::MAX_CAPACITY;
use crate::date::{self, DateError};
use crate::fields;
use chrono::{DateTime, Utc};
use serde_saphyr::Error;
use std::collections::HashMap;
use std::hash::Hash;

/// Largest file, in bytes. Ten thousand members and a thousand events are about one million.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Aliases may repeat this many nodes: a bomb is turned away long before it takes memory.
const MOST_REPEATED: usize = 100_000;

/// Something in the file that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// From 1; 0 where it concerns the file as a whole.
    pub line: u32,
    /// From 1, in characters; 0 where it concerns the file as a whole.
    pub column: u32,
    /// What was expected.
    pub message: String,
}

/// Reads a file. The flaws come in the order of their lines.
pub fn read(bytes: &[u8]) -> Result<Declaration, Vec<Flaw>> {
    let whole = |message: String| vec![Flaw { line: 0, column: 0, message }];
    if bytes.len() > LARGEST {
        let (size, most) = (bytes.len() / 1024 / 1024, LARGEST / 1024 / 1024);
        return Err(whole(format!("the file has {size} MiB: at most {most} MiB are read")));
    }
    // Some editors begin a file with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| vec![not_text(bytes, error.valid_up_to())])?;
    if text.trim().is_empty() {
        return Err(whole(
            "the file is empty: it needs at least `happening: 1` and an `organization`".to_owned(),
        ));
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_REPEATED },
    };
    let declaration: Declaration =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| vec![flaw(&error)])?;
    let mut flaws = Flaws(Vec::new());
    flaws.look_at(&declaration);
    let Flaws(mut flaws) = flaws;
    flaws.sort_by_key(|flaw| (flaw.line, flaw.column));
    if flaws.is_empty() { Ok(declaration) } else { Err(flaws) }
}

fn not_text(bytes: &[u8], valid: usize) -> Flaw {
    let before = String::from_utf8_lossy(&bytes[..valid]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Flaw { line: small(line), column: small(column), message: "this is no UTF-8".to_owned() }
}

/// The parser's error in our words.
fn flaw(error: &Error) -> Flaw {
    let error = error.without_snippet();
    let place = error.location();
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let (line, column) = place.map_or((0, 0), |place| (small(place.line()), small(place.column())));
    let message = match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            format!("there is no `{field}` here{}", instead(field, expected))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            format!("`{variant}` cannot stand here{}", instead(variant, expected))
        }
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            format!("expected {expected}, found {unexpected}")
        }
        Error::InvalidScalar { ty: expected, .. } | Error::Unexpected { expected, .. } => {
            format!("expected {}", plainly(expected))
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("`{key}` stands here twice"),
        Error::MultipleDocuments { .. } => {
            "one file declares one organization: here begins a second".to_owned()
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::Budget { .. } => "the aliases of this file repeat too much".to_owned(),
        other => without_place(&other.to_string()).to_owned(),
    };
    Flaw { line, column, message }
}

/// What the parser's own words say of the place is said elsewhere.
fn without_place(message: &str) -> &str {
    let end = ["\n", " at line "].iter().filter_map(|mark| message.find(mark)).min();
    end.map_or(message, |end| &message[..end])
}

fn plainly(ty: &str) -> &str {
    match ty {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative",
        "mapping start" => "members with values, such as `name: Jazz Club`",
        "sequence start" => "a list",
        "string scalar" => "text",
        other => other,
    }
}

/// The nearest of the words that can stand there, else all of them.
fn instead(word: &str, known: &[&str]) -> String {
    let near = known.iter().map(|known| (strsim::osa_distance(word, known), known)).min();
    match near {
        Some((distance, near)) if distance <= word.chars().count().max(3) / 3 => {
            format!(": is `{near}` meant?")
        }
        _ => format!(": it may be {}", known.join(", ")),
    }
}

/// What cannot be meant, as it is found.
struct Flaws(Vec<Flaw>);

impl Flaws {
    fn add<T>(&mut self, at: &At<T>, message: impl Into<String>) {
        self.0.push(Flaw { line: at.line, column: at.column, message: message.into() });
    }

    fn look_at(&mut self, declaration: &Declaration) {
        let version = &declaration.happening;
        if version.value != VERSION {
            let message =
                format!("this is version {} of the format: version {VERSION} is read here", version.value);
            self.add(version, message);
        }
        let organization = &declaration.organization;
        // An organization may have a name that no new one is given.
        self.must_fit(&organization.name, fields::name(&organization.name.value));
        if let Some(zone) = organization.timezone.iter().flatten().find(|zone| !date::is_zone(&zone.value)) {
            self.add(zone, format!("`{}` is no IANA time zone such as Europe/Berlin", zone.value));
        }
        if let Some(Some(contact)) = &organization.contact {
            self.must_fit(contact, fields::line(&contact.value, fields::CONTACT));
        }
        if let Some(Some(language)) = &organization.language {
            self.must_fit(language, fields::language(&language.value));
        }
        if let Some(Some(color)) = &organization.color {
            self.must_fit(color, fields::color(&color.value));
        }
        if let Some(Some(minutes)) = &organization.event_minutes {
            self.must_fit(minutes, fields::event_minutes(minutes.value));
        }
        self.look_at_people(declaration);
        let zone = organization.timezone.iter().flatten().next().map(|zone| zone.value.as_str());
        self.look_at_events(declaration.events.as_deref().unwrap_or_default(), zone);
    }

    fn look_at_people(&mut self, declaration: &Declaration) {
        let mut people = Seen::default();
        for At { value: DeclaredMember { who, .. }, .. } in declaration.members.iter().flatten() {
            if who.value.trim().is_empty() {
                self.add(who, "expected an e-mail address, a username or an id");
            }
            self.must_be_new(&mut people, fields::address_key(&who.value), who);
        }
        for invite in declaration.invites.iter().flatten() {
            let email = &invite.value.email;
            self.must_fit(email, fields::address(&email.value));
            if let Some(message) = &invite.value.message {
                let checked = fields::paragraphs(message, fields::MESSAGE);
                self.must_fit(email, checked.map_err(|error| format!("its message {error}")));
            }
            self.must_be_new(&mut people, fields::address_key(&email.value), email);
        }
        let mut clients = Seen::default();
        for account in declaration.service_accounts.iter().flatten() {
            let client = &account.value.client_id;
            if client.value.is_empty() {
                self.add(client, "expected the id of a client at the issuer");
            }
            self.must_be_new(&mut clients, client.value.clone(), client);
        }
    }

    fn look_at_events(&mut self, events: &[At<DeclaredEvent>], zone: Option<&str>) {
        let (mut ids, mut names) = (Seen::default(), Seen::default());
        for At { value: event, .. } in events {
            self.must_fit(&event.name, fields::name(&event.name.value));
            if !(1..=MAX_CAPACITY).contains(&event.seats.value) {
                self.add(&event.seats, format!("must be between 1 and {MAX_CAPACITY}"));
            }
            if let Some(Some(description)) = &event.description {
                self.must_fit(description, fields::paragraphs(&description.value, fields::DESCRIPTION));
            }
            if let Some(id) = &event.id {
                self.must_be_new(&mut ids, id.value, id);
            }
            for at in event.end.iter().chain(event.bookings_close_at.iter().flatten()) {
                self.must_fit(at, starts_at(&at.value, zone));
            }
            match starts_at(&event.date.value, zone) {
                // Events of one name at one time are distinguished by their ids.
                Ok(date) if event.id.is_none() => {
                    let name = event.name.value.trim();
                    self.must_be_new(&mut names, (name.to_owned(), date), &event.name);
                }
                Ok(_) => {}
                Err(error) => self.add(&event.date, error.to_string()),
            }
        }
    }

    /// What the daemon would refuse is reported with its line, before anything is done.
    fn must_fit<A, T, E: ToString>(&mut self, at: &At<A>, checked: Result<T, E>) {
        if let Err(error) = checked {
            self.add(at, error.to_string());
        }
    }

    /// The same thing twice could be two things, and nobody knows which counts.
    fn must_be_new<K: Eq + Hash, T>(&mut self, seen: &mut Seen<K>, key: K, at: &At<T>) {
        if let Some(line) = seen.0.insert(key, at.line) {
            self.add(at, format!("this is declared twice: line {line} has it already"));
        }
    }
}

/// What was declared, and in which line.
struct Seen<K>(HashMap<K, u32>);

impl<K> Default for Seen<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// Reads an event's date; a space may stand where RFC 3339 has a `T`.
pub(super) fn starts_at(text: &str, zone: Option<&str>) -> Result<DateTime<Utc>, DateError> {
    date::parse(&text.trim().replacen(' ', "T", 1), zone)
}
