//! Who is signed in, and what they may do: what the daemon would say, said before it is asked. The daemon decides.

use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{Event, Role};

/// Who is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// What they are called.
    pub name: String,
    /// The id here; a service account without a role has none.
    pub user: Option<UserId>,
    /// May do everything.
    pub operator: bool,
    /// May see everything, and book for others.
    pub support: bool,
    /// What they are where.
    pub roles: Vec<(OrganizationId, String, Role)>,
}

impl Who {
    /// Operator or support.
    pub fn is_staff(&self) -> bool {
        self.operator || self.support
    }

    /// In a word.
    pub fn role(&self) -> &'static str {
        match (self.operator, self.support, self.roles.iter().map(|(_, _, role)| *role).max()) {
            (true, _, _) => "operator",
            (_, true, _) => "support",
            (_, _, Some(role)) => role.as_str(),
            (_, _, None) => "no role",
        }
    }

    /// The role in an organization.
    pub fn role_in(&self, organization: OrganizationId) -> Option<Role> {
        self.roles.iter().find(|(id, _, _)| *id == organization).map(|(_, _, role)| *role)
    }

    /// Whether they govern an organization.
    pub fn governs(&self, organization: OrganizationId) -> bool {
        self.operator || self.role_in(organization) == Some(Role::OrgAdmin)
    }

    /// Whether they run an event: change it, serve its waitlist.
    pub fn runs(&self, event: &Event) -> bool {
        let organizes = self.role_in(event.org_id) == Some(Role::Organizer);
        self.governs(event.org_id) || (organizes && Some(event.created_by) == self.user)
    }

    /// Whether they may look for people.
    pub fn searches(&self) -> bool {
        self.is_staff() || self.publishes_in().next().is_some()
    }

    /// Where they may publish events.
    pub fn publishes_in(&self) -> impl Iterator<Item = (OrganizationId, &str)> {
        let may = |role: &Role| *role != Role::User;
        self.roles.iter().filter(move |(_, _, role)| may(role)).map(|(id, name, _)| (*id, name.as_str()))
    }
}
