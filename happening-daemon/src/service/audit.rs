//! Who did what: for those who govern, and for staff.

use super::{Caller, Error, Page, Services, pages};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{AuditQuery, AuditRecord};

impl Services {
    /// What was done in an organization.
    pub async fn audit_of(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        query: &AuditQuery,
    ) -> Result<Page<AuditRecord>, Error> {
        self.organization(caller, organization).await?;
        if !caller.governs(organization) && !caller.is_staff() {
            return Err(Error::forbidden("Only an orgAdmin reads the audit log."));
        }
        let records = self.list_audit(Some(organization), query).await?;
        if caller.is_staff() {
            return Ok(records);
        }
        let viewer = caller.user()?.id;
        let items = records.items.into_iter().map(|record| as_seen(record, viewer)).collect();
        Ok(Page { items, next: records.next })
    }

    /// What was done anywhere.
    pub async fn audit(&self, caller: &Caller, query: &AuditQuery) -> Result<Page<AuditRecord>, Error> {
        if !caller.is_staff() {
            return Err(Error::forbidden("Only operators and support read this."));
        }
        self.list_audit(None, query).await
    }

    async fn list_audit(
        &self,
        organization: Option<OrganizationId>,
        query: &AuditQuery,
    ) -> Result<Page<AuditRecord>, Error> {
        self.must_be_up()?;
        let size = pages::size(query.limit)?;
        let query = AuditQuery { limit: Some(size + 1), ..query.clone() };
        let records = self.store.list_audit(organization, &query).await?;
        Ok(Page::of(records, size, |last| last.id.to_string()))
    }
}

/// A line as an orgAdmin sees it: from where people act on the organization, not from where they decide about themselves.
fn as_seen(record: AuditRecord, viewer: UserId) -> AuditRecord {
    if record.actor_id == Some(viewer) || acts_on_the_organization(&record) {
        return record;
    }
    AuditRecord { address: None, ..record }
}

/// Whether a line is about the organization, its events, or members other than who acted. What follows from somebody's
/// joining, leaving, accepting or declining is about themselves, and so is whatever is not known here.
fn acts_on_the_organization(record: &AuditRecord) -> bool {
    let on_others = || record.actor_id.map(|actor| actor.to_string()).as_ref() != Some(&record.target.id);
    match record.action.as_str() {
        "member.added" | "member.role_changed" | "member.removed" => on_others(),
        "invite.sent"
        | "invite.resent"
        | "ownership.offered"
        | "service_account.created"
        | "organization.updated"
        | "organization.suspended"
        | "organization.resumed" => true,
        action => action.starts_with("event."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;
    use chrono::DateTime;
    use happening_core::wire::AuditTarget;

    fn record(action: &str, actor: UserId, target: &impl ToString) -> AuditRecord {
        AuditRecord {
            id: 1,
            at: DateTime::UNIX_EPOCH,
            actor_id: Some(actor),
            actor_username: None,
            action: action.to_owned(),
            organization_id: None,
            target: AuditTarget { kind: "user".to_owned(), id: target.to_string() },
            address: Some("192.0.2.7".to_owned()),
            request_id: None,
            old: None,
            new: None,
        }
    }

    #[test]
    fn from_where_people_decide_about_themselves_is_theirs() {
        let ids = Ids::seeded(1);
        let (viewer, other) = (ids.user(), ids.user());
        let shown = |record: AuditRecord| as_seen(record, viewer).address.is_some();
        for action in [
            "invite.accepted",
            "invite.rejected",
            "invite.revoked",
            "organization.transferred",
            "user.erased",
            "new.thing",
        ] {
            assert!(!shown(record(action, other, &ids.invite())), "{action}");
            assert!(shown(record(action, viewer, &ids.invite())), "{action} by oneself");
        }
        for action in ["member.added", "member.removed", "member.role_changed"] {
            assert!(!shown(record(action, other, &other)), "{action} of oneself");
            assert!(shown(record(action, other, &viewer)), "{action} of another one");
        }
        for action in ["event.updated", "organization.updated", "invite.sent"] {
            assert!(shown(record(action, other, &ids.event())), "{action}");
        }
    }
}
