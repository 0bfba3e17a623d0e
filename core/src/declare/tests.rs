//! Plans, by example and by chance.

use super::*;
use crate::id::{EventId, InviteId, OrganizationId, UserId};
use crate::wire::{
    Category, Event, EventStatus, FoundUser, Invite, InviteKind, InviteStatus, Member, Organization,
    OrganizationSettings, Role, ServiceAccount, UserKind, WaitlistPolicy,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write as _;
use uuid::Uuid;

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000 - 1_900_000_000 % 3_600, 0).expect("a time")
        + TimeDelta::hours(hours)
}

fn member(number: u128, name: &str, role: Role) -> Member {
    Member {
        id: UserId(Uuid::from_u128(number)),
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        role,
        joined_at: at(0),
        user_created_at: at(0),
        kind: UserKind::Person,
    }
}

fn invite(number: u128, email: &str, role: Role, status: InviteStatus) -> Invite {
    Invite {
        kind: InviteKind::Membership,
        user_id: None,
        id: InviteId(Uuid::from_u128(number)),
        organization_id: OrganizationId(Uuid::from_u128(1)),
        organization_name: "Jazz".to_owned(),
        email: email.to_owned(),
        role,
        invited_by: UserId(Uuid::from_u128(1)),
        invited_by_username: "ada".to_owned(),
        message: None,
        expires_at: at(100),
        status,
        created_at: at(i64::try_from(number).expect("small")),
        updated_at: at(0),
        token: None,
    }
}

fn event(number: u128, name: &str, hours: i64) -> Event {
    Event {
        id: EventId(Uuid::from_u128(number)),
        org_id: OrganizationId(Uuid::from_u128(1)),
        created_by: UserId(Uuid::from_u128(1)),
        name: name.to_owned(),
        description: None,
        category: None,
        event_date: at(hours),
        event_end: None,
        bookings_close_at: None,
        total_slots: 10,
        available_slots: 10,
        status: EventStatus::Upcoming,
        created_at: at(0),
        updated_at: at(0),
        organizer_username: Some("ada".to_owned()),
        organizer_first_name: None,
        organizer_last_name: None,
        organizer_email: None,
        waitlist_policy: WaitlistPolicy::Split,
        bypass_limit: 3,
        waitlist_limit: None,
        max_seats_per_booking: None,
        sales_paused: false,
        waiting: 0,
        version: 4,
    }
}

/// Ada governs, Bix plays; Cat is invited. Two events.
fn jazz() -> Actual {
    let settings = OrganizationSettings { timezone: Some("Europe/Berlin".to_owned()), ..Default::default() };
    let organization = Organization {
        id: OrganizationId(Uuid::from_u128(1)),
        name: "Jazz".to_owned(),
        keycloak_org_id: None,
        created_at: at(0),
        settings,
        member_count: 2,
        owner_username: Some("ada".to_owned()),
        owner_id: Some(UserId(Uuid::from_u128(1))),
        status: crate::wire::OrganizationStatus::Active,
        deleted_at: None,
    };
    Actual {
        organization: Some(organization),
        caller: Some(UserId(Uuid::from_u128(1))),
        members: vec![member(1, "ada", Role::OrgAdmin), member(2, "bix", Role::Organizer)],
        invites: vec![invite(1, "cat@example.org", Role::User, InviteStatus::Pending)],
        service_accounts: vec![ServiceAccount {
            client_id: "bot".to_owned(),
            user_id: UserId(Uuid::from_u128(9)),
            username: "service-account-bot".to_owned(),
            role: Role::Organizer,
            joined_at: at(0),
            pending: false,
        }],
        events: vec![event(1, "Gala", 10), event(2, "Jam", 20)],
        people: Vec::new(),
    }
}

fn declared(text: &str) -> Declaration {
    let head = "happening: 1\norganization: {name: Jazz}\n";
    read(format!("{head}{text}").as_bytes()).expect("a declaration")
}

/// What is to be done, without what is as declared: state, name, fields, note.
fn told(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().filter(|step| step.state != State::Unchanged);
    let one = |step: &Step| {
        let fields = step.differences.iter().map(|it| format!(" {} {}->{}", it.field, it.old, it.new));
        let note = step.note.as_ref().map(|note| format!(" ({note})"));
        format!("{} {}{}{}", step.state, step.name, fields.collect::<String>(), note.unwrap_or_default())
    };
    steps.map(one).collect()
}

#[test]
fn what_is_exported_changes_nothing() {
    let actual = jazz();
    let declaration = export(actual.organization.as_ref().expect("it is there"), &actual);
    assert_eq!(told(&plan(&declaration, &actual, true)), [""; 0]);
    let json = serde_json::to_string(&declaration).expect("JSON");
    assert_eq!(read(json.as_bytes()).expect("JSON is YAML"), declaration);
}

#[test]
fn what_is_left_out_stays() {
    let plan = plan(&declared(""), &jazz(), true);
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(plan.steps.len(), 1);
}

#[test]
fn fields_are_compared_one_by_one() {
    let declaration = read(
        br"
happening: 1
organization: {name: Jazz, timezone: Asia/Tokyo, contact: door}
members:
  - {who: BIX, role: orgAdmin}
events:
  - {name: Gala, date: 2030-03-17T12:00:00Z, seats: 11, category: concert, organizer: bix@example.org}
",
    )
    .expect("a declaration");
    let plan = plan(&declaration, &jazz(), false);
    let gala = jazz().events[0].event_date;
    assert_eq!(
        told(&plan),
        [
            "change Jazz timezone \"Europe/Berlin\"->\"Asia/Tokyo\" contact null->\"door\"".to_owned(),
            "change BIX role \"organizer\"->\"orgAdmin\"".to_owned(),
            format!(
                "change Gala date {}->\"2030-03-17T12:00:00Z\" seats 10->11 category null->\"concert\" organizer \"ada\"->\"bix\"",
                json!(gala)
            ),
        ]
    );
    let Some(Action::UpdateOrganization(update)) = &plan.steps[0].action else { panic!("{plan:?}") };
    assert_eq!(update.name, None, "what does not differ is not written");
}

#[test]
fn an_organization_that_is_not_there_is_founded_with_all_of_it() {
    let text = "members: [{who: new@example.org, role: user}]\nevents: [{name: Gala, date: 2030-01-01T10:00, seats: 5}]";
    let plan = plan(&declared(text), &Actual::default(), false);
    let states: Vec<_> = plan.steps.iter().map(|step| (step.kind, step.state)).collect();
    let made = [Kind::Organization, Kind::Member, Kind::Event].map(|kind| (kind, State::Create));
    assert_eq!(states, made);
}

#[test]
fn whoever_has_no_account_is_invited() {
    let mut actual = jazz();
    actual.people.push(FoundUser {
        id: UserId(Uuid::from_u128(5)),
        username: "eve".to_owned(),
        email: "Eve@Example.org".to_owned(),
        keycloak_id: None,
        first_name: None,
        last_name: None,
        phone: None,
        avatar_url: None,
        status: None,
        created_at: None,
        updated_at: None,
        organizations: None,
    });
    actual.invites.push(invite(2, "no@example.org", Role::User, InviteStatus::Rejected));
    actual.invites.push(invite(3, "old@example.org", Role::User, InviteStatus::Expired));
    let declaration = declared(
        "members:
  - {who: eve@example.org, role: user}
  - {who: new@example.org, role: user}
  - {who: cat@example.org, role: organizer}
  - {who: no@example.org, role: user}
  - {who: old@example.org, role: user}
  - {who: nobody, role: user}
",
    );
    assert_eq!(
        names_to_look_up(&declaration, &actual.members),
        [
            "eve@example.org",
            "new@example.org",
            "cat@example.org",
            "no@example.org",
            "old@example.org",
            "nobody"
        ]
    );
    assert_eq!(
        told(&plan(&declaration, &actual, false)),
        [
            "create eve@example.org role null->\"user\"",
            "create new@example.org role null->\"user\" (has no account yet, and is invited)",
            "change cat@example.org role \"user\"->\"organizer\" (has no account yet, and is invited)",
            "change old@example.org (the invite had expired, and is sent again)",
            "impossible nobody (nobody has this username; whoever has no account yet is invited by e-mail address)",
        ],
        "who declined is left alone"
    );
}

#[test]
fn one_person_is_declared_once() {
    let declaration =
        declared("members:\n  - {who: bix, role: user}\n  - {who: bix@example.org, role: organizer}\n");
    let plan = plan(&declaration, &jazz(), false);
    assert_eq!(plan.steps[2].note.as_deref(), Some("line 4 declares the same person, bix"));
    let mut actual = jazz();
    actual.members.push(Member { email: "bix@example.org".to_owned(), ..member(3, "dan", Role::User) });
    let declaration = declared("members:\n  - {who: bix@example.org, role: user}\n");
    let shared = super::plan(&declaration, &actual, false);
    assert_eq!(shared.steps[1].state, State::Impossible);
    let exported = export(actual.organization.as_ref().expect("it is there"), &actual);
    assert!(super::plan(&exported, &actual, true).is_empty(), "by username, then");
}

#[test]
fn an_event_is_known_by_its_name_and_moved_if_that_is_clear() {
    let moved =
        declared("events: [{name: Gala, date: 2031-01-01T10:00Z, seats: 10}]".replace("00Z", "00").as_str());
    let plan_of = |declaration: &Declaration, actual: &Actual| {
        let plan = plan(declaration, actual, false);
        (plan.steps[1].state, plan.steps.last().expect("a step").clone())
    };
    assert_eq!(plan_of(&moved, &jazz()).0, State::Change);

    // A series: the date tells them apart, and a date that is not there could be either.
    let mut actual = jazz();
    actual.events.push(event(3, "Gala", 34));
    let (state, step) = plan_of(&moved, &actual);
    assert_eq!(state, State::Impossible);
    let note = step.note.expect("why");
    let (one, other) = (actual.events[0].id.to_string(), actual.events[2].id.to_string());
    assert!(note.contains(&one) && note.contains(&other), "{note}");
    let all: Vec<_> = [10, 34, 58]
        .map(|hours| format!("{{name: Gala, date: '{}', seats: 10}}", at(hours).to_rfc3339()))
        .to_vec();
    let series = plan(&declared(&format!("events: [{}]", all.join(", "))), &actual, false);
    let states: Vec<_> = series.steps[1..].iter().map(|step| step.state).collect();
    assert_eq!(states, [State::Unchanged, State::Unchanged, State::Create]);

    // What is over is not moved: the name is free again.
    actual.events[0].status = EventStatus::Completed;
    actual.events[2].status = EventStatus::Cancelled;
    assert_eq!(plan_of(&moved, &actual).0, State::Create);

    // Two at once are told apart by id alone.
    let mut actual = jazz();
    actual.events.push(event(3, "Gala", 10));
    let same = format!("events: [{{name: Gala, date: '{}', seats: 10}}]", at(10).to_rfc3339());
    assert_eq!(plan_of(&declared(&same), &actual).0, State::Impossible);
    let id = actual.events[2].id;
    let named =
        declared(&format!("events: [{{id: {id}, name: Ball, date: '{}', seats: 10}}]", at(10).to_rfc3339()));
    let (_, step) = plan_of(&named, &actual);
    let Some(Action::ChangeEvent { event, .. }) = step.action else { panic!("{step:?}") };
    assert_eq!(event, id);
    let exported = export(actual.organization.as_ref().expect("it is there"), &actual);
    assert!(plan(&exported, &actual, true).is_empty());
}

#[test]
fn an_hour_that_the_clocks_skip_is_no_date() {
    let declaration = declared("events: [{name: Late, date: 2030-03-31T02:30, seats: 5}]");
    let plan = plan(&declaration, &jazz(), false);
    assert!(plan.steps[1].note.as_ref().is_some_and(|note| note.contains("the clocks skip")), "{plan:?}");
}

#[test]
fn pruning_removes_what_is_not_declared_and_little_else() {
    let mut actual = jazz();
    actual.events.push(Event { status: EventStatus::Completed, ..event(3, "Old", 1) });
    let declaration = declared("members: []\ninvites: []\nservice_accounts: []\nevents: []");
    let pruned = plan(&declaration, &actual, true);
    assert_eq!(
        told(&pruned),
        ["remove bix", "remove cat@example.org", "remove bot", "remove Gala", "remove Jam"],
        "neither oneself nor what is over"
    );
    assert!(plan(&declaration, &actual, false).is_empty());
    let against = objections(&pruned, &actual, Pruning::default());
    assert_eq!(against, [Objection::Most { kind: Kind::Event, removed: 2, of: 2 }]);
    assert_eq!(objections(&pruned, &actual, Pruning { most: true, booked: false }), []);

    actual.events[1].available_slots = 9;
    let against =
        objections(&plan(&declaration, &actual, true), &actual, Pruning { most: true, booked: false });
    assert_eq!(against, [Objection::Booked { names: vec!["Jam".to_owned()] }]);
    let date = at(20).to_rfc3339();
    let cancelled =
        declared(&format!("events: [{{name: Jam, date: '{date}', seats: 10, status: cancelled}}]"));
    let against = objections(&plan(&cancelled, &actual, false), &actual, Pruning::default());
    assert_eq!(against, [Objection::Booked { names: vec!["Jam".to_owned()] }], "nor is it cancelled unasked");
}

#[test]
fn somebody_always_governs() {
    let mut actual = jazz();
    actual.caller = Some(UserId(Uuid::from_u128(77)));
    let pruned = plan(&declared("members: [{who: bix, role: organizer}]"), &actual, true);
    assert_eq!(told(&pruned), [""; 0]);
    let note = pruned.steps.last().and_then(|step| step.note.as_deref());
    assert_eq!(note, Some("is not declared, and stays: the last orgAdmin"));
    let pruned = plan(&declared("members: [{who: bix, role: orgAdmin}]"), &actual, true);
    assert_eq!(told(&pruned), ["change bix role \"organizer\"->\"orgAdmin\"", "remove ada"]);
    let phases: Vec<_> =
        pruned.steps.iter().filter_map(|step| step.action.as_ref()).map(Action::phase).collect();
    assert_eq!(phases, [1, 5], "first the heir");
}

#[test]
fn keys_follow_from_what_is_asked() {
    assert_eq!(key(&["event", "a"]), key(&["event", "a"]));
    assert_ne!(key(&["event", "a"]), key(&["eventa"]));
    assert_ne!(key(&["event", "a"]), key(&["event", "b"]));
}

#[test]
fn json_is_read_whatever_it_is_indented_with() {
    let json = "{\n\t\"happening\": 1,\n\t\"organization\": {\n\t\t\"name\": \"Jazz \\ud83c\\udfb7 \\/ \\u00fc\"\n\t},\n\t\"events\": []\n}\n";
    assert_eq!(
        read(json.as_bytes()).expect("a declaration").organization.name.value,
        "Jazz \u{1f3b7} / \u{fc}"
    );
}

fn flaws(text: &str) -> Vec<String> {
    let flaws = read(text.as_bytes()).expect_err("flaws");
    flaws.iter().map(|flaw| format!("{}:{} {}", flaw.line, flaw.column, flaw.message)).collect()
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let head = "happening: 1\norganization: {name: Jazz}\n";
    for (text, flaw) in [
        ("members:\n  - {who: ada, rolle: user}\n", "4:16 there is no `rolle` here: is `role` meant?"),
        (
            "members:\n  - {who: ada, role: boss}\n",
            "4:22 `boss` cannot stand here: it may be user, organizer, orgAdmin",
        ),
        ("members:\n  - who: ada\n", "4:5 `role` is missing"),
        ("events:\n  - {name: a, date: b, seats: many}\n", "4:31 expected a whole number, not negative"),
        ("events: []\nevents: []\n", "4:1 `events` stands here twice"),
        (
            "frobnicate: 1\n",
            "3:1 there is no `frobnicate` here: it may be happening, organization, members, invites, service_accounts, events",
        ),
        (
            "events: [{name: a, date: tomorrow, seats: 5}]\n",
            "3:26 must be a date and time such as 2026-12-01T19:00 or 2026-12-01T19:00:00+01:00",
        ),
    ] {
        assert_eq!(flaws(&format!("{head}{text}")), [flaw], "{text}");
    }
    let json = "{\n  \"happening\": 1,\n  \"organization\": {\"name\": \"Jazz\", \"zone\": \"UTC\"}\n}";
    assert_eq!(
        flaws(json),
        [
            "3:36 there is no `zone` here: it may be id, name, timezone, waitlist_policy, contact, language, color, \
             event_minutes"
        ]
    );
}

#[test]
fn events_of_one_name_at_one_time_are_told_apart_by_their_ids() {
    let mut actual = jazz();
    actual.events.push(event(3, "Gala", 10));
    let exported = export(actual.organization.as_ref().expect("it is there"), &actual);
    let json = serde_json::to_string(&exported).expect("JSON");
    let exported = read(json.as_bytes()).expect("what is exported is read");
    assert_eq!(told(&plan(&exported, &actual, true)), [""; 0]);
}

#[test]
fn several_flaws_are_told_at_once() {
    let text = "happening: 2
organization: {name: ' ', timezone: Europe/Nowhere}
members: [{who: ada, role: user}, {who: ADA, role: organizer}]
events:
  - {name: Gala, date: 2030-01-01T10:00, seats: 0}
  - {name: Gala, date: 2030-01-01 10:00, seats: 5}
";
    assert_eq!(
        flaws(text),
        [
            "1:12 this is version 2 of the format: version 1 is read here",
            "2:22 must have 1 to 255 characters",
            "2:37 `Europe/Nowhere` is no IANA time zone such as Europe/Berlin",
            "3:41 this is declared twice: line 3 has it already",
            "5:49 must be between 1 and 1000000",
            "6:12 this is declared twice: line 5 has it already",
        ]
    );
}

#[test]
fn what_is_no_such_file_is_refused_politely() {
    let first = |bytes: &[u8]| {
        let flaw = read(bytes).expect_err("flaws").remove(0);
        format!("{}:{} {}", flaw.line, flaw.column, flaw.message)
    };
    assert_eq!(first(b"happening: 1\nname: \xff\n"), "2:7 this is no UTF-8");
    assert_eq!(first(&vec![b' '; LARGEST + 1]), "0:0 the file has 16 MiB: at most 16 MiB are read");
    assert!(first(b" \n").starts_with("0:0 the file is empty"));
    assert!(first(b"a: [1").starts_with("1:"), "{}", first(b"a: [1"));
    assert!(first(b"happening: 1\norganization: {name: a}\n---\nhappening: 1\n").contains("a second"));
    let mut bomb = "happening: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{below}]").expect("written");
    }
    bomb += "members: *a9\n";
    assert!(first(bomb.as_bytes()).len() < 200);
}

#[test]
fn the_schema_knows_what_the_reader_knows() {
    let schema = schema().to_value();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["happening", "organization"]));
    let event = &schema["$defs"]["DeclaredEvent"];
    assert_eq!(event["properties"]["seats"]["maximum"], 1_000_000);
    assert_eq!(event["required"], json!(["name", "date", "seats"]));
    let member = &schema["$defs"]["DeclaredMember"];
    assert_eq!(member["properties"]["role"]["enum"], json!(["user", "organizer", "orgAdmin"]));
}

/// What a daemon would make of the plan.
fn carried_out(plan: &Plan, mut actual: Actual) -> Actual {
    for step in &plan.steps {
        match step.action.clone() {
            Some(Action::SetMember { user, role, .. }) => {
                match actual.members.iter_mut().find(|member| member.id == user) {
                    Some(member) => member.role = role,
                    None => panic!("nobody is looked up here"),
                }
            }
            Some(Action::RemoveMember(user)) => actual.members.retain(|member| member.id != user),
            Some(Action::Invite { email, role, instead_of, .. }) => {
                actual.invites.retain(|invite| Some(invite.id) != instead_of);
                let number = 100 + actual.invites.len() as u128;
                actual.invites.push(invite(number, &email, role, InviteStatus::Pending));
            }
            Some(Action::Resend(id)) => {
                for invite in actual.invites.iter_mut().filter(|invite| invite.id == id) {
                    invite.status = InviteStatus::Pending;
                }
            }
            Some(Action::RevokeInvite(id)) => actual.invites.retain(|invite| invite.id != id),
            Some(Action::CreateEvent(draft)) => {
                let mut made = event(1_000 + actual.events.len() as u128, "", 0);
                amended(&mut made, &draft);
                actual.events.push(made);
            }
            Some(Action::ChangeEvent { event, draft, .. }) => {
                for found in actual.events.iter_mut().filter(|found| found.id == event) {
                    amended(found, &draft);
                }
            }
            Some(Action::DeleteEvent(id)) => actual.events.retain(|event| event.id != id),
            other => assert_eq!(other, None),
        }
    }
    actual
}

fn amended(event: &mut Event, draft: &Draft) {
    let fields = draft.fields.clone();
    event.name = fields.name.unwrap_or_else(|| event.name.clone());
    event.total_slots = fields.total_slots.unwrap_or(event.total_slots);
    event.category = fields.category.unwrap_or(event.category);
    event.status = fields.status.unwrap_or(event.status);
    let parse = |date: &String| DateTime::parse_from_rfc3339(date).expect("a date").with_timezone(&Utc);
    event.event_end = fields.event_end.map_or(event.event_end, |end| end.as_ref().map(parse));
    let closes = fields.bookings_close_at;
    event.bookings_close_at = closes.map_or(event.bookings_close_at, |at| at.as_ref().map(parse));
    if let Some(date) = fields.event_date {
        event.event_date = DateTime::parse_from_rfc3339(&date).expect("a date").with_timezone(&Utc);
    }
}

const ROLES: [Role; 3] = [Role::User, Role::Organizer, Role::OrgAdmin];
const NAMES: [&str; 4] = ["Gala", "Jam", "Ball", "Set"];

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = (0..4_usize, 0..6_i64, 0..4_usize);
    proptest::collection::vec(one, 0..7).prop_map(|all| {
        let one = |(number, (name, day, status)): (usize, (usize, i64, usize))| Event {
            status: EventStatus::ALL[status],
            ..event(10 + number as u128, NAMES[name], day * 24)
        };
        all.into_iter().enumerate().map(one).collect()
    })
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    proptest::collection::vec(0..3_usize, 0..5).prop_map(|roles| {
        let one =
            |(number, role): (usize, usize)| member(2 + number as u128, &format!("m{number}"), ROLES[role]);
        std::iter::once(member(1, "ada", Role::OrgAdmin))
            .chain(roles.into_iter().enumerate().map(one))
            .collect()
    })
}

fn invites() -> impl Strategy<Value = Vec<Invite>> {
    proptest::collection::vec((0..3_usize, 0..4_usize), 0..5).prop_map(|all| {
        let one = |(number, (role, status)): (usize, (usize, usize))| {
            invite(number as u128, &format!("i{number}@example.org"), ROLES[role], InviteStatus::ALL[status])
        };
        all.into_iter().enumerate().map(one).collect()
    })
}

fn worlds() -> impl Strategy<Value = Actual> {
    (members(), invites(), events()).prop_map(|(members, invites, events)| Actual {
        members,
        invites,
        events,
        service_accounts: Vec::new(),
        ..jazz()
    })
}

proptest! {
    /// What another world was exported as is applied to this one: then nothing is left to do but what is impossible.
    #[test]
    fn applied_twice_is_applied_once(before in worlds(), wanted in worlds(), prune: bool) {
        let mut declaration = export(wanted.organization.as_ref().expect("it is there"), &wanted);
        readable(&mut declaration);
        let first = plan(&declaration, &before, prune);
        let after = carried_out(&first, before);
        let second = plan(&declaration, &after, prune);
        let left: Vec<_> =
            second.steps.iter().filter(|step| !matches!(step.state, State::Unchanged | State::Impossible)).collect();
        prop_assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn the_order_does_not_matter(before in worlds(), wanted in worlds(), seed in 0..1_000_usize) {
        let mut declaration = export(wanted.organization.as_ref().expect("it is there"), &wanted);
        readable(&mut declaration);
        let straight = sorted(&plan(&declaration, &before, true));
        let mut shuffled = before;
        turned(&mut shuffled.members, seed);
        turned(&mut shuffled.invites, seed);
        turned(&mut shuffled.events, seed);
        declaration.events.iter_mut().for_each(|events| turned(events, seed + 1));
        declaration.members.iter_mut().for_each(|members| turned(members, seed + 1));
        prop_assert_eq!(sorted(&plan(&declaration, &shuffled, true)), straight);
    }

    #[test]
    fn exports_change_nothing(world in worlds()) {
        let declaration = export(world.organization.as_ref().expect("it is there"), &world);
        let plan = plan(&declaration, &world, true);
        prop_assert!(plan.is_empty(), "{:?}", told(&plan));
        let mut turned_world = world;
        turned(&mut turned_world.events, 3);
        turned(&mut turned_world.members, 2);
        let again = export(turned_world.organization.as_ref().expect("it is there"), &turned_world);
        prop_assert_eq!(again, declaration);
    }
}

/// Ids of another world mean nothing here, and nothing is declared twice.
fn readable(declaration: &mut Declaration) {
    let mut seen = std::collections::HashSet::new();
    if let Some(events) = &mut declaration.events {
        events.retain(|event| seen.insert((event.value.name.value.clone(), event.value.date.value.clone())));
        for event in events {
            event.value.id = None;
        }
    }
}

fn turned<T>(items: &mut [T], seed: usize) {
    if !items.is_empty() {
        items.rotate_left(seed % items.len());
        if seed.is_multiple_of(2) {
            items.reverse();
        }
    }
}

fn sorted(plan: &Plan) -> Vec<String> {
    let mut told = told(plan);
    told.sort();
    told
}

#[test]
fn an_export_of_the_evening_does_not_undo_the_end_of_an_event() {
    let mut actual = jazz();
    actual.events[0].status = EventStatus::Ongoing;
    let exported = export(actual.organization.as_ref().expect("it is there"), &actual);
    assert_eq!(exported.events.as_ref().expect("events")[0].value.status, None);
    actual.events[0].status = EventStatus::Completed;
    assert!(plan(&exported, &actual, false).is_empty());
}

#[test]
fn an_event_that_is_moved_takes_its_declared_end_along() {
    let mut actual = jazz();
    let gala = &mut actual.events[0];
    gala.event_end = Some(gala.event_date + chrono::TimeDelta::hours(3));
    let (start, end) = (gala.event_date, gala.event_end.expect("an end"));
    let file = |start: DateTime<Utc>, end: DateTime<Utc>| {
        let (start, end) = (start.to_rfc3339(), end.to_rfc3339());
        let text = format!(
            "happening: 1\norganization: {{name: Jazz}}\nevents: [{{name: Gala, date: '{start}', end: '{end}', seats: 10}}]\n"
        );
        read(text.as_bytes()).expect("a declaration")
    };
    assert!(plan(&file(start, end), &actual, false).is_empty());
    let earlier = start - chrono::TimeDelta::hours(1);
    let plan = plan(&file(earlier, end), &actual, false);
    let Some(Action::ChangeEvent { draft, .. }) = &plan.steps.last().expect("a step").action else {
        panic!("{plan:?}")
    };
    assert_eq!(draft.fields.event_date.as_deref(), Some(earlier.to_rfc3339().as_str()));
    assert_eq!(draft.fields.event_end, Some(Some(end.to_rfc3339())), "the daemon would move the end too");
}

#[test]
fn null_clears_what_may_be_absent_and_absence_keeps_it() {
    let mut actual = jazz();
    let settings = &mut actual.organization.as_mut().expect("it is there").settings;
    (settings.contact, settings.waitlist_policy) = (Some("door".to_owned()), Some(WaitlistPolicy::Whole));
    let gala = &mut actual.events[0];
    gala.description = Some("Songs".to_owned());
    (gala.category, gala.waitlist_limit) = (Some(Category::Concert), Some(3));
    gala.bookings_close_at = Some(at(20));
    let date = crate::date::write(gala.event_date, Some("Europe/Berlin"));
    let event = |more: &str| format!("{{name: Gala, date: {date}, seats: 10{more}}}");
    let file = |organization: &str, event: &str| {
        let text = format!("happening: 1\norganization: {{name: Jazz{organization}}}\nevents: [{event}]\n");
        read(text.as_bytes()).expect("a declaration")
    };
    assert!(plan(&file("", &event("")), &actual, false).is_empty(), "absence keeps");
    let cleared = file(
        ", contact: null, waitlist_policy: ~",
        &event(", bookings_close_at: null, description: null, category: , waitlist_limit: null"),
    );
    let plan = plan(&cleared, &actual, false);
    assert_eq!(
        told(&plan),
        [
            "change Jazz waitlist_policy \"whole\"->null contact \"door\"->null",
            "change Gala description \"Songs\"->null category \"concert\"->null waitlist_limit 3->null \
             bookings_close_at \"2030-03-18T13:00:00Z\"->null",
        ]
    );
    let Some(Action::ChangeEvent { draft, .. }) = &plan.steps[1].action else { panic!("{plan:?}") };
    let asked = serde_json::to_value(&draft.fields).expect("JSON");
    let cleared_all = serde_json::json!({"bookings_close_at": null, "description": null, "category": null, "waitlist_limit": null});
    assert_eq!(asked, cleared_all);
    let nothing_there = super::plan(&cleared, &jazz(), false);
    assert!(nothing_there.is_empty(), "what is absent is cleared already: {nothing_there:?}");
}

#[test]
fn null_is_refused_where_there_is_always_a_value() {
    let event = |name: &str, date: &str, more: &str| {
        format!("events:\n  - {{name: {name}, date: {date}, seats: 5{more}}}\n")
    };
    let gala = |more: &str| event("Gala", "2030-06-01T19:00", more);
    for (text, at, member) in [
        ("members: null\n".to_owned(), "3:10", "members"),
        ("invites:\n".to_owned(), "3:", "invites"),
        ("service_accounts: ~\n".to_owned(), "3:19", "service_accounts"),
        ("events: null\n".to_owned(), "3:9", "events"),
        ("members: [{who: ada, role: null}]\n".to_owned(), "3:28", "role"),
        ("members: [{who: null, role: user}]\n".to_owned(), "3:17", "who"),
        ("invites: [{email: null, role: user}]\n".to_owned(), "3:19", "email"),
        ("service_accounts: [{client_id: , role: user}]\n".to_owned(), "3:", "client_id"),
        (event("null", "2030-06-01T19:00", ""), "4:12", "name"),
        (event("Gala", "~", ""), "4:24", "date"),
        ("events: [{name: Gala, date: 2030-06-01T19:00, seats: null}]\n".to_owned(), "3:54", "seats"),
        (gala(", status: null"), "4:60", "status"),
        (gala(", organizer: null"), "4:63", "organizer"),
        (gala(", id: null"), "4:56", "id"),
        (gala(", waitlist_policy: null"), "4:69", "waitlist_policy"),
        (gala(", bypass_limit: null"), "4:66", "bypass_limit"),
        (gala(", sales_paused: null"), "4:66", "sales_paused"),
    ] {
        let flaws = flaws(&format!("happening: 1\norganization: {{name: Jazz}}\n{text}"));
        let is_told = flaws[0].starts_with(at) && flaws[0].contains(&format!("`{member}` cannot be null"));
        assert!(is_told && flaws.len() == 1, "{text}{flaws:?}");
    }
    let json = r#"{"happening": 1, "organization": {"name": null}}"#;
    assert_eq!(flaws(json), ["1:43 `name` cannot be null: it has a value"]);
    assert_eq!(
        declared("events: [{name: 'null', date: 2030-06-01T19:00, seats: 5}]").events.map(|all| all.len()),
        Some(1)
    );
}

#[test]
fn a_pause_of_sales_is_exported_compared_and_set() {
    let mut actual = jazz();
    actual.events[0].sales_paused = true;
    let exported = export(actual.organization.as_ref().expect("it is there"), &actual);
    let paused: Vec<_> = exported.events.iter().flatten().map(|event| event.value.sales_paused).collect();
    assert_eq!(paused, [Some(true), None]);
    assert_eq!(told(&plan(&exported, &actual, true)), [""; 0]);
    assert_eq!(told(&plan(&exported, &jazz(), true)), ["change Gala sales_paused false->true"]);

    let date = crate::date::write(actual.events[0].event_date, Some("Europe/Berlin"));
    let file = |more: &str| declared(&format!("events: [{{name: Gala, date: {date}, seats: 10{more}}}]"));
    assert_eq!(told(&plan(&file(""), &actual, true)), ["remove Jam"], "absence keeps");
    let resumed = plan(&file(", sales_paused: false"), &actual, false);
    assert_eq!(told(&resumed), ["change Gala sales_paused true->false"]);
    let Some(Action::ChangeEvent { draft, .. }) = &resumed.steps[1].action else { panic!("{resumed:?}") };
    assert_eq!(serde_json::to_value(&draft.fields).expect("JSON"), json!({"sales_paused": false}));
}

#[test]
fn a_new_event_is_asked_for_with_all_that_is_declared() {
    let text = "events: [{name: New, date: 2030-06-01T19:00, seats: 5, category: webinar, waitlist_limit: 0, organizer: bix}]";
    let plan = plan(&declared(text), &jazz(), false);
    let Some(Action::CreateEvent(draft)) = &plan.steps[1].action else { panic!("{plan:?}") };
    assert_eq!(
        draft.fields.event_date.as_deref(),
        Some("2030-06-01T17:00:00+00:00"),
        "in the organization's zone"
    );
    assert_eq!(
        (draft.fields.category, draft.fields.waitlist_limit),
        (Some(Some(Category::Webinar)), Some(Some(0)))
    );
    assert_eq!(draft.organizer, Some(UserId(Uuid::from_u128(2))));
    let unknown = super::plan(&declared(&text.replace("bix", "zoe")), &jazz(), false);
    assert_eq!(unknown.steps[1].note.as_deref(), Some("its organizer zoe is no member yet"));
}
