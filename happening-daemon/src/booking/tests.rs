//! The engine on a store that misbehaves.

use super::{Engine, EngineError, EngineFigures, Parts};
use crate::counters::memory::MemoryCounters;
use crate::ids::Ids;
use crate::lifecycle::Lifecycle;
use crate::outbox::Handoff;
use crate::testing::{TestStore, on_every_store, published};
use crate::vital::Vital;
use happening_core::booking::{AnySeats, Choice, Command, Outcome};
use happening_core::clock::Clock;
use happening_core::id::UserId;
use std::sync::Arc;

on_every_store!(a_command_that_the_store_refuses_spoils_nobody_elses);

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

fn parts(db: &TestStore, lifecycle: &Lifecycle) -> Parts {
    let (handoff, _) = Handoff::channel();
    Parts {
        store: db.store.clone(),
        store_vital: Vital::new("store"),
        counters: Arc::new(MemoryCounters::default()),
        counters_vital: Vital::new("counters"),
        handoff,
        live: crate::live::testing::alone(&db.store, lifecycle),
        clock: Clock::system(),
        ids: Ids::default(),
        figures: EngineFigures::default(),
    }
}

fn book(parts: &Parts, user: UserId, seats: u32) -> Command {
    Command::Book {
        booking: parts.ids.booking(),
        user,
        choice: Choice::Any(AnySeats::lowest(seats)),
        now: parts.clock.now(),
    }
}
