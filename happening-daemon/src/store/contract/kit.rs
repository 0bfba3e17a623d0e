//! An organization, its events, and commits on them.
//!
//! Rows are drafted by comparing an event before and after: another way than the engine's, which folds changes.

use crate::ids::Ids;
use crate::service::Error;
use crate::store::{
    Actor, Batch, BookingRow, Details, EventRow, NewEvent, NewServiceAccount, NewUser, NotificationRow,
    SeatRow, Store,
};
use crate::testing::TestStore;
use chrono::{DateTime, Duration, Utc};
use happening_core::booking::{
    AnySeats, Change, Command, Context, EventState, Limits, Outcome, Party, SeatNo, SeatSelection, Terms,
};
use happening_core::id::{BookingId, EventId, OrganizationId, UserId};
use happening_core::wire::{BookingStatus, Category, NotificationType, QueuedNotification, Role, SeatStatus};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many seconds after the beginning, which is no whole second.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_800_000_000_123_456).expect("a time") + Duration::seconds(seconds)
}

/// Somebody, no matter who, acting at a time.
pub fn by(now: DateTime<Utc>) -> Actor {
    Actor::daemon(now)
}

/// The circumstances of every decision here.
pub fn context() -> Context {
    Context { now: at(0), limits: Limits::default() }
}

/// Terms of an event that starts tomorrow.
pub fn terms(capacity: u32) -> Terms {
    Terms::upcoming(capacity, at(86_400))
}

/// A store with one organization in it.
pub struct Kit {
    pub db: TestStore,
    pub store: Arc<dyn Store>,
    pub ids: Ids,
    pub organizer: UserId,
    pub organization: OrganizationId,
}

impl Kit {
    pub async fn new(db: TestStore) -> Self {
        let (store, ids) = (Arc::clone(&db.store), Ids::seeded(1));
        let (organizer, organization) = (ids.user(), ids.organization());
        let kit = Self { db, store, ids, organizer, organization };
        let own = Some((organization, "org-of-olga".to_owned(), "org-of-olga.org".to_owned()));
        kit.rules().create_user(&new_user(organizer, "olga"), own, &by(at(0))).await.expect("a user");
        kit
    }

    /// Somebody with a username.
    pub async fn person(&self, username: &str) -> UserId {
        let user = self.ids.user();
        self.rules().create_user(&new_user(user, username), None, &by(at(0))).await.expect("a user");
        user
    }

    /// A client with a role in an organization, as if it had accepted it.
    pub async fn client(
        &self,
        organization: OrganizationId,
        account: NewServiceAccount<'_>,
        role: Role,
        seconds: i64,
    ) -> Result<UserId, Error> {
        let user = self.rules().ensure_service_account(organization, account, &by(at(seconds))).await?;
        assert!(self.set_member(organization, user, role, &by(at(seconds))).await?);
        Ok(user)
    }

    pub fn new_event(&self, name: &str, terms: Terms) -> NewEvent {
        NewEvent {
            id: self.ids.event(),
            organization: self.organization,
            created_by: self.organizer,
            name: name.to_owned(),
            description: Some(format!("About {name}.")),
            category: Some(Category::Concert),
            ends_at: terms.starts_at + chrono::Duration::hours(2),
            terms,
        }
    }

    /// An event with nothing booked.
    pub async fn event(&self, terms: Terms) -> Tracked {
        let new = self.new_event("Evening", terms.clone());
        assert!(self.rules().create_event(&new, &by(at(1))).await.expect("an event"));
        Tracked::new(new.id, terms, self.ids.clone())
    }

    /// An event of another organization, with nothing booked.
    pub async fn event_elsewhere(&self) -> Tracked {
        let (founder, organization) = (self.ids.user(), self.ids.organization());
        let own = Some((organization, "elsewhere".to_owned(), "elsewhere.org".to_owned()));
        self.rules().create_user(&new_user(founder, "founder"), own, &by(at(0))).await.expect("a user");
        let new = NewEvent { organization, created_by: founder, ..self.new_event("Elsewhere", terms(1)) };
        assert!(self.rules().create_event(&new, &by(at(1))).await.expect("an event"));
        Tracked::new(new.id, terms(1), self.ids.clone())
    }

    /// A batch with nothing in it, committed `seconds` after the beginning.
    pub fn batch(&self, seconds: i64) -> Batch {
        Batch {
            commit: self.ids.uuid(),
            now: at(seconds),
            outbox_due: at(seconds + 5),
            events: Vec::new(),
            bookings: Vec::new(),
            seats: Vec::new(),
            history: Vec::new(),
            notifications: Vec::new(),
            answers: Vec::new(),
            audit: Vec::new(),
            deadline: std::time::Duration::from_secs(10),
        }
    }

    /// Commits what was decided on these events since their last commit.
    pub async fn commit(&self, seconds: i64, events: &mut [&mut Tracked]) -> Batch {
        let mut batch = self.batch(seconds);
        for event in events.iter() {
            event.draft(&mut batch);
        }
        batch.events.sort_by_key(|row| row.id);
        let mut committed = self.store.commit(&batch).await.expect("a commit");
        committed.sort_unstable();
        assert_eq!(committed, batch.events.iter().map(|row| row.id).collect::<Vec<_>>());
        for event in events.iter_mut() {
            event.settle();
        }
        batch
    }

    /// The event as the store has it is the event as it was decided.
    pub async fn assert_stored(&self, event: &Tracked) {
        let stored = self.store.load(event.id).await.expect("readable").expect("an event");
        assert_eq!(seen(&stored, event), seen(&event.state, event));
    }

    /// Commits so many notifications of the organizer, which come due `due` seconds after the beginning.
    pub async fn notified(&self, count: usize, due: i64) -> Vec<QueuedNotification> {
        let mut event = self.event(terms(1)).await;
        let mut batch = self.batch(2);
        batch.outbox_due = at(due);
        batch.events.push(event.row());
        batch.notifications =
            (0..count).map(|_| self.notification(event.id, self.organizer, self.ids.booking())).collect();
        self.store.commit(&batch).await.expect("a commit");
        event.settle();
        let queued = |row: NotificationRow| QueuedNotification {
            id: row.id,
            kind: row.kind,
            event_id: Some(row.event),
            user_id: row.user,
            seats: Some(row.seats),
            booking_id: Some(row.booking),
            message: row.message,
            booked_by: row.booked_by,
        };
        batch.notifications.into_iter().map(queued).collect()
    }

    pub fn notification(&self, event: EventId, user: UserId, booking: BookingId) -> NotificationRow {
        let id = self.ids.notification();
        let message = format!("Told: \"{booking}\" ☂");
        NotificationRow {
            id,
            user,
            event,
            booking,
            kind: NotificationType::BookingConfirmed,
            message,
            seats: 2,
            booked_by: Some(self.organizer),
        }
    }
}

pub fn new_user(id: UserId, username: &str) -> NewUser {
    NewUser {
        id,
        subject: format!("sub-{username}"),
        username: username.to_owned(),
        email: format!("{username}@example.org"),
        first_name: None,
        last_name: None,
        phone: None,
        avatar_url: None,
        profile_at: None,
    }
}

/// A booking's place: seats held, or its number in line and seats waited for.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Holds(Vec<SeatNo>),
    Waits(u64, u32),
}

/// An event with what was decided since its last commit.
pub struct Tracked {
    pub id: EventId,
    pub state: EventState,
    pub changes: Vec<Change>,
    pub details: Details,
    pub announcement: Option<String>,
    owners: BTreeMap<BookingId, UserId>,
    committed: BTreeMap<BookingId, Place>,
    committed_ids: Vec<BookingId>,
    ids: Ids,
}

impl Tracked {
    fn new(id: EventId, terms: Terms, ids: Ids) -> Self {
        Self {
            id,
            state: EventState::new(terms),
            changes: Vec::new(),
            details: Details::default(),
            announcement: None,
            owners: BTreeMap::new(),
            committed: BTreeMap::new(),
            committed_ids: Vec::new(),
            ids,
        }
    }

    pub fn ask(&mut self, command: &Command) -> Outcome {
        let before = self.changes.len();
        let ids = self.ids.clone();
        let outcome = self
            .state
            .decide(command, &context(), &mut self.changes, &mut || ids.booking())
            .expect("no refusal");
        for change in &self.changes[before..] {
            if let Change::Booked { booking, user, .. }
            | Change::Waitlisted { booking, user, .. }
            | Change::Promoted { booking, user, .. } = change
            {
                self.owners.insert(*booking, *user);
            }
        }
        outcome
    }

    /// Books any seats, or waits.
    pub fn book(&mut self, user: UserId, seats: u32) -> BookingId {
        let booking = self.ids.booking();
        self.ask(&Command::Book { booking, user, selection: SeatSelection::Any(AnySeats::lowest(seats)) });
        booking
    }

    pub fn cancel(&mut self, booking: BookingId) {
        self.ask(&Command::Cancel { booking });
    }

    pub fn bookings(&self) -> Vec<BookingId> {
        self.owners.keys().copied().collect()
    }

    fn places(&self) -> BTreeMap<BookingId, Place> {
        let place = |id: &BookingId| {
            let held = self.state.seats_of(*id).map(|seats| Place::Holds(seats.to_vec()));
            held.or_else(|| {
                self.state.waitlist().get(*id).map(|party| Place::Waits(party.number, party.seats))
            })
        };
        self.owners.keys().filter_map(|id| Some((*id, place(id)?))).collect()
    }

    pub fn row(&self) -> EventRow {
        EventRow {
            id: self.id,
            expected: self.state.version(),
            available: self.state.seats().free(),
            waiting: count(self.state.waitlist().len()),
            next_number: self.state.next_number(),
            passes: self.state.passes().to_vec(),
            rests: self.state.rests(),
            terms: self.state.terms().clone(),
            details: self.details.clone(),
            announcement: self.announcement.clone(),
            changes: self.changes.clone(),
        }
    }

    /// Adds the rows that commit what was decided.
    pub fn draft(&self, batch: &mut Batch) {
        batch.events.push(self.row());
        let places = self.places();
        for (id, user) in &self.owners {
            let (before, after) = (self.committed.get(id), places.get(id));
            let is_new = !self.committed_ids.contains(id);
            if before == after || is_new && after.is_none() {
                continue;
            }
            let (seats, status, waiting_number) = match after.or(before) {
                Some(Place::Holds(held)) => (count(held.len()), BookingStatus::Confirmed, None),
                Some(Place::Waits(number, seats)) => (*seats, BookingStatus::Waiting, Some(*number)),
                None => continue,
            };
            let row =
                BookingRow { id: *id, event: self.id, user: *user, seats, status, waiting_number, is_new };
            batch.bookings.push(match after {
                Some(_) => row,
                None => BookingRow { status: BookingStatus::Cancelled, waiting_number: None, ..row },
            });
            let (held, holds) = (held(before), held(after));
            let may_exist = !held.is_empty();
            let seat = |seat: SeatNo, status, is_new| SeatRow {
                booking: *id,
                event: self.id,
                seat,
                status,
                is_new,
                may_exist: is_new && may_exist,
            };
            let given =
                holds.iter().filter(|no| !held.contains(no)).map(|no| seat(*no, SeatStatus::Booked, true));
            batch.seats.extend(given);
            let freed = held.iter().filter(|no| !holds.contains(no));
            batch.seats.extend(freed.map(|no| seat(*no, SeatStatus::Cancelled, false)));
        }
    }

    /// What was decided is committed.
    pub fn settle(&mut self) {
        self.state.settle(self.state.version() + 1);
        self.committed = self.places();
        self.committed_ids = self.bookings();
        self.changes.clear();
        self.details = Details::default();
        self.announcement = None;
    }
}

fn held(place: Option<&Place>) -> &[SeatNo] {
    match place {
        Some(Place::Holds(seats)) => seats,
        _ => &[],
    }
}

pub fn count(number: usize) -> u32 {
    u32::try_from(number).expect("few")
}

/// All that can be seen of an event's state.
pub fn seen(state: &EventState, event: &Tracked) -> impl PartialEq + std::fmt::Debug + use<> {
    let holders: Vec<_> = event.owners.keys().map(|id| (*id, state.seats_of(*id).cloned())).collect();
    let line: Vec<Party> = state.waitlist().iter().copied().collect();
    let figures = (state.version(), state.next_number(), state.head_passed(), state.seats().free());
    let taken: Vec<SeatNo> = state.seats().taken_seats().collect();
    (state.terms().clone(), figures, taken, holders, line)
}
