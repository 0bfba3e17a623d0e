//! Rows of people and organizations, and of what they did.

use super::super::StoreError;
use super::{count, counter, json, word};
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{
    AuditRecord, AuditTarget, Member, Membership, Organization, OrganizationOfUser, ServiceAccount, User,
};
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(in crate::store) struct UserRow {
    id: Uuid,
    keycloak_id: String,
    username: String,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    avatar_url: Option<String>,
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            keycloak_id: row.keycloak_id,
            username: row.username,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            phone: row.phone,
            avatar_url: row.avatar_url,
            status: word(&row.status)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            organizations: None,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct MembershipRow {
    organization_id: Uuid,
    role: String,
    organization_name: String,
    keycloak_org_id: Option<String>,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = StoreError;

    fn try_from(row: MembershipRow) -> Result<Self, StoreError> {
        Ok(Self {
            organization_id: OrganizationId(row.organization_id),
            role: word(&row.role)?,
            organization_name: row.organization_name,
            keycloak_org_id: row.keycloak_org_id,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct OrganizationRow {
    id: Uuid,
    name: String,
    keycloak_org_id: Option<String>,
    created_at: DateTime<Utc>,
    settings: String,
    member_count: i64,
    owner_username: Option<String>,
    owner_id: Option<Uuid>,
    status: String,
    deleted_at: Option<DateTime<Utc>>,
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StoreError;

    fn try_from(row: OrganizationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OrganizationId(row.id),
            name: row.name,
            keycloak_org_id: row.keycloak_org_id,
            created_at: row.created_at,
            settings: json(&row.settings)?,
            member_count: count(row.member_count),
            owner_username: row.owner_username,
            owner_id: row.owner_id.map(UserId),
            status: word(&row.status)?,
            deleted_at: row.deleted_at,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct OrganizationOfUserRow {
    id: Uuid,
    name: String,
    keycloak_org_id: Option<String>,
    created_at: DateTime<Utc>,
    role: String,
    joined_at: DateTime<Utc>,
    member_count: i64,
    owner_username: Option<String>,
}

impl TryFrom<OrganizationOfUserRow> for OrganizationOfUser {
    type Error = StoreError;

    fn try_from(row: OrganizationOfUserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: OrganizationId(row.id),
            name: row.name,
            keycloak_org_id: row.keycloak_org_id,
            created_at: row.created_at,
            role: word(&row.role)?,
            joined_at: row.joined_at,
            member_count: count(row.member_count),
            owner_username: row.owner_username,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct MemberRow {
    id: Uuid,
    username: String,
    email: String,
    role: String,
    joined_at: DateTime<Utc>,
    user_created_at: DateTime<Utc>,
    kind: String,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: word(&row.role)?,
            joined_at: row.joined_at,
            user_created_at: row.user_created_at,
            kind: word(&row.kind)?,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct ServiceAccountRow {
    client_id: String,
    user_id: Uuid,
    username: String,
    role: String,
    joined_at: DateTime<Utc>,
    pending: bool,
}

impl TryFrom<ServiceAccountRow> for ServiceAccount {
    type Error = StoreError;

    fn try_from(row: ServiceAccountRow) -> Result<Self, StoreError> {
        Ok(Self {
            client_id: row.client_id,
            user_id: UserId(row.user_id),
            username: row.username,
            role: word(&row.role)?,
            joined_at: row.joined_at,
            pending: row.pending,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store) struct AuditRecordRow {
    id: i64,
    at: DateTime<Utc>,
    actor_id: Option<Uuid>,
    actor_username: Option<String>,
    action: String,
    organization_id: Option<Uuid>,
    target_kind: String,
    target_id: String,
    address: Option<String>,
    request_id: Option<String>,
    old_value: Option<String>,
    new_value: Option<String>,
}

impl TryFrom<AuditRecordRow> for AuditRecord {
    type Error = StoreError;

    fn try_from(row: AuditRecordRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: counter(row.id),
            at: row.at,
            actor_id: row.actor_id.map(UserId),
            actor_username: row.actor_username,
            action: row.action,
            organization_id: row.organization_id.map(OrganizationId),
            target: AuditTarget { kind: row.target_kind, id: row.target_id },
            address: row.address,
            request_id: row.request_id,
            old: row.old_value.as_deref().map(json).transpose()?,
            new: row.new_value.as_deref().map(json).transpose()?,
        })
    }
}
