//! Who was not told, and telling them once more.

use super::queue::page_size;
use crate::service::{Caller, Error, Services};
use happening_core::id::NotificationId;
use happening_core::wire::{Done, UndeliveredNotification, UndeliveredQuery};

impl Services {
    /// Notifications that did not arrive, newest first, and where the next page begins. A page that is not full is the
    /// last.
    pub async fn undelivered(
        &self,
        caller: &Caller,
        query: UndeliveredQuery,
    ) -> Result<(Vec<UndeliveredNotification>, Option<NotificationId>), Error> {
        caller.must_be_staff()?;
        self.must_be_up()?;
        let size = page_size(query.limit)?;
        let page = self.store.list_undelivered(query.cursor, size).await?;
        let next = page.last().filter(|_| page.len() >= size as usize).map(|last| last.id);
        Ok((page, next))
    }

    /// Has a notification delivered once more, through every channel, whether it arrived before or not.
    pub async fn resend_notification(&self, caller: &Caller, id: NotificationId) -> Result<Done, Error> {
        caller.must_be_operator()?;
        self.must_be_up()?;
        if self.store.resend_notification(id, &self.actor(caller)).await? {
            return Ok(Done { ok: true });
        }
        Err(Error::not_found("notification"))
    }
}
