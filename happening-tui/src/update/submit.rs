//! What becomes of a form that was filled in: a dialog about a change, or another look.

use super::forms::written;
use super::{change, export, feeds, go};
use crate::command::{BookingRef, Command};
use crate::effect::Effect;
use crate::feed::AuditWanted;
use crate::model::{Field, FieldKind, Form, Model, Overlay, Pane, Purpose, RowKey, Screen};
use crate::text;
use happening_core::id::{BookingId, EventId, OrganizationId};
use happening_core::wire::{
    Adjacent, CreateBooking, CreateEvent, MapServiceAccount, UpdateEvent, UpdateOrganization, UpdateSettings,
};
use std::str::FromStr;

/// What a form comes to.
enum Came {
    /// A change, to be tried first.
    To(Vec<Command>),
    /// Something that is done already.
    Effects(Vec<Effect>),
}

/// Takes the form, or says what is wrong with it.
pub fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = model.overlay.take() else { return Vec::new() };
    match take(model, &form) {
        Ok(Came::To(commands)) => change::offer_from(model, commands, Some(Box::new(form))),
        Ok(Came::Effects(effects)) => effects,
        Err(why) => {
            let at = to_blame(&form, &why).unwrap_or(form.at);
            model.overlay = Some(Overlay::Form(Form { error: Some(why), at, ..form }));
            Vec::new()
        }
    }
}

/// The field that an error is about: the one that it names, or the person who is not found yet.
fn to_blame(form: &Form, why: &str) -> Option<usize> {
    let named = form.fields.iter().position(|field| why.starts_with(&format!("{}: ", field.label)));
    let is_about_somebody = why.starts_with("for whom") || why.starts_with("choose a");
    let nobody = |field: &Field| matches!(field.kind, FieldKind::Person(None));
    named.or_else(|| form.fields.iter().position(nobody).filter(|_| is_about_somebody))
}

fn take(model: &mut Model, form: &Form) -> Result<Came, String> {
    Ok(match &form.purpose {
        Purpose::Book(event) => Came::To(vec![book(model, form, *event)?]),
        Purpose::CreateEvent(organizations) => Came::To(vec![create_event(form, organizations)?]),
        Purpose::EditEvent(event) => Came::To(vec![edit_event(model, form, *event)?]),
        Purpose::Capacity(event) => {
            let update = UpdateEvent { total_slots: Some(number(form, "seats")?), ..UpdateEvent::default() };
            Came::To(vec![change::update(model, *event, update)])
        }
        Purpose::Reassign(event) => {
            let (to, who) = form.person().ok_or("choose a person with ↑ and ↓")?;
            let who = text::visible(&who);
            Came::To(vec![Command::Reassign { event: *event, name: model.data.event_name(*event), to, who }])
        }
        Purpose::CancelSeats(id) => {
            let booking = booking(model, *id)?;
            Came::To(vec![Command::CancelSeats(booking, seats(form, "seats")?)])
        }
        Purpose::Move(id) => {
            let booking = booking(model, *id)?;
            let to = seats(form, "to seats")?;
            if to.len() != booking.count as usize {
                return Err(format!("it has {}: name as many", text::count(booking.count, "seat", "seats")));
            }
            Came::To(vec![Command::Move(booking, to)])
        }
        Purpose::Invite(organization) => Came::To(vec![invite(form, *organization)?]),
        Purpose::Role(organization, user) => {
            let role = word(form, "role")?;
            let who = model.data.person(*user);
            Came::To(vec![Command::SetRole { organization: *organization, user: *user, who, role }])
        }
        Purpose::EditOrganization(_) | Purpose::Transfer(_) | Purpose::MapServiceAccount(_) => {
            Came::To(vec![govern(model, form)?])
        }
        other => Came::Effects(look(model, form, &other.clone())?),
    })
}

/// Forms that only look at something else.
fn look(model: &mut Model, form: &Form, purpose: &Purpose) -> Result<Vec<Effect>, String> {
    match purpose {
        Purpose::Jump(_) => {
            let seat = number(form, "seat")? as usize;
            let Some(event) = &mut model.event else { return Ok(Vec::new()) };
            if seat == 0 || seat > event.seats.len() {
                return Err(format!("there are seats 1 to {}", text::number(event.seats.len() as u64)));
            }
            event.cursor = seat - 1;
        }
        Purpose::FindSeats(_) => find_seats(model, form.text("person"))?,
        Purpose::Keys => {
            form.text("pattern").clone_into(&mut model.keys_wanted);
            if model.keys_wanted.is_empty() {
                "*".clone_into(&mut model.keys_wanted);
            }
            feeds::dirty(model, &[Pane::Keys]);
            return Ok(feeds::ask(model));
        }
        Purpose::People => {
            let wanted = form.text("person").to_owned();
            // A whole id of a person leads to them, whatever a search finds.
            if let Ok(id) = wanted.parse() {
                let name = model.data.person(id);
                return Ok(go::to_person(model, id, &name));
            }
            model.people_wanted = wanted;
            feeds::dirty(model, Screen::Bookings.panes());
            return Ok(feeds::ask(model));
        }
        Purpose::Audit(_) => {
            let some = |label: &str| Some(form.text(label).to_owned()).filter(|text| !text.is_empty());
            let by = form.fields.iter().find(|field| field.label == "by");
            if by.is_some_and(|field| !field.text.trim().is_empty()) && form.person().is_none() {
                return Err("by whom? Choose with ↑ and ↓".to_owned());
            }
            let actor = form.person().map(|(id, _)| id);
            model.audit_wanted = AuditWanted { action: some("action"), actor, target: some("target") };
            return Ok(feeds::ask(model));
        }
        Purpose::Export(pane) => return export::write(model, *pane, form.text("file")),
        _ => {}
    }
    Ok(Vec::new())
}

/// Marks the seats of whoever matches, and goes to the first.
fn find_seats(model: &mut Model, wanted: &str) -> Result<(), String> {
    let wanted = wanted.to_lowercase();
    let Some(event) = &mut model.event else { return Ok(()) };
    let kept = model.data.bookings_at.as_ref().filter(|(id, _)| *id == event.id);
    let Some((_, (bookings, _))) = kept else { return Err("the bookings are not there yet".to_owned()) };
    let found = bookings.iter().find(|found| {
        let name = found.username.as_deref().unwrap_or_default().to_lowercase();
        let email = found.email.as_deref().unwrap_or_default().to_lowercase();
        let has_seats = found.booking.assigned_seats.as_ref().is_some_and(|seats| !seats.is_empty());
        has_seats
            && (name.contains(&wanted)
                || email.contains(&wanted)
                || found.booking.id.to_string().contains(&wanted))
    });
    let found = found.ok_or("nobody like that sits here")?;
    let first = found.booking.assigned_seats.iter().flatten().min().copied().unwrap_or(1);
    let name = found.username.clone().unwrap_or_default();
    event.person = Some((found.booking.user_id, text::visible(&name)));
    event.cursor = (first as usize).saturating_sub(1);
    Ok(())
}

fn book(model: &Model, form: &Form, event: EventId) -> Result<Command, String> {
    let named = optional_seats(form, "seats")?;
    let field = form.fields.iter().find(|field| matches!(field.kind, FieldKind::Person(_)));
    let person = form.person();
    // Staff book for others; who runs the event also for themselves, by naming nobody.
    let must_name = field.is_some_and(|field| model.me().is_staff() || !field.text.trim().is_empty());
    if must_name && person.is_none() {
        return Err("for whom? Type a part of the name, then choose with ↑ and ↓".to_owned());
    }
    let seats = match named.len() {
        0 => number(form, "how many")?,
        named => u32::try_from(named).unwrap_or(u32::MAX),
    };
    let adjacent = match form.text("together") {
        "preferred" => Adjacent::Preferred,
        "required" => Adjacent::Required,
        _ => Adjacent::No,
    };
    let create = CreateBooking {
        user_id: person.as_ref().map(|(id, _)| *id),
        seat_numbers: (!named.is_empty()).then_some(named.clone()),
        adjacent: if named.is_empty() { adjacent } else { Adjacent::No },
        ..CreateBooking::any(event, seats)
    };
    let who = person.map_or_else(|| "you".to_owned(), |(_, name)| text::visible(&name));
    Ok(Command::Book { create, who, event_name: model.data.event_name(event) })
}

fn create_event(form: &Form, organizations: &[(OrganizationId, String)]) -> Result<Command, String> {
    let wanted = form.text("organization");
    let organization = organizations.iter().find(|(_, name)| text::visible(name) == wanted);
    let (org_id, _) = organization.ok_or("choose an organization")?;
    let filled = |label: &str| match form.text(label) {
        "" => Err(format!("{label}: please fill in")),
        text => Ok(text.to_owned()),
    };
    Ok(Command::CreateEvent(Box::new(CreateEvent {
        org_id: *org_id,
        created_by: None,
        name: filled("name")?,
        description: some(form, "description"),
        category: some_word(form, "category")?,
        event_date: filled("date")?,
        event_end: some(form, "end"),
        bookings_close_at: some(form, "bookings until"),
        total_slots: number(form, "seats")?,
        waitlist_policy: some_word(form, "waitlist")?,
        bypass_limit: some_number(form, "bypass limit")?,
        waitlist_limit: some_number(form, "waitlist limit")?,
        max_seats_per_booking: some_number(form, "booking limit")?,
    })))
}

/// Only what was changed is sent.
fn edit_event(model: &Model, form: &Form, id: EventId) -> Result<Command, String> {
    let event = model.data.event(id).ok_or("the event is not there any more")?;
    let changed = |label: &str, before: &str| Some(form.text(label).to_owned()).filter(|text| text != before);
    let changed_hour = |label: &str, before| {
        changed(label, &written(before)).map(|text| Some(text).filter(|text| !text.is_empty()))
    };
    let update = UpdateEvent {
        name: changed("name", &event.name),
        description: changed("description", event.description.as_deref().unwrap_or_default())
            .map(|text| Some(text).filter(|text| !text.is_empty())),
        event_date: changed("date", &written(Some(event.event_date))),
        event_end: changed_hour("end", event.event_end),
        bookings_close_at: changed_hour("bookings until", event.bookings_close_at),
        // What is emptied is cleared.
        category: Some(some_word(form, "category")?).filter(|new| *new != event.category),
        status: some_word(form, "status")?.filter(|new| *new != event.status),
        waitlist_policy: some_word(form, "waitlist")?.filter(|new| *new != event.waitlist_policy),
        bypass_limit: some_number(form, "bypass limit")?.filter(|new| *new != event.bypass_limit),
        waitlist_limit: Some(some_number(form, "waitlist limit")?).filter(|new| *new != event.waitlist_limit),
        max_seats_per_booking: Some(some_number(form, "booking limit")?)
            .filter(|new| *new != event.max_seats_per_booking),
        ..UpdateEvent::default()
    };
    if update == UpdateEvent::default() {
        return Err("nothing is changed".to_owned());
    }
    Ok(change::update(model, id, update))
}

fn invite(form: &Form, organization: OrganizationId) -> Result<Command, String> {
    let email = form.text("e-mail").to_owned();
    if !email.contains('@') {
        return Err("e-mail: an address, please".to_owned());
    }
    Ok(Command::Invite { organization, email, role: word(form, "role")?, message: some(form, "message") })
}

/// Changes of an organization itself.
fn govern(model: &Model, form: &Form) -> Result<Command, String> {
    let named = |organization: OrganizationId| model.data.organization(organization);
    Ok(match form.purpose {
        Purpose::EditOrganization(organization) => {
            let update = Box::new(edit_organization(model, form, organization)?);
            Command::UpdateOrganization { organization, name: named(organization), update }
        }
        Purpose::Transfer(organization) => {
            let (to, who) = form.person().ok_or("choose a member with ↑ and ↓")?;
            Command::Transfer { organization, name: named(organization), to, who: text::visible(&who) }
        }
        Purpose::MapServiceAccount(organization) => {
            let asked = form.fields.iter().any(|field| field.label == "client");
            let selected = model.selected_service_account().filter(|_| !asked);
            let client_id = match selected {
                Some(account) => account.client_id.clone(),
                None => some(form, "client").ok_or("client: please fill in")?,
            };
            let map = MapServiceAccount { client_id, role: word(form, "role")? };
            Command::MapServiceAccount { organization, name: named(organization), map }
        }
        _ => return Err("this is no change".to_owned()),
    })
}

/// Only what was changed is sent; what was emptied is cleared.
fn edit_organization(model: &Model, form: &Form, id: OrganizationId) -> Result<UpdateOrganization, String> {
    let found = model.data.organizations.iter().find(|one| one.id == id);
    let organization = found.ok_or("the organization is not there any more")?;
    let before = &organization.settings;
    let name = form.text("name").to_owned();
    if name.is_empty() {
        return Err("name: please fill in".to_owned());
    }
    let settings = UpdateSettings {
        timezone: Some(some(form, "time zone")).filter(|new| *new != before.timezone),
        waitlist_policy: Some(some_word(form, "waitlist")?).filter(|new| *new != before.waitlist_policy),
        contact: Some(some(form, "contact")).filter(|new| *new != before.contact),
        ..UpdateSettings::default()
    };
    let update = UpdateOrganization {
        name: Some(name).filter(|name| *name != organization.name),
        settings: Some(settings).filter(|settings| *settings != UpdateSettings::default()),
    };
    if update == UpdateOrganization::default() { Err("nothing is changed".to_owned()) } else { Ok(update) }
}

fn booking(model: &Model, id: BookingId) -> Result<BookingRef, String> {
    let here = model.target_booking().filter(|booking| booking.id == id);
    let tables = [Pane::EventBookings, Pane::PersonBookings];
    let found = here.or_else(|| {
        tables.into_iter().find_map(|pane| {
            let there = model.table_of(pane)?.rows.iter().any(|row| row.key == RowKey::Booking(id));
            there.then(|| model.booking(pane, id)).flatten()
        })
    });
    found.ok_or_else(|| "the booking is not there any more".to_owned())
}

fn some(form: &Form, label: &str) -> Option<String> {
    Some(form.text(label).to_owned()).filter(|text| !text.is_empty())
}

fn number(form: &Form, label: &str) -> Result<u32, String> {
    form.text(label).parse().map_err(|_| format!("{label}: a number, please"))
}

fn some_number(form: &Form, label: &str) -> Result<Option<u32>, String> {
    if form.text(label).is_empty() { Ok(None) } else { number(form, label).map(Some) }
}

fn word<T: FromStr>(form: &Form, label: &str) -> Result<T, String> {
    form.text(label).parse().map_err(|_| format!("{label}: choose with ← and →"))
}

fn some_word<T: FromStr>(form: &Form, label: &str) -> Result<Option<T>, String> {
    if form.text(label) == "–" { Ok(None) } else { word(form, label).map(Some) }
}

fn optional_seats(form: &Form, label: &str) -> Result<Vec<u32>, String> {
    text::parse_seats(form.text(label)).ok_or_else(|| format!("{label}: numbers and ranges, such as 3, 5-8"))
}

fn seats(form: &Form, label: &str) -> Result<Vec<u32>, String> {
    let seats = optional_seats(form, label)?;
    if seats.is_empty() { Err(format!("{label}: which ones?")) } else { Ok(seats) }
}
