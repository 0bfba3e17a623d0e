//! `GET /admin/reconcile?event_id=&limit=&cursor=` and `POST /admin/reconcile?event_id=`

use crate::http::admin::jobs::Accepted;
use crate::http::body_error;
use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::{self, Json};
use crate::http::params::Query;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use happening_core::wire::{ReconcileQuery, Reconciled, StartReconcile};

/// What does not agree with what: of one event, or of some of all.
pub async fn get(session: Session, Query(query): Query<ReconcileQuery>) -> Result<Json<Reconciled>, Error> {
    Ok(Json(session.services.examine(&session.caller, query).await?))
}

/// The same, and makes right what can be made right from the bookings, unless the body says `"fix": false`: of one event at
/// once, of all as a job.
pub async fn post(
    session: Session,
    Query(query): Query<ReconcileQuery>,
    request: Request,
) -> Result<Response, Error> {
    let body = json::read(request, &()).await?;
    let start: StartReconcile =
        if body.is_empty() { StartReconcile::default() } else { body_error::read(&body)? };
    let fix = start.fix != Some(false);
    let Some(event) = start.event_id.or(query.event_id) else {
        return Ok(Accepted(session.services.start_reconcile(&session.caller, fix).await?).into_response());
    };
    let report = if fix {
        session.services.reconcile(&session.caller, event).await?
    } else {
        let query = ReconcileQuery { event_id: Some(event), ..ReconcileQuery::default() };
        session.services.examine(&session.caller, query).await?
    };
    Ok(Json(report).into_response())
}
