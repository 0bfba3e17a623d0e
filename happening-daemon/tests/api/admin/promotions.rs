//! Promotions that people ask for, leaving the line without giving up seats, and what is offered once drift was healed.

use crate::support::books::Books;
use crate::support::parts::Parts;
use crate::support::people::{Signed, book, publish, sign_in};
use crate::support::{Daemon, refused};
use happening_core::client::ClientError;
use happening_core::id::{BookingId, EventId};
use happening_core::wire::{
    AuditQuery, Booking, BookingStatus, ErrorCode, NotificationType, Promote, Promoted, UpdateEvent,
};

on_both_parts!(
    the_line_is_served_by_hand_with_what_is_free,
    a_party_is_promoted_out_of_turn_and_who_did_it_is_recorded,
    whoever_leaves_the_line_keeps_seats_that_they_did_not_know_of,
    seats_that_were_found_free_are_offered_by_themselves,
);

async fn promote(
    person: &Signed,
    event: EventId,
    booking: Option<BookingId>,
) -> Result<Vec<Promoted>, ClientError> {
    let promotions = person.client.promote(event, &Promote { booking_id: booking }).await?;
    assert_eq!(promotions.event_id, event);
    Ok(promotions.promoted)
}

async fn found(person: &Signed, booking: BookingId) -> Booking {
    person.client.booking(booking).await.expect("a booking")
}

struct Stage {
    daemon: Daemon,
    organizer: Signed,
    member: Signed,
    operator: Signed,
}

async fn set(parts: &Parts) -> Stage {
    let daemon = Daemon::start(parts).await;
    let organizer = sign_in(&daemon, "organizer").await;
    let (member, operator) = (sign_in(&daemon, "member").await, sign_in(&daemon, "operator").await);
    Stage { daemon, organizer, member, operator }
}

async fn the_line_is_served_by_hand_with_what_is_free(parts: Parts) {
    let Stage { daemon, organizer, member, .. } = set(&parts).await;
    let event = publish(&organizer, 5).await.id;
    book(&organizer, event, 3).await;
    let head = book(&member, event, 4).await;
    assert_eq!(head.status, BookingStatus::Waiting, "two are free, and stay open to smaller ones");
    refused(promote(&member, event, None).await, ErrorCode::Forbidden);
    let support = sign_in(&daemon, "support").await;
    refused(promote(&support, event, None).await, ErrorCode::Forbidden);
    let served = promote(&organizer, event, None).await.expect("served");
    assert_eq!((served.len(), served[0].booking_id, served[0].rest), (1, head.id, 2));
    assert_eq!(served[0].seats, [4, 5]);
    let part = found(&member, served[0].confirmed_booking_id).await;
    assert_eq!((part.status, part.assigned_seats), (BookingStatus::Confirmed, Some(vec![4, 5])));
    assert_eq!(promote(&organizer, event, None).await.expect("nothing is free"), []);
    let close =
        UpdateEvent { status: Some(happening_core::wire::EventStatus::Cancelled), ..UpdateEvent::default() };
    organizer.client.update_event(event, &close).await.expect("closed");
    refused(promote(&organizer, event, None).await, ErrorCode::EventClosed);
    Books::of(&parts).await.audit();
}

async fn a_party_is_promoted_out_of_turn_and_who_did_it_is_recorded(parts: Parts) {
    let Stage { organizer, member, operator, daemon } = set(&parts).await;
    let admin = sign_in(&daemon, "admin").await;
    let event = publish(&organizer, 4).await.id;
    book(&admin, event, 2).await;
    let head = book(&organizer, event, 4).await;
    let behind = book(&member, event, 2).await;
    // Two seats are free, and stay so while the head wants four under `whole`.
    let other = publish(&organizer, 1).await.id;
    assert_eq!(behind.status, BookingStatus::Confirmed, "small ones still fit");
    let late = book(&member, event, 1).await;
    assert_eq!(late.status, BookingStatus::Waiting);
    refused(promote(&organizer, event, Some(late.id)).await, ErrorCode::NotEnoughSeats);
    refused(promote(&organizer, event, Some(behind.id)).await, ErrorCode::NotWaiting);
    refused(promote(&organizer, other, Some(late.id)).await, ErrorCode::NotFound);

    let whole = UpdateEvent {
        waitlist_policy: Some(happening_core::wire::WaitlistPolicy::Whole),
        bypass_limit: Some(0),
        ..UpdateEvent::default()
    };
    organizer.client.update_event(event, &whole).await.expect("strict from now on");
    member.client.cancel_booking(behind.id).await.expect("cancelled");
    assert_eq!(
        found(&member, late.id).await.status,
        BookingStatus::Waiting,
        "freed seats gather for the head"
    );
    let served = promote(&operator, event, Some(late.id)).await.expect("promoted");
    assert_eq!((served[0].booking_id, served[0].confirmed_booking_id), (late.id, late.id));
    assert_eq!(found(&member, late.id).await.status, BookingStatus::Confirmed);
    assert_eq!(found(&organizer, head.id).await.status, BookingStatus::Waiting);
    refused(promote(&operator, event, Some(late.id)).await, ErrorCode::NotWaiting);

    let history = member.client.booking_history(late.id).await.expect("a history");
    let promotion = history.last().expect("a line");
    assert_eq!((promotion.action.as_str(), promotion.actor_id), ("promoted", operator.user));
    let reason = promotion.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("place 2 in line") && reason.contains("by hand"), "{reason}");
    let told = member.client.notifications_of(member.user.expect("a user")).await.expect("notifications");
    let promoted = told.iter().find(|told| told.kind == NotificationType::WaitlistPromoted).expect("told");
    assert_eq!(promoted.booking_id, Some(late.id));
    let audit = operator.client.audit(&AuditQuery::default()).await.expect("a log").items;
    let line = audit.iter().find(|line| line.action == "booking.promoted").expect("a line");
    assert_eq!((line.actor_id, line.target.id.as_str()), (operator.user, late.id.to_string().as_str()));
    Books::of(&parts).await.audit();
}

async fn whoever_leaves_the_line_keeps_seats_that_they_did_not_know_of(parts: Parts) {
    let Stage { daemon: _daemon, organizer, member, .. } = set(&parts).await;
    let event = publish(&organizer, 2).await.id;
    let first = book(&organizer, event, 2).await;
    let (one, two) = (book(&member, event, 1).await, book(&member, event, 1).await);
    member.client.leave_waitlist(two.id).await.expect("left");
    assert_eq!(found(&member, two.id).await.status, BookingStatus::Cancelled);
    member.client.leave_waitlist(two.id).await.expect("harmless the second time");
    organizer.client.cancel_booking(first.id).await.expect("cancelled");
    refused(member.client.leave_waitlist(one.id).await, ErrorCode::NotWaiting);
    let kept = found(&member, one.id).await;
    assert_eq!((kept.status, kept.assigned_seats), (BookingStatus::Confirmed, Some(vec![1])));
    member.client.cancel_booking(one.id).await.expect("who means it gives the seats back");
    Books::of(&parts).await.audit();
}

async fn seats_that_were_found_free_are_offered_by_themselves(parts: Parts) {
    let Stage { daemon: _daemon, organizer, member, operator } = set(&parts).await;
    let event = publish(&organizer, 4).await.id;
    let holder = book(&member, event, 4).await;
    let waiting = book(&organizer, event, 2).await;
    // Somebody takes two of its seats away past the daemon, and forgets the figures.
    let seats = "UPDATE booking_seats SET status = 'cancelled' WHERE booking_id = {id} AND seat_no > 2";
    parts.by_hand(seats, holder.id.0).await;
    parts.by_hand("UPDATE bookings SET seats = 2 WHERE id = {id}", holder.id.0).await;
    let report = operator.client.reconcile(event).await.expect("made right");
    assert!(!report.drifts.is_empty() && report.drifts.iter().all(|drift| drift.fixed), "{report:?}");
    let served = found(&organizer, waiting.id).await;
    assert_eq!((served.status, served.assigned_seats), (BookingStatus::Confirmed, Some(vec![3, 4])));
    let history = organizer.client.booking_history(waiting.id).await.expect("a history");
    assert_eq!(history.last().map(|line| (line.action.as_str(), line.actor_id)), Some(("promoted", None)));
    let told = organizer.client.notifications_of(organizer.user.expect("a user")).await.expect("told");
    assert!(told.iter().any(|told| told.kind == NotificationType::WaitlistPromoted));
    assert_eq!(operator.client.examine(Some(event)).await.expect("a report").drifts, []);
    Books::of(&parts).await.audit_rows();
}
