//! Rows of what is parked.

use super::super::{Progress, StoreError};
use super::{count, counter, json, word};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, NotificationId, ParkedId, UserId};
use happening_core::wire::{NotificationStatus, ParkedKind, ParkedMessage, UndeliveredNotification};
use sqlx::FromRow;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct ParkedRow {
    id: Uuid,
    notification_id: Option<Uuid>,
    payload: Option<Vec<u8>>,
    payload_bytes: i64,
    reason: String,
    times: i32,
    parked_at: DateTime<Utc>,
    user_id: Option<Uuid>,
    event_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    type_: Option<String>,
    message: Option<String>,
}

impl TryFrom<ParkedRow> for ParkedMessage {
    type Error = StoreError;

    fn try_from(row: ParkedRow) -> Result<Self, StoreError> {
        let text = row.payload.as_deref().and_then(text_of);
        Ok(Self {
            id: ParkedId(row.id),
            kind: if row.notification_id.is_some() { ParkedKind::Notification } else { ParkedKind::Message },
            reason: row.reason,
            times: count(row.times),
            parked_at: row.parked_at,
            notification_id: row.notification_id.map(NotificationId),
            user_id: row.user_id.map(UserId),
            event_id: row.event_id.map(EventId),
            notification_type: row.type_.as_deref().map(word).transpose()?,
            message: row.message,
            payload: text.map(ToOwned::to_owned),
            payload_base64: row.payload.as_ref().map(|payload| STANDARD.encode(payload)),
            payload_bytes: row.payload.as_ref().map(|_| counter(row.payload_bytes)),
        })
    }
}

/// The bytes as text, if they are. What was cut in the middle of a character is text before it.
fn text_of(payload: &[u8]) -> Option<&str> {
    match std::str::from_utf8(payload) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            std::str::from_utf8(&payload[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

/// How notifications stand, by id.
pub(in crate::store) fn states(
    rows: Vec<(Uuid, String)>,
) -> Result<HashMap<NotificationId, NotificationStatus>, StoreError> {
    rows.into_iter().map(|(id, status)| Ok((NotificationId(id), word(&status)?))).collect()
}

/// Which channels are through, by notification.
pub(in crate::store) fn progress(
    rows: Vec<(Uuid, String)>,
) -> Result<HashMap<NotificationId, Progress>, StoreError> {
    rows.into_iter().map(|(id, progress)| Ok((NotificationId(id), json(&progress)?))).collect()
}

/// An announcement whose holders are not all notified. Its time is the event's: no commit before it was later, whichever
/// daemon's clock it was made by, so what was booked or cancelled since is told from what was before.
#[derive(FromRow)]
pub(in crate::store) struct AnnouncementRow {
    pub event_id: Uuid,
    pub version: i64,
    pub message: String,
    pub created_at: DateTime<Utc>,
    pub after_user: Uuid,
}

/// The announcement is through up to this holder.
pub(in crate::store) const ADVANCE: &str = "UPDATE announcements SET after_user = $3, notified = notified + $4 \
     WHERE event_id = $1 AND version = $2";

/// All holders have their notification.
pub(in crate::store) const FINISH: &str = "DELETE FROM announcements WHERE event_id = $1 AND version = $2";

#[derive(FromRow)]
pub(in crate::store) struct OutboxRow {
    pub pending: i64,
    pub retrying: i64,
    pub overdue: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub next_due: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
pub(in crate::store) struct UndeliveredRow {
    id: Uuid,
    user_id: Uuid,
    username: Option<String>,
    event_id: Option<Uuid>,
    #[sqlx(rename = "type")]
    type_: String,
    message: String,
    status: String,
    created_at: DateTime<Utc>,
    tries: i32,
    reason: Option<String>,
    due_at: Option<DateTime<Utc>>,
    parked_id: Option<Uuid>,
}

impl TryFrom<UndeliveredRow> for UndeliveredNotification {
    type Error = StoreError;

    fn try_from(row: UndeliveredRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: NotificationId(row.id),
            user_id: UserId(row.user_id),
            username: row.username,
            event_id: row.event_id.map(EventId),
            kind: word(&row.type_)?,
            message: row.message,
            status: word(&row.status)?,
            created_at: row.created_at,
            tries: count(row.tries),
            reason: row.reason,
            next_try: row.due_at,
            parked_id: row.parked_id.map(ParkedId),
        })
    }
}
