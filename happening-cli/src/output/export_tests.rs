//! Whatever things are called: what `happening export` prints is what `happening diff` finds no difference to.

use super::declared::Exported;
use super::document::Document;
use super::json;
use super::yaml::{self, tests::any_text};
use happening_core::declare::{self, Actual};
use happening_core::fields;
use happening_core::id::{EventId, UserId};
use happening_core::wire::{Event, Member, Organization};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

const ORGANIZATION: Uuid = Uuid::from_u128(1);

/// What an organization can be called by. Names come from requests, usernames from tokens.
#[derive(Debug, Clone)]
struct Names {
    organization: String,
    contact: String,
    username: String,
    events: Vec<String>,
    description: String,
}

fn stored_name() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| {
        let mended = fields::mended_line(&text, fields::NAME).unwrap_or_else(|| "x".to_owned());
        fields::name(&mended).unwrap_or_else(|_| "x".to_owned())
    })
}

fn stored_paragraphs() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| {
        let kept: String =
            text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect();
        fields::paragraphs(&kept, fields::DESCRIPTION).expect("nothing is left to refuse").to_owned()
    })
}

fn names() -> impl Strategy<Value = Names> {
    let events = prop::collection::vec(stored_name(), 1..4);
    (stored_name(), stored_name(), stored_name(), events, stored_paragraphs()).prop_map(
        |(organization, contact, username, events, description)| Names {
            organization,
            contact,
            username,
            events,
            description,
        },
    )
}

/// The organization, with a member who governs and runs all events: without an address, so that they are named by username.
fn world(names: &Names) -> Actual {
    let organization: Organization = serde_json::from_value(json!({
        "id": ORGANIZATION, "name": names.organization, "keycloak_org_id": null,
        "created_at": "2026-11-01T00:00:00Z", "settings": { "contact": names.contact }, "member_count": 1,
        "owner_username": names.username,
    }))
    .expect("an organization");
    let user = UserId(Uuid::from_u128(2));
    let member: Member = serde_json::from_value(json!({
        "id": user, "username": names.username, "email": "", "role": "orgAdmin",
        "joined_at": "2026-11-01T00:00:00Z", "user_created_at": "2026-11-01T00:00:00Z", "kind": "person",
    }))
    .expect("a member");
    let event = |(number, name): (u128, &String)| -> Event {
        serde_json::from_value(json!({
            "id": EventId(Uuid::from_u128(number)), "org_id": ORGANIZATION, "created_by": user, "name": name,
            "description": names.description, "category": null, "event_date": "2030-06-01T19:00:00Z",
            "total_slots": 5, "available_slots": 5, "status": "upcoming",
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
            "organizer_username": names.username, "waitlist_policy": "split", "bypass_limit": 3,
            "waitlist_limit": null, "max_seats_per_booking": null, "waiting": 0, "version": 1,
        }))
        .expect("an event")
    };
    Actual {
        organization: Some(organization),
        caller: Some(user),
        members: vec![member],
        events: (10..).zip(&names.events).map(event).collect(),
        ..Actual::default()
    }
}

proptest! {
    #[test]
    fn an_export_differs_in_nothing_whatever_things_are_called(names in names()) {
        let actual = world(&names);
        let exported = declare::export(actual.organization.as_ref().expect("it is there"), &actual);
        let document = Document::of(&Exported(exported.clone())).expect("a document");
        for printed in [yaml::text(&document), json::text(&document).expect("JSON")] {
            for file in [printed.clone(), format!("\u{feff}{printed}")] {
                let read = declare::read(file.as_bytes())
                    .map_err(|flaws| TestCaseError::fail(format!("{file}: {flaws:?}")))?;
                prop_assert_eq!(&read, &exported, "{}", file);
                let plan = declare::plan(&read, &actual, true);
                prop_assert!(plan.is_empty(), "{}{:?}", file, plan.steps);
            }
        }
    }
}
