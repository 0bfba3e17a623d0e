//! Organizations and their members.

pub(crate) mod rules;

use super::{Caller, Error, Page, Services, fields, membership, pages};
use crate::store::{MemberFilter, MemberMark, NewOrganization, OrganizationFilter};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{
    CreateOrganization, Member, MembersQuery, Organization, OrganizationOfUser, OrganizationsQuery, Role,
};

impl Services {
    /// Founds an organization.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        create: CreateOrganization,
    ) -> Result<Organization, Error> {
        let owner = caller.user()?.id;
        if caller.claims.service_client.is_some() {
            return Err(Error::forbidden("An organization is founded by a person."));
        }
        let name = fields::organization_name(&create.name)?;
        let settings = fields::settings(create.settings.unwrap_or_default())?;
        self.must_be_up()?;
        let id = self.ids.organization();
        let new = NewOrganization { id, name, domain: None, settings, owner };
        let mut unit = self.begin(caller).await?;
        rules::found(&mut unit, &new).await?;
        let founded = rules::get(&mut unit, id).await?;
        unit.commit().await?;
        Ok(founded)
    }

    /// The caller's organizations; for staff all.
    pub async fn organizations(
        &self,
        caller: &Caller,
        query: OrganizationsQuery,
    ) -> Result<Page<Organization>, Error> {
        self.must_be_up()?;
        let size = pages::size(query.limit)?;
        let after = query.cursor.as_deref().map(pages::read_mark).transpose()?;
        let viewer = match &caller.person {
            _ if caller.is_staff() => None,
            Some(person) => Some(person.user.id),
            // Not signed up, so a member of nothing.
            None => return Ok(Page { items: Vec::new(), next: None }),
        };
        let filter = OrganizationFilter {
            text: fields::searched("q", query.q)?,
            after: after.map(|(at, id)| (at, OrganizationId(id))),
            limit: Some(size + 1),
        };
        let organizations = self.store.list_organizations(viewer, &filter).await?;
        Ok(Page::of(organizations, size, |last| pages::write_mark(last.created_at, last.id.0)))
    }

    /// One organization. Staff see deleted ones too.
    pub async fn organization(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Organization, Error> {
        self.must_be_up()?;
        caller.must_see(organization)?;
        let found = self.store.find_organization(organization).await?;
        found
            .filter(|organization| organization.deleted_at.is_none() || caller.is_staff())
            .ok_or_else(|| Error::not_found("organization"))
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
    pub async fn members(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        query: MembersQuery,
    ) -> Result<Page<Member>, Error> {
        self.organization(caller, organization).await?;
        let size = pages::size(query.limit)?;
        let filter = MemberFilter {
            role: query.role,
            text: fields::searched("q", query.q)?,
            after: query.cursor.as_deref().map(read_mark).transpose()?,
            limit: Some(size + 1),
        };
        let members = self.store.list_members(organization, &filter).await?;
        Ok(Page::of(members, size, write_mark))
    }

    /// Removes a member.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<(), Error> {
        if caller.is(user) {
            Self::must_go_on(caller, self.organization(caller, organization).await?.status)?;
        } else {
            self.must_govern(caller, organization).await?;
        }
        if self.store.find_role(user, organization).await?.is_none() {
            return Err(Error::not_found("member"));
        }
        let mut unit = self.begin(caller).await?;
        let left = membership::remove(&mut unit, organization, user).await?;
        unit.commit().await?;
        self.serve_lines(&left).await;
        Ok(())
    }

    /// The organization of an event, which never changes.
    pub(super) async fn organization_of(&self, event: EventId) -> Result<OrganizationId, Error> {
        if let Some(organization) = self.live.changes().organization_of(event) {
            return Ok(organization);
        }
        self.must_be_up()?;
        let found =
            self.store.organization_of_event(event).await?.ok_or_else(|| Error::not_found("event"))?;
        self.live.changes().remember(event, found);
        Ok(found)
    }
}

/// A cursor: opaque to clients, who only hand it back.
fn write_mark(member: &Member) -> String {
    let rank = if member.role == Role::OrgAdmin { 'a' } else { 'm' };
    pages::write_text(format!("{rank}{}", member.username))
}

fn read_mark(cursor: &str) -> Result<MemberMark, Error> {
    let text = pages::read_text(cursor)?;
    let username = text.strip_prefix(['a', 'm']).ok_or_else(pages::unknown_mark)?.to_owned();
    Ok(MemberMark { is_admin: text.starts_with('a'), username })
}

#[cfg(test)]
mod tests;
