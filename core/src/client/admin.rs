//! `/admin`.

use super::{Client, ClientError, Page};
use crate::id::{EventId, JobId, NotificationId, ParkedId};
use crate::wire::{
    AdminStatus, AuditQuery, AuditRecord, Done, InspectedEvent, Job, JobsQuery, KeysPage, KeysQuery,
    MessagePreview, ParkedMessage, ParkedQuery, PreviewQuery, QueueStatus, ReconcileQuery, Reconciled,
    StartReconcile, UndeliveredNotification, UndeliveredQuery,
};

impl Client {
    /// How queue, outbox and worker are.
    pub async fn queue_status(&self) -> Result<QueueStatus, ClientError> {
        self.get("/admin/queue").await
    }

    /// What is parked, newest first; the next page is what came before the last one of this.
    pub async fn parked(&self, query: &ParkedQuery) -> Result<Vec<ParkedMessage>, ClientError> {
        self.get_with("/admin/queue/parked", query).await
    }

    /// Publishes something parked once more.
    pub async fn requeue_parked(&self, id: ParkedId) -> Result<Done, ClientError> {
        self.post_empty(&format!("/admin/queue/parked/{id}/requeue")).await
    }

    /// Throws something parked away.
    pub async fn discard_parked(&self, id: ParkedId) -> Result<Done, ClientError> {
        self.delete(&format!("/admin/queue/parked/{id}")).await
    }

    /// Notifications that were not delivered, newest first.
    pub async fn undelivered(
        &self,
        query: &UndeliveredQuery,
    ) -> Result<Page<UndeliveredNotification>, ClientError> {
        self.get_page("/admin/notifications/undelivered", query).await
    }

    /// What a message of a type looks like.
    pub async fn preview_message(&self, query: &PreviewQuery) -> Result<MessagePreview, ClientError> {
        self.get_with("/admin/notifications/preview", query).await
    }

    /// Delivers a notification once more.
    pub async fn resend_notification(&self, id: NotificationId) -> Result<Done, ClientError> {
        self.post_empty(&format!("/admin/notifications/{id}/resend")).await
    }

    /// What the counters hold of an event, beside the truth.
    pub async fn inspect_event(&self, event: EventId) -> Result<InspectedEvent, ClientError> {
        self.get(&format!("/admin/redis/events/{event}")).await
    }

    /// Some keys of the counters.
    pub async fn counter_keys(&self, query: &KeysQuery) -> Result<KeysPage, ClientError> {
        self.get_with("/admin/redis/keys", query).await
    }

    /// What does not agree with what, of one event, or of as many as can be compared while a request lasts.
    pub async fn examine(&self, event: Option<EventId>) -> Result<Reconciled, ClientError> {
        self.examine_part(&ReconcileQuery { event_id: event, ..ReconcileQuery::default() }).await
    }

    /// The same of some events; the next ones begin at the `cursor` of the answer.
    pub async fn examine_part(&self, query: &ReconcileQuery) -> Result<Reconciled, ClientError> {
        self.get_with("/admin/reconcile", query).await
    }

    /// The same of one event, and makes right what can be made right from the bookings.
    pub async fn reconcile(&self, event: EventId) -> Result<Reconciled, ClientError> {
        self.post_empty(&format!("/admin/reconcile?event_id={event}")).await
    }

    /// Starts comparing all events, and with `fix` making right what is derived.
    pub async fn start_reconcile(&self, fix: bool) -> Result<Job, ClientError> {
        self.post("/admin/reconcile", &StartReconcile { event_id: None, fix: Some(fix) }).await
    }

    /// Jobs without their results, newest first; the next page is what came before the last one of this.
    pub async fn jobs(&self, query: &JobsQuery) -> Result<Page<Job>, ClientError> {
        self.get_page("/admin/jobs", query).await
    }

    /// A job, with its result once it has one.
    pub async fn job(&self, id: JobId) -> Result<Job, ClientError> {
        self.get(&format!("/admin/jobs/{id}")).await
    }

    /// Ends a job: what it has done stays done.
    pub async fn cancel_job(&self, id: JobId) -> Result<Job, ClientError> {
        self.post_empty(&format!("/admin/jobs/{id}/cancel")).await
    }

    /// How the daemon and its parts are, for operators and support.
    pub async fn admin_status(&self) -> Result<AdminStatus, ClientError> {
        self.get("/admin/status").await
    }

    /// What was done anywhere, newest first.
    pub async fn audit(&self, query: &AuditQuery) -> Result<Page<AuditRecord>, ClientError> {
        self.get_page("/admin/audit", query).await
    }
}
