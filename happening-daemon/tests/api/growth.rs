//! What a request costs does not grow with the years: with 100,000 past events and a million bookings in the tables, no read
//! goes through a large table, nor does what counts before something is written, and comparing all of it holds up nobody.

use crate::raw::Raw;
use crate::support::Daemon;
use crate::support::full_database::{FULL, Size};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, event_of, publish, sign_in};
use happening_core::id::OrganizationId;
use happening_core::wire::JobState;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use uuid::{Uuid, uuid};

on_both_parts!(no_read_goes_through_a_large_table, all_events_are_compared_while_people_book);

/// Tables that grow with the years.
const LARGE: [&str; 8] = [
    "events",
    "users",
    "bookings",
    "booking_seats",
    "booking_history",
    "notifications",
    "organizations",
    "organization_invites",
];

/// The organization that the guest governs.
const ORGANIZATION: Uuid = uuid!("a0000000-0000-4000-8000-000000000007");

/// Rows that one request may read of them, by whatever way.
const MOST_ROWS: i64 = 20_000;

/// What people and staff read, and whether it is staff that does.
fn reads(guest: &Signed) -> Vec<(String, bool)> {
    let user = guest.user.expect("a user");
    let (event, booking) = ("c0000000-0000-4000-8000-000000000007", "d0000000-0000-4000-8000-000000000046");
    let of_people = [
        "/events".to_owned(),
        format!("/events?org_id={ORGANIZATION}"),
        "/events?q=concert 7007".to_owned(),
        "/events?status=upcoming&limit=20".to_owned(),
        format!("/events/{event}"),
        format!("/events/{event}/seats"),
        format!("/events/{event}/waitlist"),
        "/users?search=user14".to_owned(),
        format!("/users/{user}"),
        format!("/bookings/user/{user}"),
        format!("/notifications/user/{user}"),
        format!("/notifications/user/{user}?unread=true&type=booking_confirmed"),
        format!("/notifications/user/{user}/unread"),
        format!("/organizations/user/{user}"),
        format!("/organizations/{ORGANIZATION}"),
        format!("/organizations/{ORGANIZATION}/members"),
        format!("/org-invites/pending/{user}"),
    ];
    let of_staff = [
        "/events?limit=50".to_owned(),
        "/events?status=cancelled&limit=50".to_owned(),
        "/events?q=concert 99999&limit=50".to_owned(),
        "/users?search=user19".to_owned(),
        "/users?search=19999@example&limit=20".to_owned(),
        "/organizations?limit=50".to_owned(),
        "/organizations?q=society 77&limit=50".to_owned(),
        format!("/events/{event}/bookings"),
        format!("/bookings/{booking}"),
        format!("/bookings/{booking}/history"),
        format!("/bookings/{booking}/seats"),
        format!("/bookings/{booking}/waiting-position"),
        "/admin/audit?limit=50".to_owned(),
        "/admin/queue".to_owned(),
        "/admin/queue/parked".to_owned(),
        "/admin/notifications/undelivered".to_owned(),
        "/admin/status".to_owned(),
        format!("/admin/redis/events/{event}"),
        format!("/users/{user}/export"),
    ];
    of_people.into_iter().map(|path| (path, false)).chain(of_staff.map(|path| (path, true))).collect()
}

/// What is written once it was counted how much there is.
fn writes() -> [(&'static str, Value); 3] {
    let new = event_of(OrganizationId(ORGANIZATION), "Concert again".to_owned(), 5);
    let invite = json!({ "email": "new@example.org", "role": "user", "organization_id": OrganizationId(ORGANIZATION) });
    [
        ("/events", json!(new)),
        ("/org-invites/send", invite),
        ("/organizations", json!({ "name": "One society more" })),
    ]
}

/// Quotas as they are by default.
const QUOTAS: [(&str, &str); 4] = [
    ("ORGANIZATIONS_PER_PERSON", "50"),
    ("UPCOMING_EVENTS_PER_ORGANIZATION", "10000"),
    ("OPEN_INVITES_PER_ORGANIZATION", "1000"),
    ("OPEN_INVITES_PER_ADDRESS", "200"),
];

async fn no_read_goes_through_a_large_table(parts: Parts) {
    let daemon = Daemon::start_logging_with(&parts, "info,sqlx::query=debug", &QUOTAS).await;
    FULL.fill(&parts).await;
    let joins = "INSERT INTO organization_users (organization_id, user_id, role, joined_at) \
                 SELECT {id}, id, 'orgAdmin', created_at FROM users WHERE username = 'guest'";
    parts.by_hand(joins, ORGANIZATION).await;
    let guest = sign_in(&daemon, "guest").await;
    let operator = sign_in(&daemon, "operator").await;
    let raw = Raw::new(&daemon);
    let mut watch = Watch::over(&parts, &daemon).await;
    let mut found = Vec::new();
    for (path, is_staff) in reads(&guest) {
        let token = if is_staff { &operator.token } else { &guest.token };
        let answer = raw.get(&path, token).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        found.extend(watch.look().await.into_iter().map(|what| format!("{path}: {what}")));
    }
    for (path, body) in writes() {
        let answer = raw.send(Method::POST, path, &guest.token, body.to_string()).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
        found.extend(watch.look().await.into_iter().map(|what| format!("POST {path}: {what}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What is compared: unoptimized, above all SQLite takes several times as long, so there it is a fifth of it.
const SEEN: Size = if cfg!(debug_assertions) { Size { events: FULL.events / 5, ..FULL } } else { FULL };

/// How long all events may take to be compared and, their counters being unknown, made right: by an optimized build on a
/// machine of its own. Elsewhere only the result counts, and that no booking is refused meanwhile.
const COMPARED: Duration = Duration::from_mins(1);

/// Bookings whose median is taken, one after the other.
const TRIED: usize = 60;

#[expect(clippy::print_stderr, reason = "the figures are what it is about")]
async fn all_events_are_compared_while_people_book(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    SEEN.fill(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let operator = sign_in(&daemon, "operator").await;
    let event = publish(&organizer, 100_000).await.id;
    let median = async || {
        let mut times = Vec::new();
        for _ in 0..TRIED {
            let started = Instant::now();
            book(&member, event, 1).await;
            times.push(started.elapsed());
        }
        times.sort_unstable();
        times[TRIED / 2]
    };
    let alone = median().await;
    let started = Instant::now();
    let job = operator.client.start_reconcile(true).await.expect("a job").id;
    let look = async || operator.client.job(job).await.expect("a job");
    let mut beside = Vec::new();
    while !look().await.state.is_final() {
        beside.push(median().await);
        let job = look().await;
        assert!(job.total.is_none_or(|total| job.done <= total), "{job:?}");
    }
    let took = started.elapsed();
    let ended = look().await;
    assert_eq!((ended.state, ended.error.as_deref()), (JobState::Done, None));
    let report = ended.reconciled().expect("a report");
    assert!(report.events > u64::from(SEEN.all_events()), "{} events", report.events);
    assert!(report.found >= report.fixed && report.drifts.len() <= 1_000);
    beside.sort_unstable();
    let with = beside.get(beside.len() / 2).copied().unwrap_or(alone);
    eprintln!(
        "{} events in {took:?}, {} healed; a booking {alone:?} alone, {with:?} beside it",
        report.events, report.fixed
    );
    if cfg!(debug_assertions) {
        return;
    }
    assert!(took < COMPARED, "{took:?}");
    // What a machine's own noise is.
    let noise = Duration::from_millis(5);
    assert!(with <= 2 * alone + noise, "a booking takes {with:?} beside it, {alone:?} alone");
}

/// Watches what the database does for one request.
enum Watch<'a> {
    /// By PostgreSQL's own count of rows read.
    Counts { statistics: PgConnection, before: BTreeMap<String, i64> },
    /// By the plans of the statements in the daemon's log.
    Plans { daemon: &'a Daemon, file: SqliteConnection, seen: usize },
}

impl<'a> Watch<'a> {
    async fn over(parts: &Parts, daemon: &'a Daemon) -> Self {
        if let Some(stack) = parts.stack() {
            let mut statistics = PgConnection::connect(&stack.database_url).await.expect("PostgreSQL");
            let before = rows_read(&mut statistics).await;
            return Self::Counts { statistics, before };
        }
        let options = SqliteConnectOptions::new().filename(parts.sqlite()).read_only(true);
        let file = SqliteConnection::connect_with(&options).await.expect("SQLite");
        Self::Plans { daemon, file, seen: daemon.log().len() }
    }

    /// What was read since the last look that should not have been.
    async fn look(&mut self) -> Vec<String> {
        match self {
            Self::Counts { statistics, before } => {
                let after = rows_read(statistics).await;
                let read = |(table, rows): (&String, &i64)| (rows - before[table], table.clone());
                let read: Vec<_> = after.iter().map(read).filter(|(rows, _)| *rows > MOST_ROWS).collect();
                *before = after;
                read.into_iter().map(|(rows, table)| format!("reads {rows} rows of {table}")).collect()
            }
            Self::Plans { daemon, file, seen } => {
                let log = daemon.log();
                let statements = statements_in(&log[*seen..]);
                assert!(!statements.is_empty(), "the log names no statement");
                *seen = log.len();
                let mut scans = Vec::new();
                for statement in statements {
                    scans.extend(large_scans(file, &statement).await);
                }
                scans
            }
        }
    }
}

/// Rows of the large tables that were read so far. Sessions report what they did a second late at most.
async fn rows_read(statistics: &mut PgConnection) -> BTreeMap<String, i64> {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    sqlx::raw_sql("SELECT pg_stat_clear_snapshot()").execute(&mut *statistics).await.expect("statistics");
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT relname::text, seq_tup_read + COALESCE(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = ANY($1)",
    )
    .bind(LARGE.map(str::to_owned).to_vec())
    .fetch_all(statistics)
    .await
    .expect("statistics");
    rows.into_iter().collect()
}

/// The statements that read, of those that sqlx logged.
fn statements_in(log: &str) -> BTreeSet<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let statements = lines.filter_map(|line| {
        let text = |name: &str| line["fields"][name].as_str().map(str::trim).filter(|text| !text.is_empty());
        text("db.statement").or_else(|| text("summary")).map(str::to_owned)
    });
    statements.filter(|statement| statement.starts_with("SELECT") || statement.starts_with("WITH")).collect()
}

/// The large tables that a statement goes through from end to end. One that it walks in the order of the answer ends with the
/// page.
async fn large_scans(file: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")));
    let steps = plan.fetch_all(file).await.expect("a plan");
    let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
    let is_sorted = steps.iter().any(|step| step.contains("FOR ORDER BY"));
    let is_page = statement.contains(" LIMIT ") && !is_sorted;
    let large = names_of_large_tables(statement);
    let is_scan = |step: &&String| {
        let mut words = step.split(' ');
        words.next() == Some("SCAN")
            && words.next().is_some_and(|name| large.contains(name))
            && !(is_page && step.contains("USING INDEX"))
    };
    steps.iter().filter(is_scan).map(|step| format!("{step} in {statement}")).collect()
}

/// What a statement calls its large tables: by their names, or by an alias.
fn names_of_large_tables(statement: &str) -> BTreeSet<&str> {
    let words: Vec<&str> = statement.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let tables = words.windows(2).filter(|pair| LARGE.contains(&pair[0]));
    tables.flat_map(|pair| [pair[0], pair[1]]).collect()
}

#[test]
fn large_tables_are_known_by_their_aliases() {
    let statement = "SELECT count(*) FROM (SELECT 1 FROM bookings) x JOIN events e ON e.id = users.id";
    let names = names_of_large_tables(statement);
    assert!(["bookings", "events", "e"].iter().all(|name| names.contains(name)), "{names:?}");
    assert!(!names.contains("users.id"));
}
