//! What is decided about an organization as a whole.

use super::{Db, SqlStore};
use crate::store::fold::fold;
use crate::store::rows::{count, json};
use crate::store::{
    Actor, AuditEntry, Deletion, Differences, Governance, KeycloakTask, StoreError, Update, Wording,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::{EventId, OrganizationId};
use happening_core::wire::{OrganizationSettings, OrganizationStatus, UpdateSettings};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

impl SqlStore {
    /// What an organization says of itself, until the transaction's end; `None` if there is none, or no longer.
    async fn lock_wording(
        transaction: &mut sqlx::Transaction<'_, Db>,
        organization: OrganizationId,
    ) -> Result<Option<Wording>, StoreError> {
        sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut **transaction).await?;
        let found: Option<(String, String)> =
            sqlx::query_as("SELECT name, settings FROM organizations WHERE id = $1 AND deleted_at IS NULL")
                .bind(organization.0)
                .fetch_optional(&mut **transaction)
                .await?;
        found.map(|(name, settings)| Ok(Wording { name, settings: json(&settings)? })).transpose()
    }
}

#[async_trait]
impl Governance for SqlStore {
    async fn update_organization(
        &self,
        organization: OrganizationId,
        from: Option<&Wording>,
        name: Option<&str>,
        settings: Option<&UpdateSettings>,
        by: &Actor,
    ) -> Result<Update, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(before) = Self::lock_wording(&mut transaction, organization).await? else {
            return Ok(Update::Absent);
        };
        if from.is_some_and(|from| *from != before) {
            return Ok(Update::Stale);
        }
        let name = name.unwrap_or(&before.name);
        // Of the row that is locked: two edits of different settings both stay.
        let settings =
            settings.map_or_else(|| before.settings.clone(), |update| update.applied_to(&before.settings));
        let Some((old, new)) = differences(&before, name, &settings).into_values() else {
            return Ok(Update::Done);
        };
        let text = serde_json::to_string(&settings).map_err(|error| StoreError::Defect(error.to_string()))?;
        sqlx::query("UPDATE organizations SET name = $2, settings = $3, updated_at = $4, name_folded = $5 WHERE id = $1")
            .bind(organization.0)
            .bind(name.to_owned())
            .bind(text)
            .bind(by.now)
            .bind(fold(name))
            .execute(&mut *transaction)
            .await?;
        let entry = AuditEntry {
            action: "organization.updated",
            organization: Some(organization),
            target: ("organization", organization.to_string()),
            old: Some(old),
            new: Some(new),
        };
        Self::record(&mut transaction, by, &entry).await?;
        if name != before.name {
            Self::queue(&mut transaction, &KeycloakTask::Organization(organization), by).await?;
        }
        transaction.commit().await?;
        Ok(Update::Done)
    }

    async fn set_organization_status(
        &self,
        organization: OrganizationId,
        status: OrganizationStatus,
        by: &Actor,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
        let before: Option<String> =
            sqlx::query_scalar("SELECT status FROM organizations WHERE id = $1 AND deleted_at IS NULL")
                .bind(organization.0)
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(before) = before else { return Ok(false) };
        if before == status.as_str() {
            return Ok(true);
        }
        sqlx::query("UPDATE organizations SET status = $2, updated_at = $3 WHERE id = $1")
            .bind(organization.0)
            .bind(status.as_str())
            .bind(by.now)
            .execute(&mut *transaction)
            .await?;
        let entry = AuditEntry {
            action: match status {
                OrganizationStatus::Suspended => "organization.suspended",
                OrganizationStatus::Active => "organization.resumed",
            },
            organization: Some(organization),
            target: ("organization", organization.to_string()),
            old: Some(serde_json::json!({ "status": before })),
            new: Some(serde_json::json!({ "status": status })),
        };
        Self::record(&mut transaction, by, &entry).await?;
        Self::queue(&mut transaction, &KeycloakTask::Organization(organization), by).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn list_upcoming_events(
        &self,
        organization: OrganizationId,
        now: DateTime<Utc>,
    ) -> Result<Vec<EventId>, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT id FROM events WHERE {UPCOMING} ORDER BY id"));
        let ids: Vec<Uuid> =
            sqlx::query_scalar(sql).bind(organization.0).bind(now).fetch_all(self.read()).await?;
        Ok(ids.into_iter().map(EventId).collect())
    }

    async fn delete_organization(
        &self,
        organization: OrganizationId,
        from: Option<&Wording>,
        by: &Actor,
    ) -> Result<Deletion, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(before) = Self::lock_wording(&mut transaction, organization).await? else {
            return Ok(Deletion::Absent);
        };
        if from.is_some_and(|from| *from != before) {
            return Ok(Deletion::Stale);
        }
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM events WHERE {UPCOMING}"));
        let upcoming: i64 =
            sqlx::query_scalar(sql).bind(organization.0).bind(by.now).fetch_one(&mut *transaction).await?;
        if upcoming > 0 {
            return Ok(Deletion::HasEvents(count(upcoming)));
        }
        sqlx::query("UPDATE organizations SET deleted_at = $2, updated_at = $2 WHERE id = $1")
            .bind(organization.0)
            .bind(by.now)
            .execute(&mut *transaction)
            .await?;
        let entry = AuditEntry {
            action: "organization.deleted",
            organization: Some(organization),
            target: ("organization", organization.to_string()),
            old: None,
            new: None,
        };
        Self::record(&mut transaction, by, &entry).await?;
        Self::queue(&mut transaction, &KeycloakTask::Organization(organization), by).await?;
        transaction.commit().await?;
        Ok(Deletion::Done)
    }
}

fn differences(before: &Wording, name: &str, settings: &OrganizationSettings) -> Differences {
    let mut differences = Differences::default();
    // By itself it is made of its founder's address.
    differences.withhold("name", Some(&before.name), Some(name));
    differences.compare("timezone", before.settings.timezone.clone(), settings.timezone.clone());
    let policy = |settings: &OrganizationSettings| settings.waitlist_policy.map(|policy| policy.as_str());
    differences.compare("waitlist_policy", policy(&before.settings), policy(settings));
    differences.withhold("contact", before.settings.contact.as_deref(), settings.contact.as_deref());
    differences.compare("language", before.settings.language.clone(), settings.language.clone());
    differences.compare("event_minutes", before.settings.event_minutes, settings.event_minutes);
    differences.compare("color", before.settings.color.clone(), settings.color.clone());
    differences
}

/// Events that are going on or still to begin, of the organization $1 at the time $2.
pub(super) const UPCOMING: &str = "org_id = $1 AND deleted_at IS NULL \
     AND (status = 'ongoing' OR status = 'upcoming' AND event_date > $2)";
