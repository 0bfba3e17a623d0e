//! People: the first sign-in, and finding them.

use super::{Caller, Error, Services};
use crate::store::{Actor, Constraint, NewUser, StoreError};
use happening_core::wire::{CreateUser, Membership, Role, SignedUp, User};

/// Usernames tried before giving up: the wanted one, then with a number.
const TRIES: u32 = 50;

impl Services {
    /// The user with this `sub`, for that person and for staff. Empty for a person not known yet.
    pub async fn users_by_subject(&self, caller: &Caller, subject: &str) -> Result<Vec<User>, Error> {
        self.must_be_up()?;
        if subject != caller.claims.subject && !caller.is_staff() {
            return Ok(Vec::new());
        }
        let Some(mut user) = self.store.find_user_by_subject(subject).await? else {
            return Ok(Vec::new());
        };
        user.organizations = Some(self.store.list_memberships(user.id).await?);
        Ok(vec![user])
    }

    /// Users whose username or e-mail address contains `text`, for those who invite.
    pub async fn search_users(&self, caller: &Caller, text: &str) -> Result<Vec<User>, Error> {
        self.must_be_up()?;
        let memberships = caller.person.as_ref().map_or(&[][..], |person| &person.memberships);
        if !caller.is_staff() && !memberships.iter().any(|membership| membership.role >= Role::Organizer) {
            return Err(Error::forbidden("Only organizers and orgAdmins search for people."));
        }
        if text.chars().count() < 2 {
            return Err(Error::invalid("search", "must have at least 2 characters"));
        }
        let found = self.store.search_users(text).await?;
        // No more of a person than the invite dialog shows.
        Ok(found.into_iter().map(|user| User { phone: None, ..user }).collect())
    }

    /// The first sign-in: the user, an organization of their own, the membership. Harmless the second time.
    pub async fn sign_up(
        &self,
        caller: &Caller,
        create: CreateUser,
        client_id: &str,
    ) -> Result<SignedUp, Error> {
        if caller.claims.service_client.is_some() {
            return Err(Error::forbidden(
                "A service account does not sign up: an orgAdmin maps it into an organization.",
            ));
        }
        if create.keycloak_id != caller.claims.subject {
            return Err(Error::forbidden("keycloak_id is not your own."));
        }
        self.must_be_up()?;
        if let Some(user) = self.store.find_user_by_subject(&create.keycloak_id).await? {
            return self.signed_up(user, client_id, "Welcome back.").await;
        }
        // The issuer's word counts; the body's only where the token has none.
        let email = caller.claims.email.clone().unwrap_or(create.email);
        let local = match email.split_once('@') {
            Some((local, host)) if !local.is_empty() && !host.is_empty() && email.len() <= 254 => slug(local),
            _ => return Err(Error::invalid("email", "must be an e-mail address")),
        };
        let names = (
            caller.claims.first_name.clone().or(create.first_name),
            caller.claims.last_name.clone().or(create.last_name),
        );
        let wanted = username(names.0.as_deref(), names.1.as_deref(), &local);
        let mut user = NewUser {
            id: self.ids.user(),
            subject: create.keycloak_id,
            username: wanted.clone(),
            email,
            first_name: names.0,
            last_name: names.1,
            phone: create.phone,
            avatar_url: create.avatar_url,
        };
        let organization = self.ids.organization();
        let by = Actor { user: Some(user.id), ..self.actor(caller) };
        for attempt in 2..TRIES {
            let own = Some((organization, format!("org-of-{local}"), format!("org-of-{local}.org")));
            match self.store.create_user(&user, own, &by).await {
                Ok(()) | Err(StoreError::Conflict(Constraint::UserSubject)) => {
                    let user =
                        self.store.find_user_by_subject(&user.subject).await?.ok_or_else(Error::internal)?;
                    return self.signed_up(user, client_id, "Welcome.").await;
                }
                Err(StoreError::Conflict(Constraint::Username)) => {
                    user.username = format!("{wanted}{attempt}");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict(Constraint::Username).into())
    }

    async fn signed_up(&self, user: User, client_id: &str, message: &str) -> Result<SignedUp, Error> {
        let memberships = self.store.list_memberships(user.id).await?;
        let own: Option<&Membership> =
            memberships.iter().find(|membership| membership.role == Role::OrgAdmin);
        Ok(SignedUp {
            id: user.id,
            user_id: user.id,
            email: user.email,
            organization_id: own.map(|membership| membership.organization_id),
            keycloak_org_id: own.and_then(|membership| membership.keycloak_org_id.clone()),
            client_id: client_id.to_owned(),
            message: message.to_owned(),
        })
    }
}

/// `ada.lovelace` from the names, else the e-mail's name. Never empty.
fn username(first: Option<&str>, last: Option<&str>, local: &str) -> String {
    let parts: Vec<String> =
        [first, last].into_iter().flatten().map(slug).filter(|part| !part.is_empty()).collect();
    let name = if parts.is_empty() { local.to_owned() } else { parts.join(".") };
    if name.is_empty() { "user".to_owned() } else { name }
}

/// Lower-case letters, digits, dots and dashes.
fn slug(text: &str) -> String {
    let fit = |letter: &char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let dashed = |letter: char| if letter.is_whitespace() { '-' } else { letter };
    text.trim().to_lowercase().chars().map(dashed).filter(fit).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_come_from_names_or_the_address() {
        assert_eq!(username(Some("Ada"), Some("Lovelace"), "x"), "ada.lovelace");
        assert_eq!(username(Some("Ada"), None, "x"), "ada");
        assert_eq!(username(None, Some(" "), "al"), "al");
        assert_eq!(username(Some("\u{202e}"), None, ""), "user");
    }
}
