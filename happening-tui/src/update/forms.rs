//! Forms: what there is to fill in. [`super::submit`] takes them.

use crate::model::data::of;
use crate::model::{Data, Field, FieldKind, Form, Model, Overlay, Pane, Purpose};
use crate::text;
use chrono::{DateTime, Utc};
use happening_core::id::OrganizationId;
use happening_core::wire::{Category, Event, EventStatus, FoundUser, Role, WaitlistPolicy};

/// Where people are shown while one is looked for.
pub const SUGGESTIONS: usize = 6;

/// Fewer letters find too many.
const FEWEST_LETTERS: usize = 2;

const SEATS_HELP: &str = "numbers and ranges: 3, 5-8";
const DATE_HELP: &str = "2026-12-01T19:00 in the organization's time zone, or with an offset";

fn open(model: &mut Model, purpose: Purpose, title: String, fields: Vec<Field>) {
    model.overlay = Some(Overlay::Form(Form { purpose, title, fields, at: 0, error: None, typed: None }));
}

fn person(label: &'static str) -> Field {
    Field::text(label, "", "type a name or address; ↑ ↓ choose").of(FieldKind::Person(None))
}

/// The text by which a form looks for a person now.
pub fn person_wanted(model: &Model) -> Option<String> {
    let Some(Overlay::Form(form)) = &model.overlay else { return None };
    let here = form.field().filter(|field| matches!(field.kind, FieldKind::Person(_)));
    // Who goes on before anybody was found is looked for nonetheless.
    let unsettled = || form.fields.iter().find(|field| matches!(field.kind, FieldKind::Person(None)));
    let text = here.or_else(unsettled)?.text.trim();
    (text.chars().count() >= FEWEST_LETTERS).then(|| text.to_owned())
}

/// Whom a form has found.
pub fn suggestions(model: &Model) -> Vec<FoundUser> {
    let Some(text) = person_wanted(model) else { return Vec::new() };
    let found = model.data.found(&text).unwrap_or_default();
    // While the members are not known everybody is offered; the daemon refuses who is no member.
    let members = members_wanted(model).and_then(|id| of(&model.data.members, &id));
    let may_be_meant =
        |one: &&FoundUser| members.is_none_or(|members| members.iter().any(|member| member.id == one.id));
    found.iter().filter(may_be_meant).take(SUGGESTIONS).cloned().collect()
}

/// Said where a person is looked for and nobody is found.
pub fn nobody_found(model: &Model) -> Option<String> {
    model.data.found(&person_wanted(model)?)?;
    if !suggestions(model).is_empty() {
        return None;
    }
    Some(match members_wanted(model) {
        Some(id) => format!("no member of “{}” is called so", model.data.organization(id)),
        None => "nobody is called so".to_owned(),
    })
}

/// The organization whose members alone are meant by the form that is open.
pub fn members_wanted(model: &Model) -> Option<OrganizationId> {
    let Some(Overlay::Form(Form { purpose, .. })) = &model.overlay else { return None };
    match purpose {
        Purpose::Book(event) => {
            let event = model.data.event(*event)?;
            may_book_for_others(model, event).then_some(event.org_id)
        }
        // Only a member can own an organization.
        Purpose::Transfer(organization) => Some(*organization),
        _ => None,
    }
}

fn may_book_for_others(model: &Model, event: &Event) -> bool {
    model.me().is_staff() || model.me().runs(event)
}

/// Whoever stands in the field by name, or is the only one found, is meant.
pub fn settle_person(model: &mut Model) {
    let people = suggestions(model);
    let looked_for = person_wanted(model);
    let Some(Overlay::Form(form)) = &mut model.overlay else { return };
    for field in &mut form.fields {
        let Field { kind: FieldKind::Person(chosen), text, .. } = field else { continue };
        let wanted = text.trim();
        if chosen.is_none() && looked_for.as_deref() == Some(wanted) {
            let exact = people.iter().find(|one| one.username == wanted || one.email == wanted);
            let only = (people.len() == 1).then(|| people.first()).flatten();
            *chosen = exact.or(only).map(|one| (one.id, one.username.clone()));
        }
        if let Some((_, name)) = chosen {
            name.clone_into(text);
        }
    }
}

/// Books at the event: the seats that are picked, or any.
pub fn book(model: &mut Model) {
    let Some(event) = model.target_event() else { return };
    let mut title = format!("Book at “{}”", model.data.event_name(event));
    if let Some(known) = model.data.event(event) {
        if let Some(limit) = known.max_seats_per_booking {
            title += ", at most ";
            title += &text::count(limit, "seat", "seats");
        }
        if known.sales_paused {
            title += ", whose sales are paused";
        }
    }
    let picked = match (&model.event, model.pane()) {
        (Some(screen), _) if screen.id == event => {
            text::seats(&screen.picked.iter().copied().collect::<Vec<_>>())
        }
        _ => String::new(),
    };
    let count = if picked.is_empty() { "1" } else { "" };
    let mut fields = vec![
        Field::text("seats", picked, "which ones (3, 5-8); empty: any").of(FieldKind::Seats),
        Field::text("how many", count, "where no seats are named").of(FieldKind::Number),
        Field::choice(
            "together",
            "no",
            &["no", "preferred", "required"],
            "for any seats: with consecutive numbers",
        ),
    ];
    if model.me().is_staff() {
        fields.insert(0, person("person"));
    } else if model.data.event(event).is_some_and(|event| model.me().runs(event)) {
        let help = "a member's name or address; ↑ ↓ choose; empty: yourself";
        fields.insert(0, Field { help, ..person("person") });
    }
    open(model, Purpose::Book(event), title, fields);
}

/// Publishes an event.
pub fn create_event(model: &mut Model) {
    let me = model.me();
    let organizations: Vec<_> = if me.operator {
        let active = model.data.organizations.iter().filter(|one| one.deleted_at.is_none());
        active.map(|one| (one.id, one.name.clone())).collect()
    } else {
        me.publishes_in().map(|(id, name)| (id, name.to_owned())).collect()
    };
    let here = model.target().map(|event| model.data.organization(event.org_id));
    let names: Vec<String> = organizations.iter().map(|(_, name)| text::visible(name)).collect();
    let first =
        here.filter(|name| names.contains(name)).or_else(|| names.first().cloned()).unwrap_or_default();
    let mut fields = vec![
        Field::text("organization", first, "← → choose").of(FieldKind::Choice(names)),
        Field::text("name", "", ""),
        Field::text("date", "", DATE_HELP),
        Field::text("seats", "", "1 to 1,000,000").of(FieldKind::Number),
    ];
    fields.extend(details(None));
    open(model, Purpose::CreateEvent(organizations), "Publish an event".to_owned(), fields);
}

/// What an event may have beside name, date and seats.
fn details(event: Option<&Event>) -> Vec<Field> {
    let words = |all: &[&'static str]| [&["–"], all].concat();
    let categories: Vec<&str> = Category::ALL.iter().map(|one| one.as_str()).collect();
    let policies: Vec<&str> = WaitlistPolicy::ALL.iter().map(|one| one.as_str()).collect();
    let category = event.and_then(|event| event.category).map_or("–", Category::as_str);
    let policy = event.map_or("–", |event| event.waitlist_policy.as_str());
    let limit = event.map(|event| event.bypass_limit.to_string()).unwrap_or_default();
    let most =
        event.and_then(|event| event.waitlist_limit).map(|limit| limit.to_string()).unwrap_or_default();
    let largest = event.and_then(|event| event.max_seats_per_booking);
    let largest = largest.map(|limit| limit.to_string()).unwrap_or_default();
    let end = written(event.and_then(|event| event.event_end));
    let closes_at = written(event.and_then(|event| event.bookings_close_at));
    vec![
        Field::text(
            "end",
            end,
            "written like the date; empty: after as long as the organization's events take",
        ),
        Field::text("bookings until", closes_at, "written like the date; empty: until it starts"),
        Field::choice("category", category, &words(&categories), "← → choose"),
        Field::choice(
            "waitlist",
            policy,
            &words(&policies),
            "split: the head gets what is free; whole: all or none",
        ),
        Field::text("bypass limit", limit, "how often a smaller party may pass the head of a whole waitlist")
            .of(FieldKind::Number),
        Field::text("waitlist limit", most, "how many parties may wait; empty: no limit")
            .of(FieldKind::Number),
        Field::text(
            "booking limit",
            largest,
            "the most seats of one booking; empty: as the installation has it",
        )
        .of(FieldKind::Number),
        Field::text("description", event.and_then(|event| event.description.clone()).unwrap_or_default(), ""),
    ]
}

/// An hour as forms have it, in UTC; empty if there is none.
pub fn written(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
}

/// Changes the event.
pub fn edit_event(model: &mut Model) {
    let Some(event) = model.target().cloned() else { return };
    let statuses: Vec<&str> = EventStatus::ALL.iter().map(|one| one.as_str()).collect();
    let date = written(Some(event.event_date));
    let mut fields = vec![
        Field::text("name", event.name.clone(), ""),
        Field::text("date", date, DATE_HELP),
        Field::choice("status", event.status.as_str(), &statuses, "← → choose"),
    ];
    fields.extend(details(Some(&event)));
    let title = format!("Change “{}”", text::visible(&event.name));
    open(model, Purpose::EditEvent(event.id), title, fields);
}

/// Changes how many seats it has.
pub fn capacity(model: &mut Model) {
    let Some(event) = model.target() else { return };
    let (id, name, seats) = (event.id, text::visible(&event.name), event.total_slots);
    let field = Field::text("seats", seats.to_string(), "the plan comes first: who would be served")
        .of(FieldKind::Number);
    open(model, Purpose::Capacity(id), format!("Seats of “{name}”"), vec![field]);
}

/// Hands it to somebody else.
pub fn reassign(model: &mut Model) {
    let Some(event) = model.target() else { return };
    let (id, name) = (event.id, text::visible(&event.name));
    open(model, Purpose::Reassign(id), format!("Hand over “{name}”"), vec![person("organizer")]);
}

/// Cancels some seats of the booking.
pub fn cancel_seats(model: &mut Model) {
    let Some(booking) = model.target_booking() else { return };
    let picked: Vec<u32> = match (&model.event, model.pane()) {
        (Some(event), Pane::Seats) if event.picked.is_empty() => vec![event.number()],
        (Some(event), Pane::Seats) => {
            event.picked.iter().copied().filter(|seat| booking.seats.contains(seat)).collect()
        }
        _ => Vec::new(),
    };
    let title = format!("Cancel seats of {}: {}", booking.who, crate::command::seats_of(&booking));
    let field = Field::text("seats", text::seats(&picked), SEATS_HELP).of(FieldKind::Seats);
    open(model, Purpose::CancelSeats(booking.id), title, vec![field]);
}

/// Gives the booking other seats.
pub fn move_booking(model: &mut Model) {
    let Some(booking) = model.target_booking() else { return };
    let picked: Vec<u32> = match &model.event {
        Some(event) if event.id == booking.event => event.picked.iter().copied().collect(),
        _ => Vec::new(),
    };
    let title = format!("Move {} from {}", booking.who, crate::command::seats_of(&booking));
    let field = Field::text("to seats", text::seats(&picked), SEATS_HELP).of(FieldKind::Seats);
    open(model, Purpose::Move(booking.id), title, vec![field]);
}

/// Goes to a seat.
pub fn jump(model: &mut Model) {
    let Some(event) = &model.event else { return };
    let (id, last) = (event.id, event.seats.len());
    let title = format!("Go to a seat, 1 to {}", text::number(last as u64));
    open(model, Purpose::Jump(id), title, vec![Field::text("seat", "", "").of(FieldKind::Number)]);
}

/// Shows where somebody sits.
pub fn find_seats(model: &mut Model) {
    let Some(id) = model.event.as_ref().map(|event| event.id) else { return };
    let field = Field::text("person", "", "name, address or booking id, or a part of it");
    open(model, Purpose::FindSeats(id), "Show where somebody sits".to_owned(), vec![field]);
}

/// A form with one line.
pub fn simple(model: &mut Model, purpose: Purpose) {
    let (title, field) = match purpose {
        Purpose::Keys => (
            "Keys of the counters",
            Field::text("pattern", model.keys_wanted.clone(), "as Redis knows them: * ? [ab]"),
        ),
        _ => (
            "Find people",
            Field::text("person", model.people_wanted.clone(), "name, address, user or booking id"),
        ),
    };
    open(model, purpose, title.to_owned(), vec![field]);
}

/// Filters the audit log.
pub fn audit(model: &mut Model) {
    let wanted = model.audit_wanted.clone();
    let actor = wanted.actor.map(|id| model.data.person(id)).unwrap_or_default();
    let mut by = person("by");
    by.text = actor;
    if let Some(id) = wanted.actor {
        by.kind = FieldKind::Person(Some((id, by.text.clone())));
    }
    let fields = vec![
        Field::text("action", wanted.action.clone().unwrap_or_default(), "such as event.updated; empty: all"),
        by,
        Field::text(
            "target",
            wanted.target.clone().unwrap_or_default(),
            "the id of what was changed; empty: all",
        ),
    ];
    open(model, Purpose::Audit(wanted), "Entries of the audit log".to_owned(), fields);
}

fn roles() -> Vec<&'static str> {
    Role::ALL.iter().map(|role| role.as_str()).collect()
}

/// Invites somebody.
pub fn invite(model: &mut Model) {
    let Some(id) = model.selected_organization() else { return };
    let title = format!("Invite to “{}”", Data::organization(&model.data, id));
    let fields = vec![
        Field::text("e-mail", "", ""),
        Field::choice("role", Role::User.as_str(), &roles(), "← → choose"),
        Field::text("message", "", "a few words, if you like"),
    ];
    open(model, Purpose::Invite(id), title, fields);
}

/// Sets a role.
pub fn role(model: &mut Model) {
    let (Some(id), Some(member)) = (model.selected_organization(), model.selected_member()) else { return };
    let (user, role) = (member.id, member.role);
    let title = format!("Role of {}", text::visible(&member.username));
    let field = Field::choice("role", role.as_str(), &roles(), "← → choose");
    open(model, Purpose::Role(id, user), title, vec![field]);
}

/// Changes what an organization decides.
pub fn edit_organization(model: &mut Model) {
    let Some(organization) = model.organization().cloned() else { return };
    let settings = &organization.settings;
    let policies: Vec<&str> =
        std::iter::once("–").chain(WaitlistPolicy::ALL.iter().map(|one| one.as_str())).collect();
    let policy = settings.waitlist_policy.map_or("–", WaitlistPolicy::as_str);
    let zone = settings.timezone.clone().unwrap_or_default();
    let contact = settings.contact.clone().unwrap_or_default();
    let fields = vec![
        Field::text("name", organization.name.clone(), ""),
        Field::text("time zone", zone, "such as Europe/Berlin, in which dates are read; empty: UTC"),
        Field::choice("waitlist", policy, &policies, "of new events; –: split"),
        Field::text("contact", contact, "whom to ask; empty: nobody"),
    ];
    let title = format!("Settings of “{}”", text::visible(&organization.name));
    open(model, Purpose::EditOrganization(organization.id), title, fields);
}

/// Hands an organization to another owner.
pub fn transfer(model: &mut Model) {
    let Some(id) = model.selected_organization() else { return };
    let title = format!("Hand over “{}”", Data::organization(&model.data, id));
    let field = Field { help: "a member's name or address; ↑ ↓ choose", ..person("owner") };
    open(model, Purpose::Transfer(id), title, vec![field]);
}

/// Gives a service account a role: the one under the cursor, or another.
pub fn service_account(model: &mut Model, selected: bool) {
    let Some(id) = model.selected_organization() else { return };
    let (client, role) = match model.selected_service_account().filter(|_| selected) {
        Some(account) => (account.client_id.clone(), account.role),
        None => (String::new(), Role::User),
    };
    let title = format!("Role of a service account in “{}”", Data::organization(&model.data, id));
    let mut fields = vec![
        Field::text("client", client, "the id of a confidential client at the issuer"),
        Field::choice("role", role.as_str(), &roles(), "← → choose"),
    ];
    if selected {
        fields.remove(0);
    }
    open(model, Purpose::MapServiceAccount(id), title, fields);
}

/// Writes a table to a file.
pub fn export(model: &mut Model) {
    let pane = model.pane();
    let name = pane.title().to_lowercase().replace(' ', "-");
    let path = format!("happening-{name}-{}.csv", model.now.format("%Y%m%d-%H%M%S"));
    let fields = vec![Field::text("file", path, "ends with .csv or .json")];
    open(model, Purpose::Export(pane), format!("Write {} to a file", pane.title()), fields);
}
