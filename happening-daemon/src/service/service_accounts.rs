//! Service accounts: clients of the issuer that act by themselves, so that scripts need no person.

use super::access::RequestSource;
use super::unit_of_work::UnitOfWork;
use super::{Caller, Error, Services, membership};
use crate::store::{Actor, AuditEntry, Constraint, NewServiceAccount};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{ErrorCode, MapServiceAccount, Role, ServiceAccount, User};
use serde_json::json;

/// Clients that people sign in with. What they may do is the person's to decide, not theirs.
const FOR_PEOPLE: [&str; 3] = ["happening-client", "happening-cli", "happening-demo"];

/// Usernames tried before giving up.
const TRIES: u32 = 20;

impl Services {
    /// The user that a client is, once it is mapped into an organization or asked to be.
    pub(super) async fn recognize(
        &self,
        client: &str,
        subject: &str,
        source: &RequestSource,
    ) -> Result<Option<User>, Error> {
        let Some(user) = self.store.find_service_account(client).await? else { return Ok(None) };
        if user.keycloak_id == subject {
            return Ok(Some(user));
        }
        // Its first token, or the client was made anew.
        let by = Actor {
            user: Some(user.id),
            address: source.address,
            request_id: source.request_id.clone(),
            now: self.clock.now(),
        };
        let mut unit = self.units.begin(by).await?;
        recognize(&mut unit, user.id, client, subject).await?;
        unit.commit().await?;
        Ok(Some(User { keycloak_id: subject.to_owned(), ..user }))
    }

    /// Service accounts of an organization.
    pub async fn service_accounts(
        &self,
        caller: &Caller,
        organization: OrganizationId,
    ) -> Result<Vec<ServiceAccount>, Error> {
        self.organization(caller, organization).await?;
        if !caller.is_staff() && !caller.governs(organization) {
            return Err(Error::forbidden("Only an orgAdmin sees the service accounts."));
        }
        Ok(self.store.list_service_accounts(organization).await?)
    }

    /// Gives a client of the issuer a role. One without a role here is asked, and accepts with a token of its own; an operator
    /// maps it at once. `own_client` is what the daemon itself is there.
    pub async fn map_service_account(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        map: MapServiceAccount,
        own_client: &str,
    ) -> Result<ServiceAccount, Error> {
        self.must_govern(caller, organization).await?;
        let client = valid_client(&map.client_id, own_client)?;
        let wanted = format!("service-account-{}", client.to_ascii_lowercase());
        let mut username = wanted.clone();
        for attempt in 2..TRIES {
            let account = NewServiceAccount { client_id: client, user: self.ids.user(), username: &username };
            match self.map(caller, organization, account, map.role).await {
                // A person has the name, or somebody maps the same client at this moment.
                Err(Error { conflict: Some(Constraint::Username | Constraint::ServiceAccount), .. }) => {
                    username = format!("{wanted}{attempt}");
                }
                mapped => return mapped,
            }
        }
        Err(Error::new(ErrorCode::AlreadyExists, "This client is just being mapped: please try again."))
    }

    async fn map(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        account: NewServiceAccount<'_>,
        role: Role,
    ) -> Result<ServiceAccount, Error> {
        let gone = || Error::not_found("service account");
        let mut unit = self.begin(caller).await?;
        unit.lock_organization(organization).await?;
        let user = ensure(&mut unit, organization, account).await?;
        if !membership::change_role(&mut unit, organization, user, role).await? {
            let user = unit.find_user(user).await?.ok_or_else(gone)?;
            self.admit(caller, &mut unit, organization, &user, role).await?;
        }
        let accounts = unit.list_clients(organization).await?;
        let mapped = accounts.into_iter().find(|account| account.user_id == user).ok_or_else(gone)?;
        unit.commit().await?;
        Ok(mapped)
    }

    /// Takes a client's role in an organization from it, or the offer of one.
    pub async fn unmap_service_account(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        client: &str,
    ) -> Result<(), Error> {
        self.must_govern(caller, organization).await?;
        // Whether it is one elsewhere is not for everybody to know.
        let gone = || Error::not_found("service account");
        let user = self.store.find_service_account(client).await?.ok_or_else(gone)?;
        if self.store.find_role(user.id, organization).await?.is_some() {
            return self.remove_member(caller, organization, user.id).await;
        }
        let open = self.open_invite(organization, &user).await?.ok_or_else(gone)?;
        self.revoke_invite(caller, open.id).await
    }
}

/// The user that a client is; it gets one if it has none. `organization`, which is locked, is where that is asked for.
pub(crate) async fn ensure(
    unit: &mut UnitOfWork,
    organization: OrganizationId,
    account: NewServiceAccount<'_>,
) -> Result<UserId, Error> {
    if let Some(known) = unit.find_client(account.client_id).await? {
        return Ok(known);
    }
    unit.insert_client(&account).await?;
    let new = Some(json!({ "user": account.user }));
    let entry = of_client("service_account.created", account.client_id);
    unit.record(&AuditEntry { organization: Some(organization), new, ..entry }).await?;
    Ok(account.user)
}

/// Notes the `sub` that a client's tokens carry: known at its first token, and another one if the client was made anew.
pub(crate) async fn recognize(
    unit: &mut UnitOfWork,
    user: UserId,
    client: &str,
    subject: &str,
) -> Result<(), Error> {
    if unit.set_client_subject(user, subject).await? {
        let new = Some(json!({ "keycloak_id": subject }));
        unit.record(&AuditEntry { new, ..of_client("service_account.recognized", client) }).await?;
    }
    Ok(())
}

fn of_client(action: &'static str, client: &str) -> AuditEntry {
    let target = ("service_account", client.to_owned());
    AuditEntry { action, organization: None, target, old: None, new: None }
}

fn valid_client<'a>(client: &'a str, own: &str) -> Result<&'a str, Error> {
    let is_visible = client.bytes().all(|byte| byte.is_ascii_graphic());
    // A dot or two would be no segment of a path, by which it is taken away again.
    if !(1..=255).contains(&client.len()) || !is_visible || matches!(client, "." | "..") {
        return Err(Error::invalid("client_id", "must have 1 to 255 visible ASCII characters"));
    }
    if FOR_PEOPLE.iter().chain([&own]).any(|taken| taken.eq_ignore_ascii_case(client)) {
        return Err(Error::invalid(
            "client_id",
            "is a client of Happening itself, not of somebody's scripts",
        ));
    }
    Ok(client)
}

#[cfg(test)]
mod tests;
