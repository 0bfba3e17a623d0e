//! Notifications that were not delivered, sending them again, and what messages look like.

use super::parked;
use super::queue::page_size;
use crate::service::{Caller, Error, Services};
use happening_core::fields;
use happening_core::id::NotificationId;
use happening_core::wire::{Done, MessagePreview, PreviewQuery, UndeliveredNotification, UndeliveredQuery};
use happening_messages::{Facts, Links, OrganizationFacts};

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

    /// A message of this type about an example, in the manner of an organization if one is named.
    pub async fn preview_message(
        &self,
        caller: &Caller,
        query: PreviewQuery,
    ) -> Result<MessagePreview, Error> {
        caller.must_be_staff()?;
        let now = self.clock.now();
        let mut facts = Facts::example(query.kind, now);
        let language = query.language.as_deref().map(fields::language).transpose();
        facts.recipient.language = language.map_err(|error| Error::invalid("language", error.to_string()))?;
        facts.links = Links::to_event(self.operations.public_url.as_deref(), facts.event.id);
        if let Some(id) = query.org_id {
            self.must_be_up()?;
            let found = self.store.find_organization(id).await?;
            let found = found.ok_or_else(|| Error::not_found("organization"))?;
            facts.organization = OrganizationFacts::new(id, found.name, found.settings);
        }
        let message = self.operations.messages.compose(&facts).map_err(|error| {
            tracing::error!(%error, "a message cannot be made");
            Error::internal()
        })?;
        let to = (facts.recipient.name.as_deref(), facts.recipient.address.as_str());
        let calendar = message.invitation.map(|invitation| invitation.render("tickets@example.org", to, now));
        Ok(MessagePreview {
            kind: query.kind,
            language: message.language,
            subject: message.subject,
            text: message.text,
            html: message.html,
            calendar,
        })
    }

    /// Has a notification delivered once more, through every channel, whether it arrived before or not.
    pub async fn resend_notification(&self, caller: &Caller, id: NotificationId) -> Result<Done, Error> {
        caller.must_be_operator()?;
        self.must_be_up()?;
        let mut unit = self.begin(caller).await?;
        parked::resend(&mut unit, id).await?;
        unit.commit().await?;
        Ok(Done { ok: true })
    }
}
