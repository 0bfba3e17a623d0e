//! The demo organization: what `--demo` brings in, once. Its people are those of the built-in issuer and of the
//! development realm, which give them the same `sub`.

use crate::booking::EngineParts;
use crate::identity::{DEMO_PEOPLE, DemoPerson};
use crate::service::membership::{self, Consent};
use crate::service::{Error, Units, events, organizations, people};
use crate::store::{
    Actor, Constraint, CounterSnapshot, EventCounts, NewEvent, NewOrganization, NewUser, StoreError,
};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use happening_core::booking::Terms;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Category, ErrorCode, OrganizationSettings, Role};
use std::collections::HashMap;
use uuid::Uuid;

/// *Demo* always has this id, by which it is recognized.
const ORGANIZATION: OrganizationId =
    OrganizationId(Uuid::from_u128(0x0000_0000_0000_4000_a000_0000_0000_0001));

/// The people with a place in *Demo*, whoever founds it first.
const MEMBERS: [(&str, Role); 3] =
    [("admin", Role::OrgAdmin), ("organizer", Role::Organizer), ("member", Role::User)];

/// When they start, in UTC.
const EVENING: NaiveTime = match NaiveTime::from_hms_opt(19, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// Brings it in unless it is there.
pub async fn bring_in(parts: &EngineParts, issuer: &str) -> Result<(), StoreError> {
    if parts.store.find_organization(ORGANIZATION).await?.is_some() {
        return Ok(());
    }
    let now = parts.clock.now();
    let units = Units::without_effects(parts.store.clone());
    let mut users = HashMap::new();
    for person in DEMO_PEOPLE {
        users.insert(person.username, sign_up(parts, &units, person, now).await?);
    }
    let new = NewOrganization {
        id: ORGANIZATION,
        name: "Demo".to_owned(),
        domain: None,
        settings: OrganizationSettings::default(),
        owner: users["admin"],
    };
    let is_founder = match found(&units, &new, now).await {
        Ok(()) => true,
        // Another daemon with --demo, at this very moment: the events are its to publish.
        Err(Error { conflict: Some(Constraint::Organization), .. }) => false,
        Err(error) => return Err(failed(error)),
    };
    for (username, role) in MEMBERS {
        admit(&units, users[username], role, now).await.map_err(failed)?;
    }
    if !is_founder {
        return Ok(());
    }
    for event in evenings(parts, users["organizer"], now) {
        publish(&units, &event, now).await.map_err(failed)?;
        let mark = EventCounts { event: event.id, version: 0, available: event.terms.capacity, waiting: 0 };
        // The reconciler does it if the counters do not answer now.
        let _ = parts.counters.restore(&[CounterSnapshot { mark, waitlist: Vec::new() }], false).await;
    }
    tracing::info!(issuer, "brought in the demo organization");
    Ok(())
}

/// A start is tried again for as long as the database is away.
fn failed(error: Error) -> StoreError {
    match error.code {
        ErrorCode::Unavailable => StoreError::Busy(error.detail),
        _ => StoreError::Defect(error.detail),
    }
}

async fn found(units: &Units, new: &NewOrganization, now: DateTime<Utc>) -> Result<(), Error> {
    let mut unit = units.begin(Actor::daemon(now)).await?;
    organizations::rules::found(&mut unit, new).await?;
    unit.commit().await
}

async fn admit(units: &Units, user: UserId, role: Role, now: DateTime<Utc>) -> Result<(), Error> {
    let mut unit = units.begin(Actor::daemon(now)).await?;
    membership::set_role(&mut unit, ORGANIZATION, user, role, Consent::Given).await?;
    unit.commit().await
}

async fn publish(units: &Units, event: &NewEvent, now: DateTime<Utc>) -> Result<(), Error> {
    let mut unit = units.begin(Actor::daemon(now)).await?;
    events::rules::publish(&mut unit, event).await?;
    unit.commit().await
}

fn evenings(parts: &EngineParts, organizer: UserId, now: DateTime<Utc>) -> [NewEvent; 2] {
    let evening = (now + Duration::days(30)).date_naive().and_time(EVENING).and_utc();
    let event = |name: &str, description: &str, category, capacity, starts_at| NewEvent {
        id: parts.ids.event(),
        organization: ORGANIZATION,
        created_by: organizer,
        name: name.to_owned(),
        description: Some(description.to_owned()),
        category: Some(category),
        ends_at: starts_at + Duration::hours(3),
        terms: Terms::upcoming(capacity, starts_at),
    };
    let later = evening + Duration::days(7);
    [
        event("Harbour Lights", "An evening concert by the water.", Category::Concert, 120, evening),
        event("Rust Night", "Five seats, quickly gone: try the waitlist.", Category::Hackathon, 5, later),
    ]
}

async fn sign_up(
    parts: &EngineParts,
    units: &Units,
    person: &DemoPerson,
    now: DateTime<Utc>,
) -> Result<UserId, StoreError> {
    let user = NewUser {
        id: parts.ids.user(),
        subject: person.subject.to_string(),
        username: person.username.to_owned(),
        email: person.email.to_owned(),
        first_name: Some(person.first_name.to_owned()),
        last_name: Some(person.last_name.to_owned()),
        phone: None,
        avatar_url: None,
        profile_at: None,
    };
    match make_known(units, &user, now).await {
        // Another daemon with --demo, or they signed up by themselves.
        Ok(()) | Err(Error { conflict: Some(Constraint::UserSubject | Constraint::Username), .. }) => {}
        Err(error) => return Err(failed(error)),
    }
    let found = parts.store.find_user_by_subject(&user.subject).await?;
    found.map(|user| user.id).ok_or_else(|| StoreError::Defect(format!("no user {}", person.username)))
}

async fn make_known(units: &Units, user: &NewUser, now: DateTime<Utc>) -> Result<(), Error> {
    let mut unit = units.begin(Actor::daemon(now)).await?;
    people::rules::sign_up(&mut unit, user, None).await?;
    unit.commit().await
}
