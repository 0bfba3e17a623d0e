//! Service accounts: clients of the issuer that act by themselves, so that scripts need no person.

use super::access::RequestSource;
use super::{Caller, Error, Services, membership};
use crate::store::{Actor, Constraint, NewServiceAccount, StoreError};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{ErrorCode, MapServiceAccount, ServiceAccount, User};

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
        self.store.recognize_service_account(user.id, client, subject, &by).await?;
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
        let user = self.user_of(caller, organization, client).await?;
        let mut unit = self.begin(caller).await?;
        if !membership::change_role(&mut unit, organization, user, map.role).await? {
            let gone = || Error::not_found("service account");
            let user = unit.find_user(user).await?.ok_or_else(gone)?;
            self.admit(caller, &mut unit, organization, &user, map.role).await?;
        }
        unit.commit().await?;
        let accounts = self.store.list_service_accounts(organization).await?;
        let mapped = accounts.into_iter().find(|account| account.user_id == user);
        mapped.ok_or_else(|| Error::not_found("service account"))
    }

    /// The user that a client is, from now on.
    async fn user_of(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        client: &str,
    ) -> Result<UserId, Error> {
        let by = self.actor(caller);
        let wanted = format!("service-account-{}", client.to_ascii_lowercase());
        let mut username = wanted.clone();
        for attempt in 2..TRIES {
            let account = NewServiceAccount { client_id: client, user: self.ids.user(), username: &username };
            match self.store.ensure_service_account(organization, account, &by).await {
                // A person has the name, or somebody maps the same client at this moment.
                Err(StoreError::Conflict(Constraint::Username | Constraint::ServiceAccount)) => {
                    username = format!("{wanted}{attempt}");
                }
                ensured => return Ok(ensured?),
            }
        }
        Err(Error::new(ErrorCode::AlreadyExists, "This client is just being mapped: please try again."))
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
mod tests {
    use super::*;

    #[test]
    fn clients_of_happening_itself_are_nobodys_scripts() {
        for own in
            ["happening-client", "happening-cli", "happening-demo", "Happening-CLI", "happening-server"]
        {
            assert!(valid_client(own, "happening-server").is_err(), "{own}");
        }
        for strange in ["", " ", "a b", "a\0", "ä", ".", "..", &"x".repeat(256)] {
            assert!(valid_client(strange, "happening-server").is_err(), "{strange}");
        }
        for fine in ["happening-ci", "https://ci.example.org/x?y", &"x".repeat(255)] {
            assert!(valid_client(fine, "happening-server").is_ok(), "{fine}");
        }
    }
}
