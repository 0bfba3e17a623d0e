//! One person: what others see of them, what they change themselves, whether they may act.

use super::fields;
use super::people::rules;
use super::{Caller, Error, Precondition, Services};
use crate::identity::Claims;
use crate::store::{Contact, ContactUpdate, Profile};
use happening_core::id::UserId;
use happening_core::wire::{UpdateUser, User, UserStatus};

impl Services {
    /// A person: in full for themselves and staff; for those who govern an organization of theirs without the telephone
    /// and without the other organizations.
    pub async fn user(&self, caller: &Caller, user: UserId) -> Result<User, Error> {
        self.must_be_up()?;
        let mut found = self.store.find_person(user).await?.ok_or_else(|| Error::not_found("user"))?;
        let mut memberships = self.store.list_memberships(user).await?;
        if !caller.is(user) && !caller.is_staff() {
            memberships.retain(|membership| caller.governs(membership.organization_id));
            if memberships.is_empty() {
                return Err(Error::not_found("user"));
            }
            found.phone = None;
        }
        found.organizations = Some(memberships);
        Ok(found)
    }

    /// Changes what the issuer does not know of the caller, if that meets `precondition`.
    pub async fn update_user(
        &self,
        caller: &Caller,
        user: UserId,
        update: UpdateUser,
        precondition: &Precondition,
    ) -> Result<User, Error> {
        let before = self.user(caller, user).await?;
        if !caller.is(user) {
            return Err(Error::forbidden("People change this themselves."));
        }
        precondition.must_admit(&before)?;
        let checked = ContactUpdate {
            phone: update.phone.map(|phone| phone.as_deref().map(fields::phone).transpose()).transpose()?,
            avatar_url: update
                .avatar_url
                .map(|url| url.as_deref().map(fields::avatar_url).transpose())
                .transpose()?,
        };
        if checked == ContactUpdate::default() {
            return self.user(caller, user).await;
        }
        let from =
            precondition.is_given().then_some(Contact { phone: before.phone, avatar_url: before.avatar_url });
        let mut unit = self.begin(caller).await?;
        rules::update_contact(&mut unit, user, from.as_ref(), checked).await?;
        let updated = rules::get(&mut unit, user).await?;
        unit.commit().await?;
        Ok(updated)
    }

    /// Suspends somebody, or lets them act again. This daemon knows at once, others within seconds.
    pub async fn set_user_status(
        &self,
        caller: &Caller,
        user: UserId,
        status: UserStatus,
    ) -> Result<User, Error> {
        self.user(caller, user).await?;
        if !caller.is_operator() {
            return Err(Error::forbidden("Only operators suspend people."));
        }
        if caller.is(user) {
            return Err(Error::forbidden("Nobody suspends themselves: ask another operator."));
        }
        let mut unit = self.begin(caller).await?;
        let left = rules::set_status(&mut unit, user, status).await?;
        let set = rules::get(&mut unit, user).await?;
        unit.commit().await?;
        self.serve_lines(&left).await;
        Ok(set)
    }
}

/// What a token says of a user, if it says anything new. The username stays: others know the person by it.
pub(super) fn news(user: &User, claims: &Claims) -> Option<Profile> {
    let email = fields::email(claims.email.as_deref()?).ok()?;
    let profile = Profile {
        email,
        first_name: fields::claimed_name(claims.first_name.as_deref()),
        last_name: fields::claimed_name(claims.last_name.as_deref()),
        issued_at: claims.issued_at?,
    };
    let differs = |said: &Option<String>, known: &Option<String>| said.is_some() && said != known;
    let is_news = profile.email != user.email
        || differs(&profile.first_name, &user.first_name)
        || differs(&profile.last_name, &user.last_name);
    is_news.then_some(profile)
}
