//! Somebody tampers with what Redis says: no outcome rests on it, and it is right again soon.

use crate::history::History;
use crate::mirror::HEALED;
use crate::stage::{Stage, book_a_line, pause};
use crate::support::people::publish;
use happening_core::id::EventId;
use happening_core::wire::CreateBooking;
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, cmd};
use std::time::Instant;

/// What may be done to the keys of an event.
#[derive(Debug, Clone, Copy)]
enum Lie {
    MoreSeats,
    FewerSeats,
    NoNumberOfSeats,
    NoSeats,
    LaterVersion,
    NoVersion,
    WrongOrder,
    MissingParty,
    ForeignParty,
    AnotherPartyInstead,
    LineIsText,
    NoLine,
}

const LIES: [Lie; 12] = [
    Lie::MoreSeats,
    Lie::FewerSeats,
    Lie::NoNumberOfSeats,
    Lie::NoSeats,
    Lie::LaterVersion,
    Lie::NoVersion,
    Lie::WrongOrder,
    Lie::MissingParty,
    Lie::ForeignParty,
    Lie::AnotherPartyInstead,
    Lie::LineIsText,
    Lie::NoLine,
];

impl Lie {
    async fn tell(self, redis: &mut MultiplexedConnection, event: EventId) {
        let (slots, version, waitlist) = (
            format!("event:{event}:slots"),
            format!("event:{event}:version"),
            format!("event:{event}:waitlist"),
        );
        let stranger = "00000000-0000-4000-8000-00000000dead";
        match self {
            Self::MoreSeats => run(redis, &["INCRBY", &slots, "50"]).await,
            Self::FewerSeats => run(redis, &["DECRBY", &slots, "50"]).await,
            Self::NoNumberOfSeats => run(redis, &["SET", &slots, "plenty"]).await,
            Self::NoSeats => run(redis, &["DEL", &slots]).await,
            // Set, not added: a version that the daemon holds in doubt is no number.
            Self::LaterVersion => run(redis, &["SET", &version, "1000000"]).await,
            Self::NoVersion => run(redis, &["SET", &version, "latest"]).await,
            Self::WrongOrder => {
                let head: String = run(redis, &["LPOP", &waitlist]).await;
                let second: String = run(redis, &["LINDEX", &waitlist, "0"]).await;
                let () = run(redis, &["LINSERT", &waitlist, "AFTER", &second, &head]).await;
            }
            Self::MissingParty => run(redis, &["LPOP", &waitlist]).await,
            Self::ForeignParty => run(redis, &["LPUSH", &waitlist, stranger]).await,
            Self::AnotherPartyInstead => run(redis, &["LSET", &waitlist, "0", stranger]).await,
            Self::LineIsText => run(redis, &["SET", &waitlist, "nobody"]).await,
            Self::NoLine => run(redis, &["DEL", &waitlist]).await,
        }
    }
}

async fn run<T: FromRedisValue>(redis: &mut MultiplexedConnection, words: &[&str]) -> T {
    let mut command = cmd(words[0]);
    command.arg(&words[1..]).query_async(redis).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

/// An event whose line changes at its end all the time, until the task is ended; those at its head stay.
struct Busy {
    event: EventId,
    task: tokio::task::JoinHandle<()>,
}

impl Busy {
    async fn start(stage: &Stage) -> Self {
        let event = publish(&stage.people[1], 1).await.id;
        book_a_line(&stage.people, event, 1, 6).await;
        let client = stage.people[2].client.clone();
        let create = CreateBooking::any(event, 1);
        let task = tokio::spawn(async move {
            loop {
                let joined = client.create_booking(&create).await.expect("they join the line");
                client.cancel_booking(joined.id).await.expect("they leave it");
                pause(10).await;
            }
        });
        Self { event, task }
    }
}

#[tokio::test]
async fn lies_about_a_quiet_event_are_put_right() {
    let stage = Stage::set().await;
    let mut quiet = Vec::new();
    for _ in LIES {
        let event = publish(&stage.people[1], 2).await.id;
        book_a_line(&stage.people, event, 2, 4).await;
        quiet.push(event);
    }
    let load = stage.load().await;
    // The lines have been compared, and found right, once: what follows must be found all the same.
    stage.redis_is_true(&quiet, Instant::now() + HEALED).await;
    pause(3_500).await;
    let mut redis = stage.redis().await;
    for (lie, event) in LIES.iter().zip(&quiet) {
        lie.tell(&mut redis, *event).await;
    }
    stage.redis_is_true(&quiet, Instant::now() + HEALED).await;
    let history = load.stop().await;
    history.assert_flawless("while somebody lied about other events");
    stage.assert_true(&history).await;
}

#[tokio::test]
async fn lies_about_a_busy_event_are_put_right_while_it_is_busy() {
    let stage = Stage::set().await;
    let lies = [Lie::MoreSeats, Lie::LaterVersion, Lie::NoVersion, Lie::WrongOrder, Lie::AnotherPartyInstead];
    let mut busy = Vec::new();
    for _ in lies {
        busy.push(Busy::start(&stage).await);
    }
    let mut redis = stage.redis().await;
    for (lie, of) in lies.iter().zip(&busy) {
        lie.tell(&mut redis, of.event).await;
    }
    let told = Instant::now();
    pause(4_400).await;
    for (lie, of) in lies.iter().zip(&busy) {
        assert!(!of.task.is_finished(), "{lie:?} kept somebody from booking");
        of.task.abort();
    }
    // No longer busy, but with too little time left to be found out as a quiet event.
    for (lie, of) in lies.iter().zip(&busy) {
        println!("{lie:?}");
        stage.redis_is_true(&[of.event], told + HEALED).await;
    }
    stage.assert_true(&History::default()).await;
}
