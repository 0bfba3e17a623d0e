//! What a screen wants to know: each a question that the runner asks the daemon, and its answer.
//!
//! Add one: a variant of [`Query`] and of [`Answer`], its call in [`crate::runner`], what becomes of the answer in
//! [`crate::update::feeds`], and who wants it, there too.

use happening_core::id::{BookingId, EventId, JobId, OrganizationId, UserId};
use happening_core::wire::{
    AdminStatus, AuditRecord, Booking, BookingWithEvent, CounterKey, Event, EventBooking, FoundUser,
    HistoryEntry, InspectedEvent, Invite, Job, Member, Notification, Organization, ParkedMessage,
    QueueStatus, Reconciled, SeatMap, ServiceAccount, UndeliveredNotification, WaitingParty, WhyWaiting,
};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Query {
    /// Every event that the caller may see.
    Events,
    /// Every organization that the caller may see.
    Organizations,
    /// Members of one.
    Members(OrganizationId),
    /// Invites of one.
    Invites(OrganizationId),
    /// Service accounts of one.
    ServiceAccounts(OrganizationId),
    /// One event with its seats.
    Seats(EventId),
    /// Who waits there.
    Line(EventId),
    /// Its bookings.
    BookingsAt(EventId),
    /// People whose name, address or booking matches.
    People(String),
    /// What a person has booked.
    BookingsOf(UserId),
    /// What a person was told.
    Told(UserId),
    /// One booking, with its seats and history.
    Booking(BookingId),
    /// Why it is not a booking's turn.
    Why(BookingId),
    /// How the daemon and its parts are.
    Status,
    /// How queue and outbox are.
    Queue,
    /// What is parked.
    Parked,
    /// What did not arrive.
    Undelivered,
    /// What does not agree with what, everywhere.
    Drifts,
    /// What the counters hold of one event.
    Inspect(EventId),
    /// Keys of the counters.
    Keys(String),
    /// The audit log.
    Audit(AuditWanted),
    /// How far a job has come, and what came of it.
    Job(JobId),
}

/// Which entries of the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AuditWanted {
    /// With this action only.
    pub action: Option<String>,
    /// By this person only.
    pub actor: Option<UserId>,
    /// On the target with this id only.
    pub target: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// To [`Query::Events`].
    Events(Vec<Event>),
    /// To [`Query::Organizations`].
    Organizations(Vec<Organization>),
    /// To [`Query::Members`].
    Members(Vec<Member>),
    /// To [`Query::Invites`].
    Invites(Vec<Invite>),
    /// To [`Query::ServiceAccounts`].
    ServiceAccounts(Vec<ServiceAccount>),
    /// To [`Query::Seats`].
    Seats(Box<Event>, Box<SeatMap>),
    /// To [`Query::Line`].
    Line(Vec<WaitingParty>),
    /// To [`Query::BookingsAt`]; whether there are more.
    BookingsAt(Vec<EventBooking>, bool),
    /// To [`Query::People`].
    People(Vec<FoundUser>),
    /// To [`Query::BookingsOf`].
    BookingsOf(Vec<BookingWithEvent>),
    /// To [`Query::Told`].
    Told(Vec<Notification>),
    /// To [`Query::Booking`].
    Booking(Box<Booking>, Vec<HistoryEntry>),
    /// To [`Query::Why`].
    Why(Box<WhyWaiting>),
    /// To [`Query::Status`].
    Status(Box<AdminStatus>),
    /// To [`Query::Queue`].
    Queue(Box<QueueStatus>),
    /// To [`Query::Parked`].
    Parked(Vec<ParkedMessage>),
    /// To [`Query::Undelivered`].
    Undelivered(Vec<UndeliveredNotification>),
    /// To [`Query::Drifts`].
    Drifts(Reconciled),
    /// To [`Query::Inspect`].
    Inspect(Box<InspectedEvent>),
    /// To [`Query::Keys`]; whether there are more.
    Keys(Vec<CounterKey>, bool),
    /// To [`Query::Audit`].
    Audit(Vec<AuditRecord>),
    /// To [`Query::Job`].
    Job(Box<Job>),
}
