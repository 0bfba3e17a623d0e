//! Organizations and their members.

use super::document::members_of;
use super::{Cell, Column, Record, Tone};
use chrono::{DateTime, Utc};
use happening_core::id::{InviteId, OrganizationId, UserId};
use happening_core::wire::{
    Member, Organization, OrganizationOfUser, OrganizationStatus, Role, ServiceAccount,
};
use serde::{Deserialize, Serialize};

impl Record for Organization {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("ID"), Column::text("NAME"), Column::number("MEMBERS"), Column::text("OWNER")];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.id),
            Cell::new(&self.name),
            Cell::new(self.member_count),
            Cell::maybe(self.owner_username.as_ref()),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let settings = &self.settings;
        let status = match (self.deleted_at, self.status) {
            (Some(_), _) => Cell::new("deleted").tone(Tone::Bad),
            (None, OrganizationStatus::Suspended) => Cell::new(self.status).tone(Tone::Attention),
            (None, OrganizationStatus::Active) => Cell::new(self.status),
        };
        vec![
            ("Organization", Cell::new(self.id)),
            ("Name", Cell::new(&self.name)),
            ("Status", status),
            ("Members", Cell::new(self.member_count)),
            ("Owner", Cell::maybe(self.owner_username.as_ref())),
            ("Founded", Cell::time(self.created_at)),
            ("Time zone", Cell::new(settings.timezone.as_deref().unwrap_or("UTC"))),
            ("Waitlist", Cell::maybe(settings.waitlist_policy)),
            ("Contact", Cell::maybe(settings.contact.as_ref())),
            ("Language", Cell::maybe(settings.language.as_ref())),
            ("Color", Cell::maybe(settings.color.as_ref())),
            ("Event minutes", Cell::maybe(settings.event_minutes)),
            ("At Keycloak", Cell::maybe(self.keycloak_org_id.as_ref())),
        ]
    }
}

/// One of somebody's organizations, with their role, or one of all.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListedOrganization {
    id: OrganizationId,
    name: String,
    keycloak_org_id: Option<String>,
    created_at: DateTime<Utc>,
    role: Option<Role>,
    joined_at: Option<DateTime<Utc>>,
    member_count: u32,
}

impl From<OrganizationOfUser> for ListedOrganization {
    fn from(theirs: OrganizationOfUser) -> Self {
        Self {
            id: theirs.id,
            name: theirs.name,
            keycloak_org_id: theirs.keycloak_org_id,
            created_at: theirs.created_at,
            role: Some(theirs.role),
            joined_at: Some(theirs.joined_at),
            member_count: theirs.member_count,
        }
    }
}

impl From<Organization> for ListedOrganization {
    fn from(any: Organization) -> Self {
        Self {
            id: any.id,
            name: any.name,
            keycloak_org_id: any.keycloak_org_id,
            created_at: any.created_at,
            role: None,
            joined_at: None,
            member_count: any.member_count,
        }
    }
}

impl Record for ListedOrganization {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::text("NAME"),
        Column::whole("ROLE"),
        Column::number("MEMBERS").spare(),
        Column::text("SINCE").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.id),
            Cell::new(&self.name),
            self.role.map_or_else(|| Cell::maybe(None::<&str>), role),
            Cell::new(self.member_count),
            Cell::time(self.joined_at.unwrap_or(self.created_at)),
        ]
    }
}

impl Record for Member {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::text("USERNAME"),
        Column::text("EMAIL"),
        Column::whole("ROLE"),
        Column::text("SINCE").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.id),
            Cell::new(&self.username),
            Cell::new(&self.email),
            role(self.role),
            Cell::time(self.joined_at),
        ]
    }
}

impl Record for ServiceAccount {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::text("CLIENT"),
        Column::whole("ROLE"),
        Column::text("USERNAME"),
        Column::text("SINCE").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.client_id.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(&self.client_id),
            role(self.role),
            Cell::new(&self.username),
            Cell::time(self.joined_at),
        ]
    }
}

/// A member whose role changed, or who is none any more.
#[derive(Debug, Serialize)]
pub struct Membered {
    /// Where.
    pub organization_id: OrganizationId,
    /// Who.
    pub user_id: UserId,
    /// What they may do now; absent for one who was removed, or who has not accepted yet.
    pub role: Option<Role>,
    /// The invite that they have to accept.
    pub invite: Option<InviteId>,
}

impl Record for Membered {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("ORGANIZATION"), Column::whole("USER"), Column::whole("ROLE")];

    fn fields() -> Vec<&'static str> {
        vec!["organization_id", "user_id", "role", "invite"]
    }

    fn name(&self) -> String {
        self.user_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let role = match (self.role, self.invite) {
            (Some(known), _) => role(known),
            (None, Some(_)) => Cell::new("invited").tone(Tone::Attention),
            (None, None) => Cell::new("removed").tone(Tone::Faint),
        };
        vec![Cell::new(self.organization_id), Cell::new(self.user_id), role]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let mut details: Vec<_> = Self::COLUMNS.iter().map(|column| column.title).zip(self.cells()).collect();
        if let Some(invite) = self.invite {
            details.push(("Invite", Cell::new(invite)));
        }
        details
    }
}

fn role(role: Role) -> Cell {
    let tone = if role == Role::OrgAdmin { Tone::Good } else { Tone::Plain };
    Cell::new(role).tone(tone)
}
