//! `GET /admin/reconcile?event_id=` and `POST /admin/reconcile?event_id=`

use crate::http::body_error;
use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{self, Json};
use crate::http::params::Query;
use axum::extract::Request;
use happening_core::id::EventId;
use happening_core::wire::{ReconcileQuery, Reconciled};
use serde::Deserialize;

/// What does not agree with what.
pub async fn get(session: Session, Query(query): Query<ReconcileQuery>) -> Result<Json<Reconciled>, Error> {
    Ok(Json(session.services.examine(&session.caller, query).await?))
}

/// What may be said in the body as well.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    event_id: Option<EventId>,
    /// By default it is made right.
    fix: Option<bool>,
}

/// The same, and makes right what can be made right from the bookings, unless the body says `"fix": false`.
pub async fn post(
    session: Session,
    Query(query): Query<ReconcileQuery>,
    request: Request,
) -> Result<Json<Reconciled>, Error> {
    let body = json::read(request, &()).await?;
    let which: Which = if body.is_empty() { Which::default() } else { body_error::read(&body)? };
    let query = ReconcileQuery { event_id: which.event_id.or(query.event_id) };
    if which.fix == Some(false) {
        return Ok(Json(session.services.examine(&session.caller, query).await?));
    }
    Ok(Json(session.services.reconcile(&session.caller, query).await?))
}
