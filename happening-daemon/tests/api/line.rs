//! Places in line: who is served and who is not, what people are told of it, and what a sale's limits refuse.

use crate::raw::Raw;
use crate::support::books::Books;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, event_of, join, publish, sign_in};
use crate::support::{Daemon, eventually, refused};
use futures::future::join_all;
use happening_core::clock::Clock;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    Booking, BookingStatus, CancelAnswer, CreateBooking, CreateEvent, ErrorCode, EventStatus,
    NotificationType, Promote, Role, Simulate, UpdateEvent, UserStatus, WaitReason, WaitlistPolicy,
    WaitsForLess,
};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

on_both_parts!(
    nobody_is_promoted_once_the_event_has_begun,
    a_party_that_the_event_can_no_longer_hold_is_told_and_passed_over,
    seats_given_back_do_not_come_back,
    who_may_no_longer_see_the_event_leaves_the_line,
    who_loses_a_right_while_booking_is_not_promoted_by_it,
    nobody_stands_in_line_for_what_was_cancelled_or_deleted,
    one_booking_has_so_many_seats_at_most,
    those_who_govern_publish_for_other_organizers,
    why_somebody_waits_is_answered_from_memory,
);

pub async fn update(person: &Signed, event: EventId, update: UpdateEvent) {
    person.client.update_event(event, &update).await.expect("updated");
}

async fn status_of(person: &Signed, booking: &Booking) -> BookingStatus {
    person.client.booking(booking.id).await.expect("a booking").status
}

/// Bookings that are decided while the membership ends may be committed after it. The housekeeping finds them.
async fn who_loses_a_right_while_booking_is_not_promoted_by_it(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let (mia, guest) = (sign_in(&daemon, "member").await, sign_in(&daemon, "guest").await);
    let organization = demo_organization(&admin).await;
    let guest_id = guest.user.expect("a user");
    for _ in 0..3 {
        join(&admin, &guest, organization, Role::User).await;
        let event = publish(&organizer, 1).await.id;
        let seated = book(&mia, event, 1).await;
        let create = CreateBooking { user_id: Some(guest_id), ..CreateBooking::any(event, 1) };
        let asking = join_all((0..16).map(|_| guest.client.create_booking(&create)));
        let (asked, removed) = tokio::join!(asking, admin.client.remove_member(organization, guest_id));
        removed.expect("removed");
        for refusal in asked.into_iter().filter_map(Result::err) {
            assert_eq!(refusal.code(), Some(ErrorCode::NotFound), "{refusal}");
        }
        let is_empty = || async { admin.client.waitlist(event).await.expect("the waitlist").is_empty() };
        eventually("nobody waits", Duration::from_secs(45), is_empty).await;
        mia.client.cancel_booking(seated.id).await.expect("cancelled");
        assert!(admin.client.seats(event).await.expect("the seats").taken.is_empty());
    }
    Books::of(&parts).await.audit();
}

/// What somebody was told of a booking.
async fn told(person: &Signed, booking: BookingId) -> Vec<(NotificationType, String)> {
    let told = person.client.notifications_of(person.user.expect("a user")).await.expect("notifications");
    let of = told.into_iter().filter(|told| told.booking_id == Some(booking));
    of.map(|told| (told.kind, told.message)).collect()
}

async fn nobody_is_promoted_once_the_event_has_begun(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 1).await.id;
    let seated = book(&organizer, event, 1).await;
    let waits = book(&mia, event, 1).await;
    let an_hour_ago = (Clock::system().now() - chrono::TimeDelta::hours(1)).to_rfc3339();
    update(&organizer, event, UpdateEvent { event_date: Some(an_hour_ago), ..UpdateEvent::default() }).await;
    organizer.client.cancel_booking(seated.id).await.expect("cancelled");
    assert_eq!(status_of(&mia, &waits).await, BookingStatus::Waiting);
    update(&organizer, event, UpdateEvent { total_slots: Some(5), ..UpdateEvent::default() }).await;
    assert_eq!(status_of(&mia, &waits).await, BookingStatus::Waiting);

    let why = mia.client.why(waits.id).await.expect("an answer");
    assert_eq!((why.reason, why.must_come_free), (WaitReason::Closed, None));
    assert!(why.explanation.contains("has begun"), "{}", why.explanation);
    let free = Simulate::free(1);
    assert_eq!(organizer.client.simulate(event, &free).await.expect("an answer").promoted, []);
    assert_eq!(organizer.client.plan_resize(event, 9).await.expect("a plan").promoted, []);

    let served = organizer.client.promote(event, &Promote::default()).await.expect("people may decide it");
    assert_eq!(served.promoted.iter().map(|one| one.booking_id).collect::<Vec<_>>(), [waits.id]);
    Books::of(&parts).await.audit_rows();
}

async fn a_party_that_the_event_can_no_longer_hold_is_told_and_passed_over(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 6).await.id;
    let strict = UpdateEvent {
        waitlist_policy: Some(WaitlistPolicy::Whole),
        bypass_limit: Some(0),
        ..UpdateEvent::default()
    };
    update(&organizer, event, strict).await;
    let seated = book(&organizer, event, 3).await;
    let waits = book(&mia, event, 5).await;
    let plan = organizer.client.plan_resize(event, 4).await.expect("a plan");
    let planned: Vec<_> = plan.too_large.iter().map(|one| (one.booking_id, one.seats)).collect();
    assert_eq!(planned, [(waits.id, 5)]);
    update(&organizer, event, UpdateEvent { total_slots: Some(4), ..UpdateEvent::default() }).await;
    let told = told(&mia, waits.id).await;
    assert_eq!(told[0].0, NotificationType::EventUpdated);
    assert!(told[0].1.contains("4 seats") && told[0].1.contains("5 seats"), "{}", told[0].1);

    organizer.client.cancel_booking(seated.id).await.expect("cancelled");
    assert_eq!(book(&organizer, event, 1).await.status, BookingStatus::Confirmed, "no seats gather for it");
    let why = mia.client.why(waits.id).await.expect("an answer");
    assert_eq!((why.reason, why.position, why.must_come_free), (WaitReason::TooLarge, Some(1), None));
    let next = book(&organizer, event, 4).await;
    let why = organizer.client.why(next.id).await.expect("an answer");
    assert_eq!((why.reason, why.ahead[0].too_large), (WaitReason::SeatsNeeded, true));
    update(&organizer, event, UpdateEvent { total_slots: Some(6), ..UpdateEvent::default() }).await;
    assert_eq!(status_of(&mia, &waits).await, BookingStatus::Confirmed, "it had kept its place");
    Books::of(&parts).await.audit();
}

async fn seats_given_back_do_not_come_back(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 3).await.id;
    let seated = book(&organizer, event, 3).await;
    let waits = book(&mia, event, 3).await;
    organizer.client.cancel_seats(seated.id, vec![1, 2]).await.expect("given back");
    let mine = mia.client.bookings_of(mia.user.expect("a user")).await.expect("bookings");
    let part = mine.iter().find(|one| one.event_id == event && one.booking_id != waits.id).expect("a part");
    let answer = mia.client.cancel_booking(part.booking_id).await.expect("cancelled");
    let CancelAnswer::Done(cancelled) = answer else { panic!("{answer:?}") };
    assert_eq!(cancelled.lessened, [WaitsForLess { booking_id: waits.id, by: 1, rest: 0 }]);
    assert_eq!(status_of(&mia, &waits).await, BookingStatus::Cancelled);
    assert_eq!(organizer.client.event(event).await.expect("an event").available_slots, 2);

    // A rest that is larger than what is given back leaves the line too, and who is behind it gets the seat.
    let event = publish(&organizer, 4).await.id;
    let seated = book(&organizer, event, 4).await;
    let waits = book(&mia, event, 4).await;
    let behind = book(&organizer, event, 1).await;
    organizer.client.cancel_seats(seated.id, vec![1]).await.expect("given back");
    let mine = mia.client.bookings_of(mia.user.expect("a user")).await.expect("bookings");
    let part = mine.iter().find(|one| one.event_id == event && one.booking_id != waits.id).expect("a part");
    let foreseen =
        organizer.client.simulate(event, &Simulate::cancel([part.booking_id])).await.expect("an answer");
    assert_eq!(foreseen.promoted.iter().map(|one| one.booking_id).collect::<Vec<_>>(), [behind.id]);
    let answer = mia.client.cancel_booking(part.booking_id).await.expect("cancelled");
    let CancelAnswer::Done(cancelled) = answer else { panic!("{answer:?}") };
    assert_eq!(cancelled.lessened, [WaitsForLess { booking_id: waits.id, by: 3, rest: 0 }]);
    assert_eq!(status_of(&mia, &waits).await, BookingStatus::Cancelled);
    assert_eq!(status_of(&organizer, &behind).await, BookingStatus::Confirmed);
    Books::of(&parts).await.audit();
}

async fn who_may_no_longer_see_the_event_leaves_the_line(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let (operator, mia) = (sign_in(&daemon, "operator").await, sign_in(&daemon, "member").await);
    let organization = demo_organization(&admin).await;
    let event = publish(&organizer, 4).await.id;
    let strict = UpdateEvent {
        waitlist_policy: Some(WaitlistPolicy::Whole),
        bypass_limit: Some(0),
        ..UpdateEvent::default()
    };
    update(&organizer, event, strict).await;
    let kept = book(&mia, event, 1).await;
    book(&organizer, event, 1).await;
    let head = book(&mia, event, 3).await;
    let behind = book(&admin, event, 2).await;
    assert_eq!(behind.status, BookingStatus::Waiting);
    admin.client.remove_member(organization, mia.user.expect("a user")).await.expect("removed");
    assert_eq!(status_of(&mia, &head).await, BookingStatus::Cancelled);
    assert_eq!(status_of(&mia, &kept).await, BookingStatus::Confirmed, "what has seats stays");
    assert_eq!(status_of(&admin, &behind).await, BookingStatus::Confirmed, "whom it kept waiting is served");
    assert_eq!(told(&mia, head.id).await[0].0, NotificationType::BookingCancelled);
    let described =
        UpdateEvent { description: Some(Some("moved to hall 2".into())), ..UpdateEvent::default() };
    update(&organizer, event, described).await;
    let mia_id = mia.user.expect("a user");
    for (by, knows) in [(&mia, false), (&operator, true)] {
        let listed = by.client.bookings_of(mia_id).await.expect("bookings");
        let ticket = listed.iter().find(|one| one.booking_id == kept.id).expect("listed");
        assert_eq!((ticket.event_description.is_some(), ticket.total_slots), (knows, 4), "{ticket:?}");
        let exported = by.client.export_user(mia_id).await.expect("an export").bookings;
        let exported = exported.iter().find(|one| one.booking.booking_id == kept.id).expect("exported");
        assert_eq!(exported.booking.event_description.is_some(), knows, "{exported:?}");
    }
    let now = organizer.client.event(event).await.expect("an event");
    assert_eq!((now.waiting, now.available_slots), (0, 0));

    let waits = book(&admin, event, 2).await;
    operator
        .client
        .set_user_status(admin.user.expect("a user"), UserStatus::Suspended)
        .await
        .expect("suspended");
    assert_eq!(status_of(&operator, &waits).await, BookingStatus::Cancelled);
    operator.client.set_user_status(admin.user.expect("a user"), UserStatus::Active).await.expect("active");
    let history = operator.client.booking_history(waits.id).await.expect("a history");
    let last = history.last().expect("an entry");
    assert_eq!((last.action.as_str(), last.actor_id), ("left_waitlist", operator.user));
    assert_eq!(last.reason.as_deref(), Some("the account is suspended"));
    Books::of(&parts).await.audit();
}

async fn nobody_stands_in_line_for_what_was_cancelled_or_deleted(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let (cancelled, deleted) = (publish(&organizer, 1).await.id, publish(&organizer, 1).await.id);
    let mut waiting = Vec::new();
    for event in [cancelled, deleted] {
        book(&organizer, event, 1).await;
        waiting.push(book(&mia, event, 1).await);
    }
    let off = UpdateEvent { status: Some(EventStatus::Cancelled), ..UpdateEvent::default() };
    update(&organizer, cancelled, off).await;
    organizer.client.delete_event(deleted).await.expect("deleted");
    for (booking, is_deleted) in waiting.iter().zip([false, true]) {
        let position = mia.client.waiting_position(booking.id).await.expect("an answer all the same");
        assert_eq!((position.position, position.event_status), (None, Some(EventStatus::Cancelled)));
        assert_eq!(position.event_deleted, is_deleted);
        assert_eq!(mia.client.booking(booking.id).await.expect("a booking").waiting_number, None);
        let mine = mia.client.bookings_of(mia.user.expect("a user")).await.expect("bookings");
        let mine = mine.iter().find(|mine| mine.booking_id == booking.id).expect("listed");
        assert_eq!((mine.waiting_number, mine.event_deleted), (None, is_deleted));
        mia.client.cancel_booking(booking.id).await.expect("it may still be given up");
    }
}

async fn one_booking_has_so_many_seats_at_most(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 5_000).await.id;
    let raw = Raw::new(&daemon);
    let create = json!({ "event_id": event, "seats": 1_001 });
    for path in ["/bookings", "/bookings?dry_run=true"] {
        let answer = raw.send(Method::POST, path, &mia.token, create.to_string()).await;
        let problem = answer.problem(path, 400, "too_many_seats");
        assert_eq!(problem["limit"], json!(1_000));
        assert!(problem["error"].as_str().is_some_and(|error| error.contains("1000")), "{problem}");
    }
    let limit = |limit| UpdateEvent { max_seats_per_booking: Some(limit), ..UpdateEvent::default() };
    update(&organizer, event, limit(Some(2))).await;
    assert_eq!(organizer.client.event(event).await.expect("an event").max_seats_per_booking, Some(2));
    let three = CreateBooking::any(event, 3);
    refused(mia.client.create_booking(&three).await, ErrorCode::TooManySeats);
    let too_high = organizer.client.update_event(event, &limit(Some(1_001))).await;
    refused(too_high, ErrorCode::ValidationFailed);
    update(&organizer, event, limit(None)).await;
    assert_eq!(book(&mia, event, 3).await.status, BookingStatus::Confirmed);
}

async fn those_who_govern_publish_for_other_organizers(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, admin) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "admin").await);
    let (operator, mia) = (sign_in(&daemon, "operator").await, sign_in(&daemon, "member").await);
    let org_id = demo_organization(&admin).await;
    let create =
        |created_by| CreateEvent { created_by, ..event_of(org_id, "For somebody else".to_owned(), 3) };
    for governs in [&operator, &admin] {
        let event = governs.client.create_event(&create(organizer.user)).await.expect("an event");
        assert_eq!(Some(event.created_by), organizer.user);
        refused(governs.client.create_event(&create(mia.user)).await, ErrorCode::ValidationFailed);
    }
    refused(organizer.client.create_event(&create(admin.user)).await, ErrorCode::Forbidden);
    refused(mia.client.create_event(&create(organizer.user)).await, ErrorCode::Forbidden);
}

/// Who asks often costs the database nothing: the rows are changed past the daemon, and it answers as before.
async fn why_somebody_waits_is_answered_from_memory(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, mia) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 1).await.id;
    book(&organizer, event, 1).await;
    let ahead = book(&organizer, event, 1).await;
    let waits = book(&mia, event, 1).await;
    let id = ahead.id.0;
    let id = if parts.stack().is_some() { format!("'{id}'") } else { format!("x'{}'", id.simple()) };
    parts
        .execute(format!("UPDATE bookings SET status = 'cancelled', waiting_number = NULL WHERE id = {id}"))
        .await;
    let why = mia.client.why(waits.id).await.expect("an answer");
    assert_eq!((why.position, why.parties_ahead), (Some(2), 1));
    let position = mia.client.waiting_position(waits.id).await.expect("a position");
    assert_eq!(position.position, Some(1), "which reads the rows");
}
