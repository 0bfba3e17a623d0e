//! The rules of what could not be delivered, each a function in a unit of work: it is delivered once more, or discarded.
//!
//! Who may call them is checked before, in `service/admin/queue.rs` and `service/admin/notifications.rs`.

use crate::service::Error;
use crate::service::unit_of_work::UnitOfWork;
use crate::store::AuditEntry;
use happening_core::id::{NotificationId, ParkedId};

/// Has a parked notification delivered once more, with all its tries. 404 if none is parked under this id.
pub(crate) async fn requeue(unit: &mut UnitOfWork, id: ParkedId) -> Result<(), Error> {
    let gone = || Error::not_found("parked message");
    let notification = unit.take_parked_notification(id).await?.ok_or_else(gone)?;
    let is_known = deliver_again(unit, notification, "notification.requeued").await?;
    if is_known { Ok(()) } else { Err(gone()) }
}

/// Has a notification delivered once more, with all its tries and through every channel, whether it was delivered before or
/// not. 404 if there is none.
pub(crate) async fn resend(unit: &mut UnitOfWork, notification: NotificationId) -> Result<(), Error> {
    let is_known = deliver_again(unit, notification, "notification.resent").await?;
    if is_known { Ok(()) } else { Err(Error::not_found("notification")) }
}

/// Deletes a parked one that was seen `times` times; `action` is for the audit log. False if it is not there, or was parked
/// again meanwhile.
pub(crate) async fn unpark(
    unit: &mut UnitOfWork,
    id: ParkedId,
    times: u32,
    action: &'static str,
) -> Result<bool, Error> {
    let is_deleted = unit.delete_parked(id, times).await?;
    if is_deleted {
        record(unit, action, ("parked_message", id.to_string())).await?;
    }
    Ok(is_deleted)
}

/// False if there is no such notification.
async fn deliver_again(
    unit: &mut UnitOfWork,
    notification: NotificationId,
    action: &'static str,
) -> Result<bool, Error> {
    if !unit.set_pending(notification).await? {
        return Ok(false);
    }
    unit.delete_parked_of(notification).await?;
    unit.put_in_outbox(notification).await?;
    record(unit, action, ("notification", notification.to_string())).await?;
    Ok(true)
}

async fn record(
    unit: &mut UnitOfWork,
    action: &'static str,
    target: (&'static str, String),
) -> Result<(), Error> {
    let entry = AuditEntry { action, organization: None, target, old: None, new: None };
    Ok(unit.record(&entry).await?)
}
