//! The engine on a store that misbehaves.

use super::large::LargeCommands;
use super::task::Task;
use super::{Engine, EngineError, EngineParts, EngineStats, Job};
use crate::counters::memory::MemoryCounters;
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::liveness::Liveness;
use crate::outbox::Handoff;
use crate::store::{Actor, NewEvent, NotificationFilter};
use crate::testing::{TestStore, on_every_store, publish_event, published};
use happening_core::booking::{Amendment, AnySeats, Command, Limits, Outcome, SeatSelection, Terms};
use happening_core::clock::Clock;
use happening_core::id::{EventId, UserId};
use happening_core::wire::NotificationType;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

on_every_store!(
    a_command_that_the_store_refuses_spoils_nobody_elses,
    a_waitlist_is_served_to_its_end_in_as_many_commits_as_it_takes,
    a_large_command_is_committed_beside_the_batches,
    events_are_read_a_few_at_a_time,
    what_is_in_memory_can_be_looked_at,
    of_one_event_each_announcement_is_kept,
    a_dry_run_decides_on_copies,
);

/// A number of seats that the store is made to choke on.
const POISON: u32 = 13;

async fn a_command_that_the_store_refuses_spoils_nobody_elses(db: TestStore) {
    let lifecycle = Lifecycle::default();
    let parts = parts(&db, &lifecycle);
    let (user, event) = published(&parts, 1_000).await;
    let refuse = match db.store.kind() {
        "postgresql" => "ALTER TABLE bookings ADD CONSTRAINT poison CHECK (seats <> 13)",
        _ => {
            "CREATE TRIGGER poison BEFORE INSERT ON bookings WHEN NEW.seats = 13 \
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        }
    };
    db.execute(refuse).await.expect("a store that refuses");
    let engine = Engine::start(&parts, 1, &lifecycle);
    let asked: Vec<u32> = (0..40).map(|number| if number % 20 == 7 { POISON } else { 1 }).collect();
    let answers = asked.iter().map(|&seats| engine.submit(event, book(&parts, user, seats), user));
    let answers = futures::future::join_all(answers).await;
    for (seats, answer) in asked.iter().zip(&answers) {
        match answer {
            Ok(decided) => {
                assert_ne!(*seats, POISON);
                assert!(matches!(decided.outcome, Outcome::Confirmed { .. }), "{decided:?}");
            }
            Err(error) => assert!(*seats == POISON && matches!(error, EngineError::Defect), "{error}"),
        }
    }
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 38);
    let state = db.store.load(event).await.expect("readable").expect("the event");
    assert_eq!(state.seats().taken(), 38, "the refused ones hold nothing");
    drop(engine);
    drop(parts);
    lifecycle.end().await;
}

fn parts(db: &TestStore, lifecycle: &Lifecycle) -> EngineParts {
    let (handoff, _) = Handoff::channel();
    EngineParts {
        store: db.store.clone(),
        store_liveness: Liveness::new("store"),
        counters: Arc::new(MemoryCounters::default()),
        counters_liveness: Liveness::new("counters"),
        handoff,
        live: crate::live::testing::alone(&db.store, lifecycle),
        clock: Clock::system(),
        ids: Ids::default(),
        // No booking is refused for its size here.
        limits: Limits { seats_per_booking: u32::MAX, ..Limits::default() },
        stats: EngineStats::default(),
    }
}

fn book(parts: &EngineParts, user: UserId, seats: u32) -> Command {
    Command::Book {
        booking: parts.ids.booking(),
        user,
        selection: SeatSelection::Any(AnySeats::lowest(seats)),
    }
}

/// Seats of a large command.
const LARGE: u32 = 30_000;

/// A large booking takes longer than a small one may: 2 s on PostgreSQL, where a statement can be made to wait.
async fn slow_large_commits(db: &TestStore) {
    if db.store.kind() == "postgresql" {
        db.execute(
            "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF (SELECT count(*) FROM given) > 1000 THEN PERFORM pg_sleep(2.5); END IF; RETURN NULL; END $$; \
             CREATE TRIGGER dawdle AFTER INSERT ON booking_seats REFERENCING NEW TABLE AS given \
             FOR EACH STATEMENT EXECUTE FUNCTION dawdle()",
        )
        .await
        .expect("a trigger");
    }
}

async fn a_large_command_is_committed_beside_the_batches(db: TestStore) {
    slow_large_commits(&db).await;
    let lifecycle = Lifecycle::default();
    let parts = parts(&db, &lifecycle);
    let (user, large) = published(&parts, LARGE + 1).await;
    let other = another(&parts, large, 100).await;
    let engine = Engine::start(&parts, 1, &lifecycle);
    let booking = parts.ids.booking();
    let command = Command::Book { booking, user, selection: SeatSelection::Any(AnySeats::lowest(LARGE)) };
    let is_done = AtomicBool::new(false);
    let booked = async {
        let answer = engine.submit(large, command, user).await;
        is_done.store(true, Ordering::SeqCst);
        answer
    };
    let others = async {
        for _ in 0..20 {
            engine.submit(other, book(&parts, user, 1), user).await.expect("no matter what is large");
        }
        // SQLite has one writer: there the others may have waited for it.
        assert!(db.store.kind() == "sqlite" || !is_done.load(Ordering::SeqCst), "they waited for it");
    };
    let same = engine.submit(large, book(&parts, user, 1), user);
    let (booked, (), same) = tokio::join!(booked, others, same);
    let booked = booked.expect("large, and allowed to take its time");
    assert!(matches!(&booked.outcome, Outcome::Confirmed { seats } if seats.len() == LARGE as usize));
    assert!(matches!(same.expect("an answer").outcome, Outcome::Confirmed { .. }));
    let cancelled = engine.submit(large, Command::Cancel { booking }, user).await.expect("cancelled");
    assert!(matches!(&cancelled.outcome, Outcome::Cancelled { freed, .. } if freed.len() == LARGE as usize));
    assert_eq!(parts.store_liveness.misses(), 0, "the store was there all the time");
    let state = db.store.load(large).await.expect("readable").expect("the event");
    assert_eq!(state.seats().taken(), 1);
    drop(engine);
    drop(parts);
    lifecycle.end().await;
}

async fn events_are_read_a_few_at_a_time(db: TestStore) {
    let lifecycle = Lifecycle::default();
    let parts = parts(&db, &lifecycle);
    let (user, first) = published(&parts, 10).await;
    let mut events = vec![first];
    for _ in 1..100 {
        events.push(another(&parts, first, 10).await);
    }
    let engine = Engine::start(&parts, 1, &lifecycle);
    let unknown = parts.ids.event();
    let asked = events.iter().chain(&events).map(|&event| engine.submit(event, book(&parts, user, 1), user));
    let none = engine.submit(unknown, book(&parts, user, 1), user);
    let (answers, none) = tokio::join!(futures::future::join_all(asked), none);
    for answer in answers {
        assert!(matches!(answer.expect("an answer").outcome, Outcome::Confirmed { .. }));
    }
    assert!(matches!(none, Err(EngineError::UnknownEvent)));
    drop(engine);
    drop(parts);
    lifecycle.end().await;
}

async fn what_is_in_memory_can_be_looked_at(db: TestStore) {
    let lifecycle = Lifecycle::default();
    let parts = parts(&db, &lifecycle);
    let (user, event) = published(&parts, 3).await;
    let engine = Engine::start(&parts, 1, &lifecycle);
    assert!(engine.copy(event).await.is_none(), "it was not needed yet");
    engine.submit(event, book(&parts, user, 2), user).await.expect("booked");
    let copy = engine.copy(event).await.expect("in memory");
    assert_eq!((copy.version(), copy.seats().taken()), (1, 2));
    engine.submit(event, book(&parts, user, 1), user).await.expect("booked");
    assert_eq!((copy.version(), copy.seats().taken()), (1, 2), "a copy stays as it is");
    assert_eq!(engine.copy(event).await.expect("in memory").seats().taken(), 3);
    drop(engine);
    drop(parts);
    lifecycle.end().await;
}

async fn of_one_event_each_announcement_is_kept(db: TestStore) {
    let lifecycle = Lifecycle::default();
    let parts = parts(&db, &lifecycle);
    let (user, one) = published(&parts, 9).await;
    let two = another(&parts, one, 9).await;
    let engine = Engine::start(&parts, 1, &lifecycle);
    for event in [one, two] {
        engine.submit(event, book(&parts, user, 1), user).await.expect("booked");
    }
    let announce = |event, text: &str| {
        let extras =
            super::CommitExtras { announcement: Some(text.to_owned()), ..super::CommitExtras::default() };
        engine.submit_with(event, Command::Amend(Amendment::default()), user, extras)
    };
    let answers = tokio::join!(announce(one, "first"), announce(two, "other"), announce(one, "second"));
    for answer in [answers.0, answers.1, answers.2] {
        answer.expect("committed");
    }
    while parts.store.notify_holders(parts.clock.now(), 10).await.expect("notified").is_some() {}
    let told =
        parts.store.list_notifications_of(user, &NotificationFilter::default()).await.expect("readable");
    let told = told.into_iter().filter(|told| told.kind == NotificationType::EventUpdated);
    let mut told: Vec<String> = told.map(|told| told.message).collect();
    told.sort_unstable();
    assert_eq!(told, ["first", "other", "second"]);
    drop(engine);
    drop(parts);
    lifecycle.end().await;
}

async fn a_dry_run_decides_on_copies(db: TestStore) {
    let lifecycle = Lifecycle::default();
    let parts = parts(&db, &lifecycle);
    let (user, event) = published(&parts, 3).await;
    let engine = Engine::start(&parts, 1, &lifecycle);
    engine.submit(event, book(&parts, user, 1), user).await.expect("booked");
    let looking = EngineParts { store: parts.store.looking(), ..parts.clone() };
    let trial = engine.foreseeing(&looking);
    let seats = |decided: super::Decided| match decided.outcome {
        Outcome::Confirmed { seats } => seats.to_vec(),
        other => panic!("{other:?}"),
    };
    assert_eq!(seats(trial.submit(event, book(&parts, user, 1), user).await.expect("would be")), [2]);
    assert_eq!(seats(trial.submit(event, book(&parts, user, 1), user).await.expect("would be")), [3]);
    let beyond = trial.submit(event, book(&parts, user, 4), user).await;
    assert!(matches!(beyond, Err(EngineError::Refused(_))), "{beyond:?}");
    let before = parts.store.find_event(event).await.expect("readable").expect("an event");
    let after = trial.after_dry_run(before.clone()).await.expect("readable");
    assert_eq!((before.available_slots, after.available_slots, after.version), (2, 0, before.version + 2));
    assert_eq!(
        engine.after_dry_run(before.clone()).await.expect("readable"),
        before,
        "only a dry run changes what is read"
    );
    // Another dry run begins where what is committed ends.
    let real = engine.submit(event, book(&parts, user, 1), user).await.expect("booked");
    assert_eq!(seats(real), [2]);
    let trial = engine.foreseeing(&looking);
    assert_eq!(seats(trial.submit(event, book(&parts, user, 1), user).await.expect("would be")), [3]);
    let unknown = trial.submit(parts.ids.event(), book(&parts, user, 1), user).await;
    assert!(matches!(unknown, Err(EngineError::UnknownEvent)), "{unknown:?}");
    assert_eq!(db.store.load(event).await.expect("readable").expect("the event").seats().taken(), 2);
    drop((engine, trial));
    drop((parts, looking));
    lifecycle.end().await;
}

/// One more event of the same organization.
async fn another(parts: &EngineParts, event: EventId, seats: u32) -> EventId {
    let now = parts.clock.now();
    let like = parts.store.find_event(event).await.expect("readable").expect("an event");
    let event = NewEvent {
        id: parts.ids.event(),
        organization: like.org_id,
        created_by: like.created_by,
        name: "Another".to_owned(),
        description: None,
        category: None,
        ends_at: now + chrono::Duration::days(2),
        terms: Terms::upcoming(seats, now + chrono::Duration::days(1)),
    };
    publish_event(&parts.store, &event, &Actor::daemon(now)).await;
    event.id
}

async fn a_waitlist_is_served_to_its_end_in_as_many_commits_as_it_takes(db: TestStore) {
    let lifecycle = Lifecycle::default();
    let mut parts = parts(&db, &lifecycle);
    parts.limits.seats_at_once = 20;
    let (user, event) = published(&parts, 1).await;
    let engine = Engine::start(&parts, 1, &lifecycle);
    for _ in 0..=100 {
        engine.submit(event, book(&parts, user, 1), user).await.expect("booked, or in line");
    }
    let larger = Command::Amend(Amendment { capacity: Some(200), ..Amendment::default() });
    engine.submit(event, larger, user).await.expect("larger");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let mut commits = 0;
    loop {
        let state = db.store.load(event).await.expect("readable").expect("the event");
        if state.waitlist().is_empty() {
            assert_eq!((state.seats().taken(), state.owes_service(parts.clock.now())), (101, false));
            // One commit each for the parties at first, and the turns.
            commits = commits.max(state.version());
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{} still wait", state.waitlist().len());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(commits, 101 + 5, "twenty seats each");
    drop(engine);
    drop(parts);
    lifecycle.end().await;
}

#[test]
fn those_who_send_many_large_commands_wait_for_each_other() {
    let mut queue = LargeCommands::default();
    let (hostile, honest) = (UserId(uuid::Uuid::from_u128(1)), UserId(uuid::Uuid::from_u128(2)));
    let event = |number| EventId(uuid::Uuid::from_u128(number));
    for (number, actor) in [(1, hostile), (2, hostile), (3, hostile), (4, honest)] {
        assert!(queue.push(task(event(number), actor)).is_none());
    }
    let mut taken = Vec::new();
    while let Some(task) = queue.take(|event| event.0.as_u128() != 2) {
        taken.push(task.event().0.as_u128());
    }
    assert_eq!(taken, [1, 4, 3], "the second is not at hand");
    assert_eq!(queue.take(|_| true).expect("it waits").event(), event(2));
    let full = (0..1_000).find(|_| queue.push(task(event(1), hostile)).is_some());
    assert_eq!(full, Some(256), "bounded");
}

fn task(event: EventId, actor: UserId) -> Task {
    let (reply, _) = tokio::sync::oneshot::channel();
    let job = Job {
        event,
        command: Command::Serve { by_hand: true },
        actor,
        extras: super::CommitExtras::default(),
        submitted: std::time::Instant::now(),
        span: tracing::Span::none(),
        reply,
    };
    Task { job, prior: Vec::new(), reread: false }
}
