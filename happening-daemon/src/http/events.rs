//! `/events`

use super::caller::Session;
use super::csv::{self, WantsCsv};
use super::edit::Edit;
use super::error::Error;
use super::etag::{self, IfMatch, IfNoneMatch};
use super::json::{Created, Json};
use super::page::Paged;
use super::params::{Path, Query};
use super::shared_reads::{self, Scope};
use super::stream::{LastEventId, Stream};
use crate::service::{SeatsMark, Watched};
use axum::extract::OriginalUri;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use happening_core::id::{EventId, UserId};
use happening_core::wire::{
    BookingsQuery, CreateEvent, Done, Event, EventsQuery, PlanResize, Promote, Promotions, ReassignEvent,
    ResizePlan, Simulate, Simulation, UpdateEvent, WaitlistQuery, WhyQuery, WhyWaiting,
};
use serde::Deserialize;
use std::sync::Arc;

/// `GET /events?org_id=&created_by=&status=&q=&limit=&cursor=`
///
/// Events that the caller may see, newest `event_date` first.
pub async fn list(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<EventsQuery>,
    WantsCsv(wants_csv): WantsCsv,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    if !wants_csv {
        let read = || services.list_events(caller, query);
        return shared_reads::page(&session.api, Scope::Events(caller.organizations()), &uri, &known, read)
            .await;
    }
    let page = {
        let _place = session.api.readers.place().await.ok_or_else(shared_reads::busy)?;
        services.list_events(caller, query.clone()).await?
    };
    let session = Arc::new(session);
    let is_one_page = query.limit.is_some();
    Ok(csv::list(&uri, page, is_one_page, move |cursor| {
        let (session, query) = (session.clone(), EventsQuery { cursor: Some(cursor), ..query.clone() });
        async move { session.services.list_events(&session.caller, query).await }
    }))
}

/// `POST /events`
///
/// Publishes an event.
pub async fn create(session: Session, Json(create): Json<CreateEvent>) -> Result<Created<Event>, Error> {
    Ok(Created(session.services.create_event(&session.caller, create).await?))
}

/// `GET /events/:id`
///
/// One event.
pub async fn get(
    session: Session,
    Path(event): Path<EventId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    Ok(etag::edited(&known, &session.services.event(&session.caller, event).await?))
}

/// `PUT /events/:id`
///
/// Changes an event; more seats serve the waitlist.
pub async fn update(
    session: Session,
    Path(event): Path<EventId>,
    IfMatch(precondition): IfMatch,
    Edit(update, fixed): Edit<UpdateEvent>,
) -> Result<Response, Error> {
    let updated =
        session.services.update_event(&session.caller, event, update, &precondition.and(fixed)).await?;
    Ok(etag::edited(&IfNoneMatch::default(), &updated))
}

/// Who asks, as the web client sends it.
#[derive(Deserialize)]
pub struct Asker {
    user_id: Option<UserId>,
}

/// `DELETE /events/:id?user_id=`
///
/// Takes an event out of every list and notifies those who booked.
pub async fn delete(
    session: Session,
    Path(event): Path<EventId>,
    Query(asker): Query<Asker>,
    IfMatch(precondition): IfMatch,
) -> Result<Json<Done>, Error> {
    session.services.delete_event(&session.caller, event, asker.user_id, &precondition).await?;
    Ok(Json(Done { ok: true }))
}

/// `GET /events/:id/calendar.ics`
///
/// An event as a file for calendars.
pub async fn calendar(session: Session, Path(event): Path<EventId>) -> Result<Response, Error> {
    let calendar = session.services.event_calendar(&session.caller, event).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"event.ics\""),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((headers, calendar).into_response())
}

/// `GET /events/:id/seats`
///
/// Which seats are taken and held. If nothing changed it is 304, or the answer that somebody else got, without a look into
/// the store.
pub async fn seats(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(event): Path<EventId>,
    known: IfNoneMatch,
) -> Result<Response, Error> {
    let (services, caller) = (&session.services, &session.caller);
    let current = services.seats_mark(caller, event).await?;
    if let Some(tag) = current.as_ref().map(SeatsMark::tag)
        && known.has(&tag)
    {
        return Ok(etag::not_modified(&tag));
    }
    let read = || services.marked_seats(caller, event);
    shared_reads::seats(&session.api, current, &uri, &known, read).await
}

/// `GET /events/:id/stream`
///
/// What happens to an event, as it happens.
pub async fn stream(
    session: Session,
    Path(event): Path<EventId>,
    LastEventId(after): LastEventId,
) -> Result<Stream, Error> {
    let (services, caller) = (session.services.clone(), session.caller.clone());
    Stream::open(session, Watched::Event(event), services.watch_event(&caller, event, after)).await
}

/// `GET /events/:id/waitlist?limit=&cursor=`
///
/// Who waits, in line.
pub async fn waitlist(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(event): Path<EventId>,
    Query(query): Query<WaitlistQuery>,
    WantsCsv(wants_csv): WantsCsv,
) -> Result<Response, Error> {
    let page = session.services.waitlist(&session.caller, event, query).await?;
    if !wants_csv {
        return Ok(Paged::new(&uri, page.items, "cursor", page.next).into_response());
    }
    let session = Arc::new(session);
    Ok(csv::list(&uri, page, query.limit.is_some(), move |cursor| {
        let (session, query) = (session.clone(), WaitlistQuery { cursor: cursor.parse().ok(), ..query });
        async move { session.services.waitlist(&session.caller, event, query).await }
    }))
}

/// `GET /events/:id/waitlist/why?booking_id=` or `?user_id=`
///
/// Why it is not somebody's turn.
pub async fn why(
    session: Session,
    Path(event): Path<EventId>,
    Query(query): Query<WhyQuery>,
) -> Result<Json<Vec<WhyWaiting>>, Error> {
    Ok(Json(session.services.why_at(&session.caller, event, query).await?))
}

/// `POST /events/:id/waitlist/promote`
///
/// Serves the line with what is free, or one party out of turn.
pub async fn promote(
    session: Session,
    Path(event): Path<EventId>,
    Json(promote): Json<Promote>,
) -> Result<Json<Promotions>, Error> {
    Ok(Json(session.services.promote(&session.caller, event, promote, session.key_guard).await?))
}

/// `POST /events/:id/waitlist/simulate`
///
/// Who would be served if; changes nothing.
pub async fn simulate(
    session: Session,
    Path(event): Path<EventId>,
    Json(simulate): Json<Simulate>,
) -> Result<Json<Simulation>, Error> {
    Ok(Json(session.services.simulate(&session.caller, event, simulate).await?))
}

/// `POST /events/:id/resize/plan`
///
/// What a resize would do; changes nothing.
pub async fn plan_resize(
    session: Session,
    Path(event): Path<EventId>,
    Json(plan): Json<PlanResize>,
) -> Result<Json<ResizePlan>, Error> {
    Ok(Json(session.services.plan_resize(&session.caller, event, plan).await?))
}

/// `GET /events/:id/bookings?status=&q=&limit=&cursor=`
///
/// Who booked, newest first.
pub async fn bookings(
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(event): Path<EventId>,
    Query(query): Query<BookingsQuery>,
    WantsCsv(wants_csv): WantsCsv,
) -> Result<Response, Error> {
    let page = session.services.bookings_at(&session.caller, event, query.clone()).await?;
    if !wants_csv {
        return Ok(Paged::new(&uri, page.items, "cursor", page.next).into_response());
    }
    let session = Arc::new(session);
    let is_one_page = query.limit.is_some();
    Ok(csv::list(&uri, page, is_one_page, move |cursor| {
        let (session, query) =
            (session.clone(), BookingsQuery { cursor: cursor.parse().ok(), ..query.clone() });
        async move { session.services.bookings_at(&session.caller, event, query).await }
    }))
}

/// `POST /events/:id/reassign`
///
/// Hands an event to another organizer.
pub async fn reassign(
    session: Session,
    Path(event): Path<EventId>,
    Json(reassign): Json<ReassignEvent>,
) -> Result<Json<Event>, Error> {
    Ok(Json(session.services.reassign_event(&session.caller, event, reassign).await?))
}
