//! `GET /admin/reconcile?event_id=` and `POST /admin/reconcile?event_id=`

use crate::http::caller::Session;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::params::Query;
use happening_core::wire::{ReconcileQuery, Reconciled};

/// What does not agree with what.
pub async fn get(session: Session, Query(query): Query<ReconcileQuery>) -> Result<Json<Reconciled>, Error> {
    Ok(Json(session.services.examine(&session.caller, query).await?))
}

/// The same, and makes right what can be made right from the bookings.
pub async fn post(session: Session, Query(query): Query<ReconcileQuery>) -> Result<Json<Reconciled>, Error> {
    Ok(Json(session.services.reconcile(&session.caller, query).await?))
}
