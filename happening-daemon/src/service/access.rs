//! Who asks, and what they may do: by membership in organizations and by realm role.

use super::{Error, Services, people, profiles};
use crate::idempotency::{Digest, digest};
use crate::identity::Claims;
use crate::store::{Actor, IssuerState};
use chrono::{DateTime, Utc};
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{ErrorCode, Membership, OrganizationStatus, Role, User, UserStatus};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The SHA-256 of issuer and subject: identifies the bearer of a token where only equality counts.
pub fn digest_of(claims: &Claims) -> Digest {
    digest(&[claims.issuer.as_bytes(), claims.subject.as_bytes()])
}

/// How long a person and their memberships may be remembered. A change made by this daemon is seen at once, one by
/// another daemon after this.
pub(super) const REMEMBERED: Duration = Duration::from_secs(5);

/// People remembered.
const PEOPLE: u64 = 100_000;

/// A user with memberships.
#[derive(Debug)]
pub struct Person {
    /// The user.
    pub user: User,
    /// Where they are members.
    pub memberships: Vec<Membership>,
    /// What the issuer last said of the account.
    pub issuer_state: IssuerState,
}

/// The holder of a valid access token. Not everyone of them has signed up.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What the token says.
    pub claims: Arc<Claims>,
    /// Absent before the first sign-in.
    pub person: Option<Arc<Person>>,
    /// From where.
    pub source: RequestSource,
}

/// From where somebody asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestSource {
    /// Their address, if the listener knows it.
    pub address: Option<IpAddr>,
    /// The request's id.
    pub request_id: Option<String>,
}

impl Caller {
    /// The caller as a user.
    pub fn user(&self) -> Result<&User, Error> {
        match &self.person {
            Some(person) => Ok(&person.user),
            None => Err(not_signed_up()),
        }
    }

    /// See [`digest_of`]; also the owner of the caller's idempotency keys.
    pub fn digest(&self) -> Digest {
        digest_of(&self.claims)
    }

    /// The caller as the audit log names them.
    pub fn actor(&self, now: DateTime<Utc>) -> Actor {
        Actor {
            user: self.person.as_ref().map(|person| person.user.id),
            address: self.source.address,
            request_id: self.source.request_id.clone(),
            now,
        }
    }

    /// May do everything.
    pub fn is_operator(&self) -> bool {
        self.claims.realm_roles.operator
    }

    /// May read everything and act on bookings.
    pub fn is_staff(&self) -> bool {
        self.is_operator() || self.claims.realm_roles.support
    }

    /// The caller's role in an organization.
    pub fn role_in(&self, organization: OrganizationId) -> Option<Role> {
        let memberships = &self.person.as_ref()?.memberships;
        memberships
            .iter()
            .find(|membership| membership.organization_id == organization)
            .map(|found| found.role)
    }

    /// The organizations whose events the caller may see, in order; `None` is all.
    pub fn organizations(&self) -> Option<Vec<OrganizationId>> {
        if self.is_staff() {
            return None;
        }
        let memberships = self.person.iter().flat_map(|person| &person.memberships);
        let mut organizations: Vec<_> = memberships.map(|membership| membership.organization_id).collect();
        organizations.sort_unstable();
        Some(organizations)
    }

    /// Whether the caller may know of an organization.
    pub fn sees(&self, organization: OrganizationId) -> bool {
        self.is_staff() || self.role_in(organization).is_some()
    }

    /// 404 for who may not know of an organization.
    pub fn must_see(&self, organization: OrganizationId) -> Result<(), Error> {
        if self.sees(organization) { Ok(()) } else { Err(Error::not_found("organization")) }
    }

    /// Whether the caller may publish events in an organization.
    pub fn publishes_in(&self, organization: OrganizationId) -> bool {
        self.is_operator() || self.role_in(organization).is_some_and(|role| role >= Role::Organizer)
    }

    /// Whether the caller governs an organization.
    pub fn governs(&self, organization: OrganizationId) -> bool {
        self.is_operator() || self.role_in(organization) == Some(Role::OrgAdmin)
    }

    /// Whether the caller runs an event: an orgAdmin every event of the organization, an organizer their own.
    pub fn runs(&self, organization: OrganizationId, organizer: UserId) -> bool {
        self.governs(organization) || self.publishes_in(organization) && self.is(organizer)
    }

    /// Whether the caller is this user.
    pub fn is(&self, user: UserId) -> bool {
        self.person.as_ref().is_some_and(|person| person.user.id == user)
    }

    /// An id in a body that must be the caller's own: checked, never believed.
    pub fn must_be(&self, field: &'static str, claimed: Option<UserId>) -> Result<UserId, Error> {
        let own = self.user()?.id;
        match claimed {
            Some(other) if other != own => Err(Error::forbidden(format!("{field} is not your own id."))),
            _ => Ok(own),
        }
    }
}

/// Whether anything may be changed in an organization. What another daemon changes is seen here as late as of people.
pub(super) type Standings = moka::sync::Cache<OrganizationId, OrganizationStatus>;

/// Standings, of which nothing is known.
pub(super) fn standings() -> Standings {
    moka::sync::Cache::builder().max_capacity(PEOPLE).time_to_live(REMEMBERED).build()
}

/// People by their `sub`.
#[derive(Clone)]
pub(super) struct PeopleCache(moka::sync::Cache<String, Arc<Person>>);

impl Default for PeopleCache {
    fn default() -> Self {
        Self(moka::sync::Cache::builder().max_capacity(PEOPLE).time_to_live(REMEMBERED).build())
    }
}

impl PeopleCache {
    /// What is remembered of the person with this `sub` no longer holds.
    pub(super) fn forget(&self, subject: &str) {
        self.0.invalidate(subject);
    }

    /// What is remembered of anybody no longer holds.
    pub(super) fn forget_everybody(&self) {
        self.0.invalidate_all();
    }

    #[cfg(test)]
    pub(super) fn remember_for_tests(&self, subject: &str) {
        let user = crate::testing::user(subject);
        let person = Person { user, memberships: Vec::new(), issuer_state: IssuerState::Active };
        self.0.insert(subject.to_owned(), Arc::new(person));
    }

    #[cfg(test)]
    pub(super) fn remembers(&self, subject: &str) -> bool {
        self.0.contains_key(subject)
    }
}

impl Services {
    /// Who holds these claims.
    pub async fn identify(&self, claims: Arc<Claims>, source: RequestSource) -> Result<Caller, Error> {
        let person = match self.people.0.get(&claims.subject) {
            Some(person) => Some(person),
            None => self.find_person(&claims, &source).await?,
        };
        if let Some(person) = &person {
            must_be_active(person)?;
        }
        Ok(Caller { claims, person, source })
    }

    /// Looks the person up, as at every sign-in and every few seconds after. What a newer token says of them is taken over.
    async fn find_person(
        &self,
        claims: &Claims,
        source: &RequestSource,
    ) -> Result<Option<Arc<Person>>, Error> {
        self.must_be_up()?;
        let found = match &claims.service_client {
            Some(client) => self.recognize(client, &claims.subject, source).await?,
            None => self.store.find_user_by_subject(&claims.subject).await?,
        };
        let Some(mut user) = found else {
            self.must_not_be_erased(claims).await?;
            return Ok(None);
        };
        if let Some(profile) = profiles::news(&user, claims) {
            let by = Actor {
                user: Some(user.id),
                address: source.address,
                request_id: source.request_id.clone(),
                now: self.clock.now(),
            };
            let mut unit = self.units.begin(by).await?;
            if people::rules::refresh_profile(&mut unit, user.id, &profile).await? {
                user = unit.find_user(user.id).await?.unwrap_or(user);
                unit.commit().await?;
            }
        }
        let memberships = self.store.list_memberships(user.id).await?;
        let issuer_state = self.issuer_state(&user).await?;
        let person = Arc::new(Person { user, memberships, issuer_state });
        self.people.0.insert(claims.subject.clone(), person.clone());
        Ok(Some(person))
    }

    /// What is remembered of the person with this `sub` no longer holds.
    pub(super) fn forget_subject(&self, subject: &str) {
        self.people.forget(subject);
    }

    /// What the issuer last said of an account; from now on it is looked at while its owner is active here.
    async fn issuer_state(&self, user: &User) -> Result<IssuerState, Error> {
        let Some(keycloak) = &self.keycloak else { return Ok(IssuerState::Active) };
        let Some(state) = self.store.find_issuer_state(user.id).await? else {
            return Ok(IssuerState::Active);
        };
        keycloak.seen(user.id, &user.keycloak_id, state == IssuerState::Active, self.clock.now());
        Ok(state)
    }

    /// Refuses at once while the store is known to be away: nobody waits for what will not come.
    pub(super) fn must_be_up(&self) -> Result<(), Error> {
        if self.store_liveness.is_down() { Err(Error::unavailable()) } else { Ok(()) }
    }
}

pub(super) fn not_signed_up() -> Error {
    Error::forbidden("Please sign up first: this account is not known here yet.")
}

pub(super) fn must_not_be_suspended(user: &User) -> Result<(), Error> {
    if user.status == UserStatus::Suspended {
        return Err(Error::forbidden("This account is suspended."));
    }
    Ok(())
}

/// A valid token is not enough: the account must be good, here and at the issuer.
fn must_be_active(person: &Person) -> Result<(), Error> {
    must_not_be_suspended(&person.user)?;
    let gone = |what| Err(Error::new(ErrorCode::Unauthenticated, what));
    match person.issuer_state {
        IssuerState::Active => Ok(()),
        IssuerState::Disabled => gone("This account is disabled at the sign-in service."),
        IssuerState::Deleted => gone("This account no longer exists at the sign-in service."),
    }
}
