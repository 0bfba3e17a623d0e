//! Events: which one is meant, and what is otherwise with it.
//!
//! The daemon knows events by id alone, and people do not. So a declared event is, in this order, the one with its id; the
//! one with its name and date; the only one that has its name and is not over, if the file has the name once: it is moved.
//! Where it could be several, nothing is guessed.

use super::document::{At, Declaration, DeclaredEvent};
use super::people::{Directory, Meant};
use super::plan::{Action, Actual, Differences, Draft, Kind, Step};
use super::read::starts_at;
use crate::id::{EventId, UserId};
use crate::wire::{Event, UpdateEvent};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};

/// What is to be done with events, and which are accounted for by it.
pub(super) struct Events {
    pub(super) steps: Vec<Step>,
    /// Those that are meant, or may be.
    pub(super) meant: HashSet<EventId>,
}

/// A declared event and what is known of it.
#[expect(clippy::option_option, reason = "null takes a date off, absence keeps it")]
struct Candidate<'a> {
    declared: &'a DeclaredEvent,
    date: Result<DateTime<Utc>, String>,
    end: Result<Option<DateTime<Utc>>, String>,
    /// `Some(None)` takes it off.
    bookings_close_at: Result<Option<Option<DateTime<Utc>>>, String>,
    found: Option<Found<'a>>,
}

enum Found<'a> {
    This(&'a Event),
    New,
    Unclear(String),
}

impl Events {
    pub(super) fn plan(declaration: &Declaration, actual: &Actual, directory: &Directory) -> Self {
        let declared_zone = declaration
            .organization
            .timezone
            .as_ref()
            .map(|zone| zone.as_ref().map(|zone| zone.value.as_str()));
        let actual_zone = actual.organization.as_ref().and_then(|found| found.settings.timezone.as_deref());
        let zone = declared_zone.unwrap_or(actual_zone);
        let mut candidates: Vec<Candidate<'_>> = declaration
            .events
            .iter()
            .flatten()
            .map(|At { value, .. }| {
                let parse = |at: &At<String>| starts_at(&at.value, zone).map_err(|error| error.to_string());
                let date = parse(&value.date);
                Candidate {
                    declared: value,
                    date,
                    end: value.end.as_ref().map(parse).transpose(),
                    bookings_close_at: value
                        .bookings_close_at
                        .as_ref()
                        .map(|at| at.as_ref().map(parse).transpose())
                        .transpose(),
                    found: None,
                }
            })
            .collect();
        let mut events = Self { steps: Vec::new(), meant: HashSet::new() };
        events.by_id(&mut candidates, &actual.events);
        events.by_name_and_date(&mut candidates, &actual.events);
        events.by_name(&mut candidates, &actual.events);
        events.steps = candidates.iter().map(|candidate| step(candidate, actual.caller, directory)).collect();
        events
    }

    fn by_id<'a>(&mut self, candidates: &mut [Candidate<'a>], actual: &'a [Event]) {
        let by_id: HashMap<EventId, &Event> = actual.iter().map(|event| (event.id, event)).collect();
        for candidate in candidates {
            let Some(id) = &candidate.declared.id else { continue };
            candidate.found = Some(match by_id.get(&id.value) {
                Some(event) => {
                    self.meant.insert(event.id);
                    Found::This(event)
                }
                None => Found::Unclear("no event of this organization has this id".to_owned()),
            });
        }
    }

    fn by_name_and_date<'a>(&mut self, candidates: &mut [Candidate<'a>], actual: &'a [Event]) {
        let mut known: HashMap<(&str, DateTime<Utc>), Vec<&'a Event>> = HashMap::new();
        for event in actual.iter().filter(|event| !self.meant.contains(&event.id)) {
            known.entry((event.name.as_str(), event.event_date)).or_default().push(event);
        }
        for same in known.values_mut() {
            same.sort_by_key(|event| event.id);
        }
        for candidate in candidates.iter_mut().filter(|candidate| candidate.found.is_none()) {
            let Ok(date) = candidate.date else { continue };
            let Some(same) = known.get(&(candidate.declared.name.value.trim(), date)) else { continue };
            self.meant.extend(same.iter().map(|event| event.id));
            let live: Vec<&Event> = same.iter().copied().filter(|event| event.status.is_live()).collect();
            candidate.found = Some(match (same.as_slice(), live.as_slice()) {
                ([one], _) | (_, [one]) => Found::This(one),
                ([one, other, ..], _) => Found::Unclear(format!(
                    "both {} and {} have this name and date: declare which is meant by its `id`",
                    one.id, other.id
                )),
                ([], _) => Found::New,
            });
        }
    }

    fn by_name<'a>(&mut self, candidates: &mut [Candidate<'a>], actual: &'a [Event]) {
        let mut known: HashMap<&str, Vec<&'a Event>> = HashMap::new();
        for event in actual.iter().filter(|event| event.status.is_live() && !self.meant.contains(&event.id)) {
            known.entry(event.name.as_str()).or_default().push(event);
        }
        let mut declared: HashMap<&str, usize> = HashMap::new();
        for candidate in candidates.iter() {
            *declared.entry(candidate.declared.name.value.trim()).or_default() += 1;
        }
        for candidate in candidates.iter_mut().filter(|candidate| candidate.found.is_none()) {
            let name = candidate.declared.name.value.trim();
            let same = known.get(name).map_or(&[][..], Vec::as_slice);
            self.meant.extend(same.iter().map(|event| event.id));
            candidate.found = Some(match same {
                [] => Found::New,
                [one] if declared.get(name) == Some(&1) => Found::This(one),
                several => Found::Unclear(unclear(several)),
            });
        }
    }
}

/// Names what it could be.
fn unclear(events: &[&Event]) -> String {
    let mut events = events.to_vec();
    events.sort_by_key(|event| (event.event_date, event.id));
    let named: Vec<_> = events
        .iter()
        .map(|event| format!("{} at {}", event.id, event.event_date.format("%Y-%m-%dT%H:%MZ")))
        .collect();
    format!(
        "it is either a new event or another date of {}: declare which by its `id`, or declare that one too",
        named.join(" or of ")
    )
}

fn step(candidate: &Candidate<'_>, caller: Option<UserId>, directory: &Directory) -> Step {
    let declared = candidate.declared;
    let step = Step::new(Kind::Event, &declared.name.value, declared.name.line);
    let event = match &candidate.found {
        Some(Found::This(event)) => Some(*event),
        Some(Found::Unclear(why)) => return step.impossible(why),
        Some(Found::New) | None => None,
    };
    let (date, end, closes_at) = match (&candidate.date, &candidate.end, &candidate.bookings_close_at) {
        (Ok(date), Ok(end), Ok(closes_at)) => (*date, *end, *closes_at),
        (Err(why), _, _) | (_, Err(why), _) | (_, _, Err(why)) => return step.impossible(why),
    };
    let organizer = match declared.organizer.as_ref().map(|who| organizer(&who.value, directory)) {
        None => None,
        Some(Ok(organizer)) => Some(organizer),
        Some(Err(why)) => return step.impossible(why),
    };
    let mut differences = Differences::default();
    let mut fields = fields(declared, date, event, &mut differences);
    let ends_anew = differences.compare("end", event.and_then(|event| event.event_end), end);
    // An event that is only moved takes its end along, so one that is declared is said again.
    let said = ends_anew.or(end.filter(|_| fields.event_date.is_some()));
    fields.event_end = said.map(|end| Some(end.to_rfc3339()));
    let known = event.and_then(|event| event.bookings_close_at.as_ref());
    let closes_anew = differences.compare_clearable("bookings_close_at", known, closes_at);
    fields.bookings_close_at = closes_anew.map(|at| at.map(|at| at.to_rfc3339()));
    let before = event.map_or(caller, |event| Some(event.created_by));
    let handed = organizer.filter(|(id, _)| before != Some(*id));
    let username = event.and_then(|event| event.organizer_username.clone());
    differences.compare("organizer", username, handed.as_ref().map(|(_, username)| username.clone()));
    let draft = Box::new(Draft { fields, organizer: handed.map(|(id, _)| id) });
    match event {
        None => step.create(Action::CreateEvent(draft), differences.0),
        Some(_) if *draft == Draft::default() => step,
        Some(event) => {
            step.change(Action::ChangeEvent { event: event.id, version: event.version, draft }, differences.0)
        }
    }
}

/// Whose an event is to be: their id and username.
fn organizer(who: &str, directory: &Directory) -> Result<(UserId, String), String> {
    match directory.find(who) {
        Meant::One(person) => Ok((person.id, person.username.clone())),
        Meant::Several(_) => {
            Err(format!("several people have the address {who}: name the organizer by username"))
        }
        Meant::Nobody => Err(format!("its organizer {who} is no member yet")),
    }
}

/// The declared fields that differ from the event's; of a new one all.
fn fields(
    declared: &DeclaredEvent,
    date: DateTime<Utc>,
    event: Option<&Event>,
    differences: &mut Differences,
) -> UpdateEvent {
    // None and an empty one are the same to people.
    let written = |text: String| Some(text).filter(|text| !text.is_empty());
    let description = declared.description.clone().map(|text| text.and_then(|text| written(text.value)));
    let described = event.and_then(|event| event.description.clone()).and_then(written);
    UpdateEvent {
        name: differences.compare(
            "name",
            event.map(|event| event.name.clone()),
            Some(declared.name.value.trim().to_owned()),
        ),
        event_date: differences
            .compare("date", event.map(|event| event.event_date), Some(date))
            .map(|date| date.to_rfc3339()),
        total_slots: differences.compare(
            "seats",
            event.map(|event| event.total_slots),
            Some(declared.seats.value),
        ),
        description: differences.compare_clearable("description", described.as_ref(), description),
        category: differences.compare_clearable(
            "category",
            event.and_then(|event| event.category.as_ref()),
            declared.category,
        ),
        status: differences.compare("status", event.map(|event| event.status), declared.status),
        waitlist_policy: differences.compare(
            "waitlist_policy",
            event.map(|event| event.waitlist_policy),
            declared.waitlist_policy,
        ),
        bypass_limit: differences.compare(
            "bypass_limit",
            event.map(|event| event.bypass_limit),
            declared.bypass_limit,
        ),
        waitlist_limit: differences.compare_clearable(
            "waitlist_limit",
            event.and_then(|event| event.waitlist_limit.as_ref()),
            declared.waitlist_limit,
        ),
        max_seats_per_booking: differences.compare(
            "max_seats_per_booking",
            event.map(|event| event.max_seats_per_booking),
            declared.max_seats_per_booking,
        ),
        sales_paused: differences.compare(
            "sales_paused",
            event.map(|event| event.sales_paused),
            declared.sales_paused,
        ),
        ..UpdateEvent::default()
    }
}
