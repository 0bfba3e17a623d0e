//! Bookings that somebody makes for somebody else: who may, what remains of it, and that the rules are the same.

use crate::raw::{Answer, Raw};
use crate::support::books::whole::Whole;
use crate::support::books::{Books, all_sent};
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, join, publish, sign_in};
use crate::support::{Daemon, refused};
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    AuditQuery, AuditRecord, Booking, BookingStatus, CreateBooking, CreateHold, ErrorCode, Notification,
    NotificationType, Role, UpdateEvent,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    who_runs_an_event_books_for_its_members_and_they_learn_who_did,
    staff_book_for_members_and_they_learn_who_did,
    nobody_else_names_another_person,
    those_who_see_no_event_of_the_organization_cannot_be_named,
    a_hold_is_booked_for_somebody_else,
    a_repeated_request_books_once_and_is_audited_once,
    a_dry_run_leaves_nothing_behind,
    limits_hold_for_everybody,
);

struct Stage {
    daemon: Daemon,
    organizer: Signed,
    admin: Signed,
    member: Signed,
    operator: Signed,
    /// The organizer's.
    event: EventId,
}

async fn set(parts: &Parts, seats: u32) -> Stage {
    let daemon = Daemon::start(parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let (admin, member) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "member").await);
    let operator = sign_in(&daemon, "operator").await;
    let event = publish(&organizer, seats).await.id;
    Stage { daemon, organizer, admin, member, operator, event }
}

fn wish(person: &Signed, event: EventId, seats: u32) -> CreateBooking {
    CreateBooking { user_id: person.user, ..CreateBooking::any(event, seats) }
}

impl Stage {
    /// Books for the member.
    async fn for_member(&self, by: &Signed, seats: u32) -> Booking {
        by.client.create_booking(&wish(&self.member, self.event, seats)).await.expect("a booking")
    }

    /// What the member was notified of about a booking.
    async fn notified(&self, booking: BookingId) -> Notification {
        let own = self.member.user.expect("a user");
        let all = self.member.client.notifications_of(own).await.expect("notifications");
        all.into_iter().find(|one| one.booking_id == Some(booking)).expect("a notification")
    }

    /// The lines of the audit log about bookings that were made for others, the newest first.
    async fn audited(&self) -> Vec<AuditRecord> {
        let all = self.operator.client.audit(&AuditQuery::default()).await.expect("a log").items;
        all.into_iter().filter(|line| line.action == "booking.created").collect()
    }

    /// That the booking is the member's, and that its history, the audit log and the notification name who made it.
    async fn is_told(&self, booking: &Booking, by: &Signed, name: &str, message: &str) {
        assert_eq!(booking.user_id, self.member.user.expect("a user"));
        let history = self.member.client.booking_history(booking.id).await.expect("a history");
        assert_eq!(history.first().and_then(|line| line.actor_id), by.user);
        let line = self.audited().await.remove(0);
        assert_eq!((line.actor_id, line.target.id), (by.user, booking.id.to_string()));
        let new = json!({ "event_id": self.event, "user_id": self.member.user, "seats": booking.seats });
        assert_eq!(line.new, Some(new));
        assert_eq!(line.organization_id, Some(demo_organization(&self.admin).await));
        let told = self.notified(booking.id).await;
        assert_eq!(told.message, message);
        assert_eq!((told.booked_by, told.booked_by_username.as_deref()), (by.user, Some(name)));
    }
}

async fn who_runs_an_event_books_for_its_members_and_they_learn_who_did(parts: Parts) {
    let stage = set(&parts, 4).await;
    let first = stage.for_member(&stage.organizer, 2).await;
    let said = "The organizer of this event booked for you: seats 1 and 2.";
    stage.is_told(&first, &stage.organizer, "organizer", said).await;
    let second = stage.for_member(&stage.admin, 1).await;
    let said = "An admin of the organization booked for you: seat 3.";
    stage.is_told(&second, &stage.admin, "admin", said).await;
    let waits = stage.for_member(&stage.organizer, 2).await;
    assert_eq!((waits.status, waits.waiting_number), (BookingStatus::Waiting, Some(1)));
    let said = "The organizer of this event put you on the waitlist for 2 seats: number 1.";
    stage.is_told(&waits, &stage.organizer, "organizer", said).await;
    assert_eq!(stage.notified(waits.id).await.kind, NotificationType::BookingWaitlisted);

    // The booking is the member's own from then on.
    stage.member.client.cancel_booking(first.id).await.expect("cancelled");
    let own = book(&stage.organizer, stage.event, 1).await;
    let told = stage.organizer.client.notifications_of(own.user_id).await.expect("notifications");
    let told = told.iter().find(|one| one.booking_id == Some(own.id)).expect("a notification");
    assert!(told.message.starts_with("You") && told.booked_by.is_none(), "{told:?}");
    assert_eq!(stage.audited().await.len(), 3, "who books for oneself is not audited");
    all_sent(&parts, Duration::from_secs(20)).await;
    Books::of(&parts).await.audit();
}

async fn staff_book_for_members_and_they_learn_who_did(parts: Parts) {
    let stage = set(&parts, 3).await;
    let support = sign_in(&stage.daemon, "support").await;
    let booking = stage.for_member(&support, 1).await;
    stage.is_told(&booking, &support, "support", "The support staff booked for you: seat 1.").await;
    let booking = stage.for_member(&stage.operator, 1).await;
    stage.is_told(&booking, &stage.operator, "operator", "An operator booked for you: seat 2.").await;
    Books::of(&parts).await.audit();
}

async fn nobody_else_names_another_person(parts: Parts) {
    let stage = set(&parts, 3).await;
    let others = publish(&stage.admin, 3).await.id;
    refused(
        stage.member.client.create_booking(&wish(&stage.admin, stage.event, 1)).await,
        ErrorCode::Forbidden,
    );
    refused(
        stage.organizer.client.create_booking(&wish(&stage.member, others, 1)).await,
        ErrorCode::Forbidden,
    );
    let guest = sign_in(&stage.daemon, "guest").await;
    refused(guest.client.create_booking(&wish(&stage.member, stage.event, 1)).await, ErrorCode::NotFound);
    // Who handed the event over runs it no longer; who took it does.
    let to = happening_core::wire::ReassignEvent {
        new_created_by: stage.admin.user.expect("a user"),
        requested_by: None,
    };
    stage.admin.client.reassign_event(stage.event, &to).await.expect("handed over");
    let wanted = wish(&stage.member, stage.event, 1);
    refused(stage.organizer.client.create_booking(&wanted).await, ErrorCode::Forbidden);
    // An organizer without the role is a member like others.
    let organization = demo_organization(&stage.admin).await;
    let own = publish(&stage.organizer, 3).await.id;
    join(&stage.admin, &stage.organizer, organization, Role::User).await;
    refused(stage.organizer.client.create_booking(&wish(&stage.member, own, 1)).await, ErrorCode::Forbidden);
    assert_eq!(stage.audited().await, [], "a refusal is no booking");
    assert!(Books::of(&parts).await.bookings.is_empty());
}

async fn those_who_see_no_event_of_the_organization_cannot_be_named(parts: Parts) {
    let stage = set(&parts, 3).await;
    let guest = sign_in(&stage.daemon, "guest").await;
    let raw = Raw::new(&stage.daemon);
    for user in [
        json!(guest.user.map_or_else(|| happening_daemon::ids::Ids::default().uuid(), |user| user.0)),
        json!(uuid::Uuid::max()),
    ] {
        for by in [&stage.organizer, &stage.admin, &stage.operator] {
            let body = json!({ "event_id": stage.event, "user_id": user, "seats": 1 }).to_string();
            let answer = raw.send(Method::POST, "/bookings", &by.token, body).await;
            let problem = answer.problem("no member", 400, "validation_failed");
            assert!(problem["detail"].as_str().expect("a text").contains("no member"), "{problem}");
        }
    }
    assert!(Books::of(&parts).await.bookings.is_empty());
}

async fn a_hold_is_booked_for_somebody_else(parts: Parts) {
    let stage = set(&parts, 5).await;
    let seats = CreateHold { seats: Some(vec![2, 4]), ..CreateHold::default() };
    let hold = stage.organizer.client.create_hold(stage.event, &seats).await.expect("a hold");
    let taken = CreateBooking { seat_numbers: Some(vec![2]), ..wish(&stage.member, stage.event, 1) };
    refused(stage.admin.client.create_booking(&taken).await, ErrorCode::SeatsConflict);
    let wanted = CreateBooking { hold_token: Some(hold.hold_token), ..wish(&stage.member, stage.event, 2) };
    let booked = stage.organizer.client.create_booking(&wanted).await.expect("booked");
    assert_eq!(booked.assigned_seats, Some(vec![2, 4]));
    let seats = stage.member.client.seats(stage.event).await.expect("seats");
    assert_eq!((seats.taken, seats.held), (vec![2, 4], vec![]), "the hold is over");
    Books::of(&parts).await.audit();
}

async fn a_repeated_request_books_once_and_is_audited_once(parts: Parts) {
    let stage = set(&parts, 5).await;
    let raw = Raw::new(&stage.daemon);
    let ask = |seats: u32| {
        let request = raw.request(Method::POST, "/bookings").bearer_auth(&stage.organizer.token);
        let body = json!({ "event_id": stage.event, "user_id": stage.member.user, "seats": seats });
        Answer::to(request.header("Idempotency-Key", "once").json(&body))
    };
    let first = ask(2).await;
    assert_eq!(first.ok()["user_id"], json!(stage.member.user));
    let again = ask(2).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    ask(3).await.problem("another body", 409, "idempotency_mismatch");
    let books = Books::of(&parts).await;
    books.audit();
    assert_eq!((books.bookings.len(), stage.audited().await.len()), (1, 1));
}

async fn a_dry_run_leaves_nothing_behind(parts: Parts) {
    let stage = set(&parts, 5).await;
    let (raw, whole) = (Raw::new(&stage.daemon), Whole::of(&parts).await);
    whole.rests().await;
    let before = whole.dump().await;
    let request = raw.request(Method::POST, "/bookings?dry_run=true").bearer_auth(&stage.organizer.token);
    let body = json!({ "event_id": stage.event, "user_id": stage.member.user, "seats": 2 });
    let answer = Answer::to(request.json(&body)).await;
    let would = answer.ok();
    assert_eq!((&would["user_id"], &would["assigned_seats"]), (&json!(stage.member.user), &json!([1, 2])));
    assert!(would["id"].is_null());
    let request = raw.request(Method::POST, "/bookings?dry_run=true").bearer_auth(&stage.member.token);
    let body = json!({ "event_id": stage.event, "user_id": stage.admin.user, "seats": 2 });
    Answer::to(request.json(&body)).await.problem("another's id", 403, "forbidden");
    assert!(whole.dump().await == before, "something was changed");
}

async fn limits_hold_for_everybody(parts: Parts) {
    let stage = set(&parts, 5).await;
    let set = async |update: UpdateEvent| {
        stage.organizer.client.update_event(stage.event, &update).await.expect("updated")
    };
    set(UpdateEvent { max_seats_per_booking: Some(Some(2)), ..UpdateEvent::default() }).await;
    for by in [&stage.organizer, &stage.admin, &stage.operator] {
        let book = async |seats| by.client.create_booking(&wish(&stage.member, stage.event, seats)).await;
        refused(book(3).await, ErrorCode::TooManySeats);
        set(UpdateEvent { sales_paused: Some(true), ..UpdateEvent::default() }).await;
        refused(book(1).await, ErrorCode::SalesPaused);
        set(UpdateEvent { sales_paused: Some(false), ..UpdateEvent::default() }).await;
        book(1).await.expect("booked");
    }
    Books::of(&parts).await.audit();
}
