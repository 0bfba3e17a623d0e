//! People: the first sign-in. How people find each other is in `search.rs`.

pub(crate) mod rules;

use super::{Caller, Error, Services, access, fields};
use crate::identity::Claims;
use crate::ids::Ids;
use crate::store::{Actor, Constraint, NewOrganization, NewUser};
use happening_core::id::UserId;
use happening_core::wire::{CreateUser, Membership, OrganizationSettings, Role, SignedUp, User};

/// Usernames tried before giving up: the wanted one, then with a number, then with eight random digits.
const TRIES: u32 = 20;

/// Of these, how many without random digits.
const COUNTED: u32 = 8;

impl Services {
    /// The user with this `sub`, for that person or service account, and people for staff. Empty for one not known yet.
    pub async fn users_by_subject(&self, caller: &Caller, subject: &str) -> Result<Vec<User>, Error> {
        self.must_be_up()?;
        let is_own = subject == caller.claims.subject;
        if !is_own && !caller.is_staff() {
            return Ok(Vec::new());
        }
        let found = match &caller.claims.service_client {
            Some(client) if is_own => self.store.find_service_account(client).await?,
            _ => self.store.find_user_by_subject(subject).await?,
        };
        let Some(mut user) = found else {
            return Ok(Vec::new());
        };
        user.organizations = Some(self.store.list_memberships(user.id).await?);
        Ok(vec![user])
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
        let (mut user, local) = newcomer(self.ids.user(), &caller.claims, create)?;
        let wanted = user.username.clone();
        let own = NewOrganization {
            id: self.ids.organization(),
            name: format!("org-of-{local}"),
            domain: Some(format!("org-of-{local}.org")),
            settings: OrganizationSettings::default(),
            owner: user.id,
        };
        let by = Actor { user: Some(user.id), ..self.actor(caller) };
        for attempt in 2..2 + TRIES {
            match self.create_user(&user, &own, &by).await {
                Err(error) if error.conflict == Some(Constraint::Username) => {
                    user.username = namesake(&wanted, attempt, &self.ids);
                }
                // Another request of theirs was faster: it is the same person.
                Err(error) if error.conflict != Some(Constraint::UserSubject) => return Err(error),
                _ => {
                    // Who had this account before, and was erased by another daemon, may be remembered here.
                    self.forget_subject(&user.subject);
                    let user =
                        self.store.find_user_by_subject(&user.subject).await?.ok_or_else(Error::internal)?;
                    // They were when they were erased, and an operator sees them again.
                    access::must_not_be_suspended(&user)?;
                    return self.signed_up(user, client_id, "Welcome.").await;
                }
            }
        }
        Err(Constraint::Username.into())
    }

    async fn create_user(&self, user: &NewUser, own: &NewOrganization, by: &Actor) -> Result<(), Error> {
        let mut unit = self.units.begin(by.clone()).await?;
        rules::sign_up(&mut unit, user, Some(own)).await?;
        unit.commit().await
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

/// The new person, and the name of their e-mail address. The issuer's word counts; the body's only where the token has none.
fn newcomer(id: UserId, claims: &Claims, create: CreateUser) -> Result<(NewUser, String), Error> {
    let email = fields::email(claims.email.as_deref().unwrap_or(&create.email))?;
    let local = slug(email.split_once('@').map_or("", |(local, _)| local));
    let local = if local.is_empty() { "user".to_owned() } else { local };
    let (claimed, given) = (claims.first_name.as_deref(), create.first_name.as_deref());
    let first_name = fields::name_of_person("first_name", claimed, given)?;
    let (claimed, given) = (claims.last_name.as_deref(), create.last_name.as_deref());
    let last_name = fields::name_of_person("last_name", claimed, given)?;
    let user = NewUser {
        id,
        subject: create.keycloak_id,
        username: username(first_name.as_deref(), last_name.as_deref(), &local),
        email,
        first_name,
        last_name,
        phone: create.phone.as_deref().map(fields::phone).transpose()?,
        avatar_url: create.avatar_url.as_deref().map(fields::avatar_url).transpose()?,
        profile_at: claims.email.as_ref().and(claims.issued_at),
    };
    Ok((user, local))
}

/// Another username for somebody whose wanted one is taken: `ada2`, `ada3` …, and where a whole crowd is called Ada, `ada`
/// with eight random digits.
fn namesake(wanted: &str, attempt: u32, ids: &Ids) -> String {
    if attempt < COUNTED {
        return format!("{wanted}{attempt}");
    }
    let digits = ids.uuid().as_u128() % 100_000_000;
    format!("{wanted}{digits:08}")
}

/// `ada.lovelace` from the names, else the e-mail's name.
fn username(first: Option<&str>, last: Option<&str>, local: &str) -> String {
    let parts: Vec<String> =
        [first, last].into_iter().flatten().map(slug).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { local.to_owned() } else { parts.join(".") }
}

/// Lower-case letters, digits, dots and dashes.
fn slug(text: &str) -> String {
    let fit = |letter: &char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let dashed = |letter: char| if letter.is_whitespace() { '-' } else { letter };
    text.trim().to_lowercase().chars().map(dashed).filter(fit).take(100).collect()
}

#[cfg(test)]
mod tests;
