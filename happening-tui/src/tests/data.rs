//! What a daemon could say.

use super::*;
use happening_core::id::{
    BookingId, EventId, InviteId, JobId, NotificationId, OrganizationId, ParkedId, UserId,
};
use happening_core::wire::*;
use std::collections::BTreeMap;
use uuid::Uuid;

pub fn id(kind: u128, n: u32) -> Uuid {
    Uuid::from_u128((kind << 96) | u128::from(n))
}

pub fn organization(n: u32) -> OrganizationId {
    OrganizationId(id(1, n))
}

pub fn person(n: u32) -> UserId {
    UserId(id(3, n))
}

pub fn operator() -> Who {
    Who {
        name: "operator".to_owned(),
        user: Some(person(1)),
        operator: true,
        support: false,
        roles: Vec::new(),
    }
}

pub fn support() -> Who {
    Who { name: "support".to_owned(), operator: false, support: true, ..operator() }
}

pub fn member() -> Who {
    let roles = vec![(organization(1), "Harbour Halls".to_owned(), Role::User)];
    Who { name: "member".to_owned(), user: Some(person(9)), operator: false, support: false, roles }
}

/// An event that begins `hours` from noon.
pub fn event(n: u32, name: &str, hours: i64, free: u32, total: u32, waiting: u32) -> Event {
    Event {
        id: EventId(id(2, n)),
        org_id: organization(n % 3),
        created_by: person(1),
        name: name.to_owned(),
        description: None,
        category: Some(Category::Concert),
        event_date: noon() + TimeDelta::hours(hours),
        event_end: None,
        bookings_close_at: None,
        total_slots: total,
        available_slots: free,
        status: EventStatus::Upcoming,
        created_at: noon() - TimeDelta::days(30),
        updated_at: noon() - TimeDelta::minutes(5),
        organizer_username: Some("organizer".to_owned()),
        organizer_first_name: None,
        organizer_last_name: None,
        organizer_email: None,
        waitlist_policy: WaitlistPolicy::Split,
        bypass_limit: 3,
        waitlist_limit: None,
        max_seats_per_booking: None,
        sales_paused: false,
        waiting,
        version: 42,
    }
}

pub fn events() -> Vec<Event> {
    let with = |event: Event, status| Event { status, ..event };
    vec![
        event(1, "Winter Gala", 26 * 24 + 7, 0, 250, 12),
        event(2, "Rust Meetup", 54, 38, 40, 0),
        with(event(3, "Jazz at the Harbour", -1, 4, 120, 0), EventStatus::Ongoing),
        event(4, "New Year's Concert with the Philharmonic Orchestra", 37 * 24, 18_204, 100_000, 3),
        with(event(5, "Autumn Hackathon", -40 * 24, 3, 60, 0), EventStatus::Completed),
        with(Event { category: None, ..event(6, "Open Air", 90, 500, 500, 0) }, EventStatus::Cancelled),
        event(7, "夜のコンサート 🎻", 200, 12, 80, 0),
        event(8, "Evil \u{202e}txet\u{1b}[2J\u{7}\nnext line", 300, 9, 10, 1),
    ]
}

pub fn organizations() -> Vec<Organization> {
    let names = ["Demo", "Harbour Halls", "Nørrebro Kulturforening"];
    (0..)
        .zip(names)
        .map(|(n, name)| Organization {
            id: organization(n),
            name: name.to_owned(),
            keycloak_org_id: None,
            created_at: noon() - TimeDelta::days(i64::from(n) * 100 + 3),
            settings: OrganizationSettings::default(),
            member_count: 4 + n,
            owner_username: Some("admin".to_owned()),
            owner_id: None,
            status: if n == 2 { OrganizationStatus::Suspended } else { OrganizationStatus::Active },
            deleted_at: None,
        })
        .collect()
}

/// A map in which every seat up to `taken` is booked and the next `held` are being picked.
pub fn seat_map(event: &Event, taken: u32, held: u32) -> SeatMap {
    SeatMap {
        total: event.total_slots,
        taken: (1..=taken).collect(),
        held: (taken + 1..=taken + held).collect(),
        event: Some(event.clone()),
    }
}

pub fn party(position: u32, username: Option<&str>, seats: u32) -> WaitingParty {
    WaitingParty {
        position,
        waiting_number: u64::from(position) + 6,
        booking_id: BookingId(id(4, position)),
        user_id: person(position + 100),
        username: username.map(str::to_owned),
        seats,
        created_at: noon() - TimeDelta::minutes(i64::from(200 - position.min(199))),
    }
}

pub fn waitlist() -> Vec<WaitingParty> {
    vec![
        party(1, Some("ada.lovelace"), 4),
        party(2, Some("grace.hopper"), 1),
        party(3, None, 2),
        party(4, Some("someone.with.a.very.long.username.indeed"), 12),
        party(5, Some("e\u{202e}vil"), 1),
    ]
}

pub fn booking(n: u32, event: &Event, status: BookingStatus, seats: &[u32]) -> Booking {
    Booking {
        id: BookingId(id(5, n)),
        event_id: event.id,
        user_id: person(200 + n),
        seats: u32::try_from(seats.len()).unwrap().max(1),
        status,
        waiting_number: None,
        created_at: noon() - TimeDelta::minutes(i64::from(n) * 7 + 1),
        updated_at: noon(),
        assigned_seats: (status == BookingStatus::Confirmed).then(|| seats.to_vec()),
    }
}

/// Bookings of the first seats, three each.
pub fn bookings(event: &Event, taken: u32) -> Vec<EventBooking> {
    let names = ["linus", "margaret", "edsger", "barbara", "e\u{1b}vil"];
    (0..5u32)
        .filter(|n| n * 3 + 3 <= taken)
        .map(|n| EventBooking {
            booking: booking(n, event, BookingStatus::Confirmed, &[n * 3 + 1, n * 3 + 2, n * 3 + 3]),
            username: Some(names[n as usize].to_owned()),
            email: Some(format!("{n}@example.org")),
        })
        .collect()
}

pub fn user(n: u32, name: &str) -> FoundUser {
    FoundUser {
        id: person(200 + n),
        keycloak_id: None,
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        first_name: Some("Linus".to_owned()),
        last_name: None,
        phone: None,
        avatar_url: None,
        status: Some(UserStatus::Active),
        created_at: Some(noon()),
        updated_at: Some(noon()),
        organizations: None,
    }
}

pub fn with_event(booking: &Booking, event: &Event) -> BookingWithEvent {
    BookingWithEvent {
        booking_id: booking.id,
        event_id: event.id,
        user_id: booking.user_id,
        seats: booking.seats,
        status: booking.status,
        waiting_number: booking.waiting_number,
        created_at: booking.created_at,
        updated_at: booking.updated_at,
        event_name: event.name.clone(),
        event_description: None,
        category: None,
        event_date: event.event_date,
        total_slots: event.total_slots,
        available_slots: event.available_slots,
        org_id: event.org_id,
        event_status: Some(event.status),
        event_deleted: false,
    }
}

pub fn history() -> Vec<HistoryEntry> {
    vec![HistoryEntry {
        at: noon() - TimeDelta::hours(3),
        action: "confirmed".to_owned(),
        seats: 3,
        reason: None,
        actor_id: Some(person(1)),
        actor_username: Some("operator".to_owned()),
    }]
}

pub fn outbox() -> Outbox {
    Outbox {
        pending: 17,
        retrying: 2,
        published_again: 1,
        parked: 1,
        oldest: Some(noon() - TimeDelta::seconds(3)),
        next_due: Some(noon() + TimeDelta::seconds(20)),
        announcements: 0,
        parked_evicted: 0,
    }
}

pub fn worker() -> WorkerStatus {
    WorkerStatus { running: true, sent: 1_204, failed: 3, parked: 1 }
}

pub fn queue() -> QueueStatus {
    QueueStatus {
        queue: Some(QueueFigures {
            kind: "rabbitmq".to_owned(),
            name: "notifications".to_owned(),
            ready: 12,
            unacknowledged: Some(4),
            consumers: 1,
            rates: Some(QueueRates { publish: 120.4, deliver: 118.0, acknowledge: 117.5 }),
            note: Some("rates are of the last minute".to_owned()),
        }),
        outbox: outbox(),
        lag_seconds: Some(3),
        worker: worker(),
    }
}

pub fn status() -> AdminStatus {
    let part = |kind: &str, state, latency| PartHealth { kind: kind.to_owned(), state, latency_ms: latency };
    AdminStatus {
        version: "0.1.0".to_owned(),
        parts: BTreeMap::from([
            ("store".to_owned(), part("postgresql", Health::Ok, Some(0.8))),
            ("counters".to_owned(), part("redis", Health::Degraded, None)),
            ("queue".to_owned(), part("rabbitmq", Health::Ok, Some(1.4))),
            ("identity".to_owned(), part("keycloak", Health::Ok, Some(12.0))),
        ]),
        keycloak: KeycloakStatus {
            configured: true,
            state: Some(Health::Ok),
            trouble: Some("its answer took too long".to_owned()),
            pending: BTreeMap::from([("member_added".to_owned(), 2)]),
            oldest_seconds: Some(4),
            failures: vec![FailedKeycloakTask {
                kind: "member_added".to_owned(),
                organization_id: Some(organization(1)),
                attempts: 9,
                error: "Keycloak answered 409".to_owned(),
            }],
        },
        engine: EngineStatus {
            queued: 3,
            batches: 900,
            commands: 2_000,
            bookings: 1_500,
            bookings_per_second: 25.0,
        },
        reconciler: ReconcilerStatus {
            last_pass: Some(noon() - TimeDelta::seconds(7)),
            passes: 40,
            corrections: 2,
            last_corrections: 0,
        },
        outbox: outbox(),
        worker: worker(),
    }
}

pub fn drift() -> Drift {
    Drift {
        kind: DriftKind::CountersSlots,
        event_id: EventId(id(2, 2)),
        event_name: "Rust Meetup".to_owned(),
        booking_id: None,
        expected: "38".to_owned(),
        found: "35".to_owned(),
        cause: "somebody has set the key by hand".to_owned(),
        fixable: true,
        fixed: false,
    }
}

pub fn inspected() -> InspectedEvent {
    InspectedEvent {
        event_id: EventId(id(2, 2)),
        name: "Rust Meetup".to_owned(),
        kind: "redis".to_owned(),
        counters: CountersSay {
            slots: Some("35".to_owned()),
            version: Some("42".to_owned()),
            waiting: Some(0),
            waitlist: vec![person(101).to_string()],
        },
        store: StoreSays {
            total_slots: 40,
            booked: 2,
            slots: 38,
            version: 42,
            waiting: 0,
            waitlist: Vec::new(),
        },
        holds: vec![
            HeldSeat { seat: 7, user_id: Some(person(200)), ttl_ms: 45_000, booked: false },
            HeldSeat { seat: 1, user_id: None, ttl_ms: 9_000, booked: true },
        ],
        agrees: false,
        drifts: vec![drift()],
    }
}

pub fn parked() -> ParkedMessage {
    ParkedMessage {
        id: ParkedId(id(6, 1)),
        kind: ParkedKind::Message,
        reason: "expected value at line 1 column 1".to_owned(),
        times: 2,
        parked_at: noon() - TimeDelta::minutes(9),
        notification_id: Some(NotificationId(id(7, 1))),
        user_id: Some(person(200)),
        event_id: Some(EventId(id(2, 2))),
        notification_type: None,
        message: Some("Your seats 1, 2 and 3 at Rust Meetup are booked".to_owned()),
        payload: Some("not json \u{1b}[31m".to_owned()),
        payload_base64: None,
        payload_bytes: Some(12),
    }
}

pub fn undelivered() -> UndeliveredNotification {
    UndeliveredNotification {
        id: NotificationId(id(7, 1)),
        user_id: person(200),
        username: Some("linus".to_owned()),
        event_id: Some(EventId(id(2, 2))),
        kind: NotificationType::BookingConfirmed,
        message: "Your seats 1, 2 and 3 at Rust Meetup are booked".to_owned(),
        status: NotificationStatus::Failed,
        created_at: noon() - TimeDelta::hours(2),
        tries: 8,
        reason: Some("the webhook answered 500".to_owned()),
        next_try: None,
        parked_id: None,
    }
}

pub fn record() -> AuditRecord {
    AuditRecord {
        id: 41,
        at: noon() - TimeDelta::minutes(31),
        actor_id: Some(person(1)),
        actor_username: Some("operator".to_owned()),
        action: "event.updated".to_owned(),
        organization_id: Some(organization(2)),
        target: AuditTarget { kind: "event".to_owned(), id: id(2, 2).to_string() },
        address: Some("127.0.0.1".to_owned()),
        request_id: Some("0198c1f2".to_owned()),
        old: Some(serde_json::json!({"total_slots": 30})),
        new: Some(serde_json::json!({"total_slots": 40})),
    }
}

pub fn members() -> Vec<Member> {
    [
        ("admin", Role::OrgAdmin),
        ("organizer", Role::Organizer),
        ("member", Role::User),
        ("mailer", Role::User),
    ]
    .into_iter()
    .zip(0..)
    .map(|((name, role), n)| Member {
        id: person(300 + n),
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        role,
        joined_at: noon() - TimeDelta::days(12),
        user_created_at: noon(),
        kind: if name == "mailer" { UserKind::Service } else { UserKind::Person },
    })
    .collect()
}

pub fn service_accounts() -> Vec<ServiceAccount> {
    let account = |n: u32, client: &str, role, pending| ServiceAccount {
        client_id: client.to_owned(),
        user_id: person(320 + n),
        username: format!("service-account-{client}"),
        role,
        joined_at: noon() - TimeDelta::days(12),
        pending,
    };
    vec![account(0, "mailer", Role::User, false), account(1, "box-office", Role::Organizer, true)]
}

pub fn invite() -> Invite {
    Invite {
        id: InviteId(id(8, 1)),
        organization_id: organization(0),
        organization_name: "Demo".to_owned(),
        email: "ada@example.org".to_owned(),
        role: Role::Organizer,
        invited_by: person(300),
        invited_by_username: "admin".to_owned(),
        message: None,
        expires_at: noon() + TimeDelta::days(5),
        status: InviteStatus::Pending,
        created_at: noon(),
        updated_at: noon(),
        token: None,
        kind: InviteKind::Membership,
        user_id: None,
    }
}

pub fn why(waits: &WaitingParty, event: &Event) -> WhyWaiting {
    WhyWaiting {
        booking_id: waits.booking_id,
        event_id: event.id,
        status: BookingStatus::Waiting,
        reason: WaitReason::BehindOthers,
        explanation: "Others came before it: 1 party ahead wants 4 seats, and no seats are free".to_owned(),
        seats: waits.seats,
        waiting_number: Some(8),
        position: Some(waits.position),
        parties_ahead: 1,
        seats_ahead: 4,
        ahead: Vec::new(),
        available_slots: 0,
        waitlist_policy: WaitlistPolicy::Split,
        bypass_limit: 3,
        head_passed: 0,
        must_come_free: Some(5),
        first_seats_after: Some(5),
    }
}

/// The daemon has measured itself for so many seconds.
pub fn measure(model: &mut Model, seconds: u32) {
    for second in 0..seconds {
        let wave = u64::from(second % 60);
        let metrics = Metrics {
            interval_ms: 1_000,
            bookings: BookingCounts {
                confirmed: wave * 3,
                waiting: wave / 2,
                cancelled: 2,
                ..BookingCounts::default()
            },
            answer: Latency { count: 9, p50_us: 900 + wave * 10, p99_us: 4_000 + wave * 100, max_us: 9_000 },
            hottest: vec![HotEvent { event_id: EventId(id(2, 1)), commands: wave + 40, refused: 3 }],
            outbox: Some(OutboxDepth { pending: wave, ..OutboxDepth::default() }),
            connections: ConnectionCounts { open: 12, sockets: 4, signed_in_sockets: 2, streams: 3 },
            ..Metrics::default()
        };
        let heard = Ok(LiveMessage::Metrics(Box::new(metrics)));
        update(model, Message::Heard { watch: crate::message::EVERYTHING, heard });
    }
}

/// A job that compares events.
pub fn job(n: u32, state: JobState, done: u64, total: Option<u64>) -> Job {
    Job {
        id: JobId(id(9, n)),
        kind: JobKind::Reconcile,
        state,
        organization_id: None,
        requested_by: None,
        created_at: noon(),
        started_at: None,
        finished_at: None,
        done,
        total,
        cancelling: false,
        result: None,
        error: None,
    }
}

/// The stream tells which jobs have not ended.
pub fn tell_jobs(model: &mut Model, jobs: Option<Vec<Job>>) {
    let heard =
        Ok(LiveMessage::Metrics(Box::new(Metrics { interval_ms: 1_000, jobs, ..Metrics::default() })));
    update(model, Message::Heard { watch: crate::message::EVERYTHING, heard });
}

/// Answers everything that the screens ask.
pub fn full(model: &mut Model) {
    // What is shown under a cursor is asked for once the cursor is there.
    for _ in 0..3 {
        for (query, _) in crate::update::feeds::wanted(model) {
            let said = said(&query);
            answer(model, query, said);
        }
        tick(model, 0);
    }
}

pub fn said(query: &Query) -> Answer {
    let events = events();
    let gala = &events[1];
    let first = booking(0, gala, BookingStatus::Confirmed, &[1, 2, 3]);
    match query {
        Query::Events => Answer::Events(events),
        Query::Organizations => Answer::Organizations(organizations()),
        Query::Members(_) => Answer::Members(members()),
        Query::Invites(_) => Answer::Invites(vec![invite()]),
        Query::ServiceAccounts(_) => Answer::ServiceAccounts(service_accounts()),
        Query::Seats(id) => {
            let event = events.iter().find(|event| event.id == *id).unwrap();
            Answer::Seats(Box::new(event.clone()), Box::new(seat_map(event, 12.min(event.total_slots), 1)))
        }
        Query::Line(_) => Answer::Line(waitlist()),
        Query::BookingsAt(id) => {
            let event = events.iter().find(|event| event.id == *id).unwrap();
            Answer::BookingsAt(bookings(event, 12), false)
        }
        Query::People(_) => {
            Answer::People(vec![user(0, "linus"), user(1, "margaret"), user(2, "e\u{202e}vil")])
        }
        Query::BookingsOf(_) => {
            let waits =
                Booking { waiting_number: Some(9), ..booking(1, &events[0], BookingStatus::Waiting, &[]) };
            Answer::BookingsOf(vec![with_event(&first, gala), with_event(&waits, &events[0])])
        }
        Query::Told(_) => Answer::Told(vec![Notification {
            id: NotificationId(id(7, 1)),
            user_id: person(200),
            event_id: None,
            booking_id: None,
            kind: NotificationType::BookingConfirmed,
            message: "Your seats 1, 2 and 3 at Rust Meetup are booked".to_owned(),
            status: NotificationStatus::Sent,
            booked_by: None,
            booked_by_username: None,
            created_at: noon() - TimeDelta::hours(2),
            read_at: None,
        }]),
        other => said_more(other),
    }
}

fn said_more(query: &Query) -> Answer {
    let events = events();
    let first = booking(0, &events[1], BookingStatus::Confirmed, &[1, 2, 3]);
    match query {
        Query::Booking(id) => Answer::Booking(Box::new(Booking { id: *id, ..first }), history()),
        Query::Why(id) => {
            let line = waitlist();
            let party = line.iter().find(|party| party.booking_id == *id).unwrap_or(&line[1]);
            Answer::Why(Box::new(WhyWaiting { booking_id: *id, ..why(party, &events[1]) }))
        }
        Query::Status => Answer::Status(Box::new(status())),
        Query::Queue => Answer::Queue(Box::new(queue())),
        Query::Parked => Answer::Parked(vec![parked()]),
        Query::Undelivered => Answer::Undelivered(vec![undelivered()]),
        Query::Drifts => {
            Answer::Drifts(Reconciled { events: 8, drifts: vec![drift()], found: 1, ..Reconciled::default() })
        }
        Query::Inspect(id) => Answer::Inspect(Box::new(InspectedEvent { event_id: *id, ..inspected() })),
        Query::Keys(_) => {
            let key = |key: &str, kind: &str, ttl_ms| CounterKey {
                key: key.to_owned(),
                kind: kind.to_owned(),
                ttl_ms,
            };
            let name = format!("event:{}:slots", id(2, 2));
            Answer::Keys(
                vec![key(&name, "string", None), key("event:evil\u{1b}", "list", Some(31_000))],
                false,
            )
        }
        Query::Job(_) => Answer::Job(Box::new(job(1, JobState::Running, 40, Some(200)))),
        Query::Audit(_) => Answer::Audit(vec![record()]),
        other => panic!("{other:?} is not answered"),
    }
}

/// What a daemon says that nobody has used yet.
pub fn nothing(query: &Query) -> Answer {
    match query {
        Query::Events => Answer::Events(Vec::new()),
        Query::Organizations => Answer::Organizations(Vec::new()),
        Query::Members(_) => Answer::Members(Vec::new()),
        Query::Invites(_) => Answer::Invites(Vec::new()),
        Query::ServiceAccounts(_) => Answer::ServiceAccounts(Vec::new()),
        Query::Seats(id) => {
            let empty = Event { available_slots: 120, ..event(2, "Rust Meetup", 54, 120, 120, 0) };
            assert_eq!(empty.id, *id);
            Answer::Seats(Box::new(empty.clone()), Box::new(seat_map(&empty, 0, 0)))
        }
        Query::Line(_) => Answer::Line(Vec::new()),
        Query::BookingsAt(_) => Answer::BookingsAt(Vec::new(), false),
        Query::People(_) => Answer::People(Vec::new()),
        Query::BookingsOf(_) => Answer::BookingsOf(Vec::new()),
        Query::Told(_) => Answer::Told(Vec::new()),
        Query::Status => {
            let parts = status().parts.into_iter();
            let well = parts.map(|(name, part)| (name, PartHealth { state: Health::Ok, ..part })).collect();
            let keycloak = KeycloakStatus::default();
            Answer::Status(Box::new(AdminStatus { parts: well, keycloak, ..status() }))
        }
        Query::Queue => Answer::Queue(Box::new(QueueStatus {
            outbox: Outbox { pending: 0, retrying: 0, published_again: 0, parked: 0, ..outbox() },
            lag_seconds: None,
            ..queue()
        })),
        Query::Parked => Answer::Parked(Vec::new()),
        Query::Undelivered => Answer::Undelivered(Vec::new()),
        Query::Drifts => Answer::Drifts(Reconciled::default()),
        Query::Keys(_) => Answer::Keys(Vec::new(), false),
        Query::Job(_) => Answer::Job(Box::new(job(1, JobState::Running, 40, Some(200)))),
        Query::Audit(_) => Answer::Audit(Vec::new()),
        Query::Booking(_) | Query::Why(_) | Query::Inspect(_) => {
            panic!("{query:?}: there is nothing to ask about")
        }
    }
}
