//! To other daemons, and from them.

use super::Hub;
use crate::live::daemon_message::DaemonMessage;
use happening_core::id::InviteId;
use happening_core::wire::InviteTold;

impl Hub {
    /// Another daemon's invite is published if it is in the store: several installations may share one Redis.
    pub(super) fn invited_elsewhere(&self, email: String, invite: InviteTold) {
        let (store, inner, reads) = (self.parts.store.clone(), self.inner.clone(), self.reads.clone());
        self.lifecycle.spawn(async move {
            let _turn = reads.acquire().await;
            let found = store.find_invite(InviteId(invite.invite_id)).await;
            if found.is_ok_and(|found| found.is_some_and(|found| found.email == email)) {
                inner.publish_invite(email, invite);
            }
        });
    }

    /// Tells the other daemons, if there are any. What does not fit shows as a gap there.
    pub(super) fn send(&self, message: impl FnOnce() -> DaemonMessage) {
        if self.parts.broadcast.has_others() {
            let _ = self.outgoing_messages.try_send(message());
        }
    }
}
