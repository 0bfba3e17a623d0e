//! The notifications of a person: the list, how many are unread, and what they have read.
//!
//! Only the person marks their notifications as read. It is no matter of the audit log, and of no answer that many share.

use super::unit_of_work::UnitOfWork;
use super::{Caller, Error, Page, Services, pages};
use crate::store::NotificationFilter;
use happening_core::id::{NotificationId, UserId};
use happening_core::wire::{
    Done, Notification, NotificationsQuery, NotificationsRead, PageQuery, ReadNotifications, Unread,
};

/// Of a person's notifications, so many of the newest are looked at for unread ones.
const COUNTED: u32 = 1_000;

/// Notifications that one request marks as read.
const MARKED: u32 = 1_000;

impl Services {
    /// The notifications of a person, newest first.
    pub async fn notifications_of(
        &self,
        caller: &Caller,
        user: UserId,
        query: NotificationsQuery,
    ) -> Result<Page<Notification>, Error> {
        self.must_be_up()?;
        let NotificationsQuery { limit, cursor, unread, kind } = query;
        let (size, part) = pages::part(&PageQuery { limit, cursor })?;
        Self::must_see_user(caller, user)?;
        let found =
            self.store.list_notifications_of(user, &NotificationFilter { part, unread, kind }).await?;
        Ok(Page::of(found, size, |last| pages::write_mark(last.created_at, last.id.0)))
    }

    /// How many notifications of a person are unread, among the newest [`COUNTED`].
    pub async fn unread_of(&self, caller: &Caller, user: UserId) -> Result<Unread, Error> {
        self.must_be_up()?;
        Self::must_see_user(caller, user)?;
        Ok(Unread { unread: self.store.count_unread(user, COUNTED).await? })
    }

    /// Marks a notification of the caller as read; harmless the second time.
    pub async fn read_notification(&self, caller: &Caller, id: NotificationId) -> Result<Done, Error> {
        self.must_be_up()?;
        let user = caller.user()?.id;
        let mut unit = self.begin(caller).await?;
        unit.keep_shared_answers();
        read(&mut unit, user, id).await?;
        unit.commit().await?;
        Ok(Done { ok: true })
    }

    /// Marks notifications of a person, who must be the caller, as read: the newest [`MARKED`] unread ones.
    pub async fn read_notifications(
        &self,
        caller: &Caller,
        user: UserId,
        which: ReadNotifications,
    ) -> Result<NotificationsRead, Error> {
        self.must_be_up()?;
        Self::must_see_user(caller, user)?;
        if !caller.is(user) {
            return Err(Error::forbidden("People mark their notifications as read themselves."));
        }
        let mut unit = self.begin(caller).await?;
        unit.keep_shared_answers();
        let read = read_until(&mut unit, user, which.until).await?;
        unit.commit().await?;
        Ok(read)
    }
}

/// Marks one as read. 404 if the user has none with this id.
async fn read(unit: &mut UnitOfWork, user: UserId, id: NotificationId) -> Result<(), Error> {
    let now = unit.now();
    if unit.mark_read(user, id, now).await? { Ok(()) } else { Err(Error::not_found("notification")) }
}

/// Marks those up to `until` as read, by default all. 404 if the user has none with this id.
async fn read_until(
    unit: &mut UnitOfWork,
    user: UserId,
    until: Option<NotificationId>,
) -> Result<NotificationsRead, Error> {
    let now = unit.now();
    let until = match until {
        Some(id) => {
            let date = unit.notification_date(user, id).await?;
            (date.ok_or_else(|| Error::not_found("notification"))?, id)
        }
        None => (now, NotificationId(uuid::Uuid::max())),
    };
    let read = unit.mark_read_until(user, until, MARKED, now).await?;
    Ok(NotificationsRead { read: u32::try_from(read).unwrap_or(MARKED), more: read >= u64::from(MARKED) })
}

#[cfg(test)]
mod tests {
    use super::super::testing::units;
    use super::*;
    use crate::store::contract::kit::{Kit, at, by, terms};
    use crate::testing::{TestStore, in_memory};

    #[tokio::test]
    async fn what_is_read_stays_read_and_what_came_later_is_unread() {
        in_memory(async |db: TestStore| {
            let kit = Kit::new(db).await;
            let mut event = kit.event(terms(9)).await;
            for second in 1..5 {
                let mut batch = kit.batch(second);
                batch.events.push(event.row());
                batch.notifications.push(kit.notification(event.id, kit.organizer, kit.ids.booking()));
                kit.store.commit(&batch).await.expect("a commit");
                event.settle();
            }
            let list = async |unread| {
                let filter = NotificationFilter { unread, ..NotificationFilter::default() };
                kit.store.list_notifications_of(kit.organizer, &filter).await.expect("readable")
            };
            let all = list(None).await;
            assert_eq!((all.len(), kit.store.count_unread(kit.organizer, 9).await.expect("a count")), (4, 4));
            assert_eq!(
                kit.store.count_unread(kit.organizer, 2).await.expect("a count"),
                2,
                "of the newest two"
            );
            let units = units(&kit.store);
            let (newest, second) = (all[0].id, all[2].id);
            let mut unit = units.begin(by(at(9))).await.expect("a unit");
            read(&mut unit, kit.organizer, newest).await.expect("marked");
            let stranger = read(&mut unit, kit.ids.user(), newest).await.expect_err("not theirs");
            assert_eq!(stranger.code, happening_core::wire::ErrorCode::NotFound);
            let until = read_until(&mut unit, kit.organizer, Some(second)).await.expect("marked");
            assert_eq!(until, NotificationsRead { read: 2, more: false });
            unit.commit().await.expect("a commit");
            let unread: Vec<_> = list(Some(true)).await.iter().map(|one| one.id).collect();
            assert_eq!(unread, [all[1].id]);
            let mut unit = units.begin(by(at(10))).await.expect("a unit");
            read(&mut unit, kit.organizer, newest).await.expect("marked before");
            assert_eq!(read_until(&mut unit, kit.organizer, None).await.expect("marked").read, 1);
            unit.commit().await.expect("a commit");
            let dates: Vec<_> = list(Some(false)).await.iter().map(|one| one.read_at).collect();
            assert_eq!(dates, [Some(at(9)), Some(at(10)), Some(at(9)), Some(at(9))]);
        })
        .await;
    }
}
