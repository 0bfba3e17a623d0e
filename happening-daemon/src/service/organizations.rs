//! Organizations and their members.

use super::events::valid_name;
use super::{Caller, Error, Services, dates};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{
    CreateOrganization, ErrorCode, Member, Organization, OrganizationOfUser, OrganizationSettings, Role,
};

impl Services {
    /// Founds an organization.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        create: CreateOrganization,
    ) -> Result<Organization, Error> {
        let owner = caller.user()?.id;
        let name = valid_name("name", &create.name)?;
        let settings = create.settings.unwrap_or_default();
        must_be_valid(&settings)?;
        self.must_be_up()?;
        let id = self.ids.organization();
        self.store.create_organization(id, &name, &settings, owner, &self.actor(caller)).await?;
        self.forget_person(owner).await;
        self.store.find_organization(id).await?.ok_or_else(|| Error::not_found("organization"))
    }

    /// One organization.
    pub async fn organization(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Organization, Error> {
        self.must_be_up()?;
        if !caller.sees(organization) {
            return Err(Error::not_found("organization"));
        }
        self.store.find_organization(organization).await?.ok_or_else(|| Error::not_found("organization"))
    }

    /// Organizations of a user.
    pub async fn organizations_of(
        &self,
        caller: &Caller,
        user: UserId,
    ) -> Result<Vec<OrganizationOfUser>, Error> {
        self.must_be_up()?;
        if !caller.is(user) && !caller.is_staff() {
            return Err(Error::not_found("user"));
        }
        Ok(self.store.list_organizations_of(user).await?)
    }

    /// Members of an organization.
    pub async fn members(&self, caller: &Caller, organization: OrganizationId) -> Result<Vec<Member>, Error> {
        let organization = self.organization(caller, organization).await?;
        Ok(self.store.list_members(organization.id).await?)
    }

    /// Sets a member's role; one who is not a member yet becomes one.
    pub async fn set_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<(), Error> {
        self.must_govern(caller, organization).await?;
        if self.store.find_user(user).await?.is_none() {
            return Err(Error::not_found("user"));
        }
        let done = self.store.set_member(organization, user, role, &self.actor(caller)).await?;
        self.forget_person(user).await;
        if done { Ok(()) } else { Err(last_admin()) }
    }

    /// Removes a member.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<(), Error> {
        if !caller.is(user) {
            self.must_govern(caller, organization).await?;
        }
        if self.store.find_role(user, organization).await?.is_none() {
            return Err(Error::not_found("member"));
        }
        let done = self.store.remove_member(organization, user, &self.actor(caller)).await?;
        self.forget_person(user).await;
        if done { Ok(()) } else { Err(last_admin()) }
    }

    async fn must_govern(&self, caller: &Caller, organization: OrganizationId) -> Result<(), Error> {
        self.organization(caller, organization).await?;
        if caller.governs(organization) {
            return Ok(());
        }
        Err(Error::forbidden("Only an orgAdmin governs the members."))
    }

    /// The organization of an event, which never changes.
    pub(super) async fn organization_of(&self, event: EventId) -> Result<OrganizationId, Error> {
        if let Some(organization) = self.organizations.get(&event) {
            return Ok(organization);
        }
        self.must_be_up()?;
        let found =
            self.store.organization_of_event(event).await?.ok_or_else(|| Error::not_found("event"))?;
        self.organizations.insert(event, found);
        Ok(found)
    }
}

fn last_admin() -> Error {
    Error::new(ErrorCode::LastOrgAdmin, "This is the last orgAdmin: make somebody else orgAdmin first.")
}

fn must_be_valid(settings: &OrganizationSettings) -> Result<(), Error> {
    match &settings.timezone {
        Some(zone) if !dates::is_zone(zone) => {
            Err(Error::invalid("settings.timezone", "must be an IANA time zone such as Europe/Berlin"))
        }
        _ => Ok(()),
    }
}
