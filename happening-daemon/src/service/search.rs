//! Who finds whom.
//!
//! People of the caller's organizations are found by a part of their username or e-mail address. Anybody else is found only
//! by the whole of either: who knows it learns whether there is an account, its id, username and address, and nothing
//! more. So one request reads out at most [`MAX_NAMES`] accounts whose names the caller knew before.

use super::{Caller, Error, Page, Services, fields, pages};
use crate::store::UserFilter;
use happening_core::fields::address_key;
use happening_core::id::UserId;
use happening_core::wire::{FoundUser, Role, User, UsersQuery};
use std::collections::HashSet;

/// People in one answer to others than staff, unless they ask for fewer. There is no next page.
const MAX_FOUND: u32 = 50;

/// Names in one request.
const MAX_NAMES: usize = 20;

/// The same for staff.
const MAX_NAMES_STAFF: usize = 200;

/// Characters that a search has at least.
const MIN_TEXT: usize = 2;

impl Services {
    /// People whom the caller may find, for those who invite; any people, for staff.
    pub async fn list_users(&self, caller: &Caller, query: UsersQuery) -> Result<Page<FoundUser>, Error> {
        self.must_be_up()?;
        if let Some(names) = &query.names {
            return Ok(Page { items: self.users_called(caller, names).await?, next: None });
        }
        if caller.is_staff() {
            return self.all_users(query).await;
        }
        let viewer = must_search(caller)?;
        let limit = pages::size(query.limit)?.min(MAX_FOUND);
        let text = searched_text(&query)?;
        let filter = UserFilter { text: text.clone(), status: None, after: None, limit, among: Some(viewer) };
        let co_members = self.store.search_users(&filter).await?;
        let exact = self.found_called(viewer, &[text]).await?;
        Ok(Page { items: merged(exact, co_members, limit as usize), next: None })
    }

    async fn all_users(&self, query: UsersQuery) -> Result<Page<FoundUser>, Error> {
        let limit = pages::size(query.limit)?;
        let filter = UserFilter {
            text: fields::searched("search", query.search)?.unwrap_or_default(),
            status: query.status,
            after: query.cursor.as_deref().map(pages::read_text).transpose()?,
            limit: limit + 1,
            among: None,
        };
        let found = self.store.search_users(&filter).await?;
        let page = Page::of(found, limit, |last| pages::write_text(&last.username));
        Ok(Page { items: page.items.into_iter().map(FoundUser::from).collect(), next: page.next })
    }

    /// People with exactly these usernames or e-mail addresses, a comma between them.
    async fn users_called(&self, caller: &Caller, names: &str) -> Result<Vec<FoundUser>, Error> {
        let names: Vec<String> =
            names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let most = if caller.is_staff() { MAX_NAMES_STAFF } else { MAX_NAMES };
        if names.len() > most {
            return Err(Error::invalid("names", format!("must be at most {most}")));
        }
        if caller.is_staff() {
            let found = self.store.find_users_called(&names).await?;
            return Ok(found.into_iter().map(FoundUser::from).collect());
        }
        self.found_called(must_search(caller)?, &names).await
    }

    /// People with exactly these names, as `viewer` sees them.
    async fn found_called(&self, viewer: UserId, names: &[String]) -> Result<Vec<FoundUser>, Error> {
        let mut found = self.store.find_users_called(names).await?;
        // The databases fold other letters too, each its own.
        found.retain(|user| names.iter().any(|name| is_called(user, name)));
        let ids: Vec<UserId> = found.iter().map(|user| user.id).collect();
        let co_members = self.store.list_co_members(viewer, &ids).await?;
        Ok(found.into_iter().map(|user| as_seen(user, &co_members)).collect())
    }
}

/// The caller's own id, if the caller may search for people.
fn must_search(caller: &Caller) -> Result<UserId, Error> {
    let memberships = caller.person.as_ref().map_or(&[][..], |person| &person.memberships);
    if memberships.iter().any(|membership| membership.role >= Role::Organizer) {
        return Ok(caller.user()?.id);
    }
    Err(Error::forbidden("Only organizers and orgAdmins search for people."))
}

/// What others than staff may ask for.
fn searched_text(query: &UsersQuery) -> Result<String, Error> {
    if query.status.is_some() {
        return Err(Error::forbidden("Only operators and support list people by status."));
    }
    if query.cursor.is_some() {
        return Err(Error::forbidden(
            "Only operators and support get further pages: search for more of a name.",
        ));
    }
    let text = fields::searched("search", query.search.clone())?.unwrap_or_default();
    let text = text.trim();
    if text.chars().count() < MIN_TEXT {
        return Err(Error::invalid("search", format!("must have at least {MIN_TEXT} characters")));
    }
    Ok(text.to_owned())
}

/// Whether a name is the whole username or e-mail address of a user; only ASCII letters are folded.
fn is_called(user: &User, name: &str) -> bool {
    let key = address_key(name);
    address_key(&user.username) == key || address_key(&user.email) == key
}

/// A user as others than staff see them: without the telephone, and strangers by id, username and address alone.
fn as_seen(user: User, co_members: &HashSet<UserId>) -> FoundUser {
    if co_members.contains(&user.id) {
        FoundUser::from(User { phone: None, ..user })
    } else {
        FoundUser::as_stranger(user)
    }
}

/// Those who are called exactly so first, then co-members up to `limit`; sorted by username, nobody twice.
fn merged(called: Vec<FoundUser>, co_members: Vec<User>, limit: usize) -> Vec<FoundUser> {
    let ids: HashSet<UserId> = called.iter().map(|user| user.id).collect();
    let rest = co_members.into_iter().filter(|user| !ids.contains(&user.id));
    let rest = rest.map(|user| FoundUser::from(User { phone: None, ..user }));
    let mut found: Vec<FoundUser> = called.into_iter().chain(rest).take(limit).collect();
    found.sort_by(|one, other| one.username.cmp(&other.username));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;
    use chrono::DateTime;
    use happening_core::wire::UserStatus;

    fn user(ids: &Ids, name: &str) -> User {
        User {
            id: ids.user(),
            keycloak_id: format!("sub-{name}"),
            username: name.to_owned(),
            email: format!("{name}@example.org"),
            first_name: Some("First".to_owned()),
            last_name: None,
            phone: Some("1".to_owned()),
            avatar_url: None,
            status: UserStatus::Active,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            organizations: None,
        }
    }

    #[test]
    fn a_name_is_exact_but_for_the_case_of_ascii_letters() {
        let ada = user(&Ids::seeded(1), "ada.k");
        for name in ["ada.k", "ADA.K", "Ada.K@Example.ORG"] {
            assert!(is_called(&ada, name), "{name}");
        }
        for name in ["ada", "ada.", "ada.\u{212a}", "ada.k@example", "", "%"] {
            assert!(!is_called(&ada, name), "{name}");
        }
    }

    #[test]
    fn a_stranger_is_an_id_a_username_and_an_address() {
        let ids = Ids::seeded(1);
        let (ada, bo) = (user(&ids, "ada"), user(&ids, "bo"));
        let co_members = HashSet::from([bo.id]);
        let stranger = serde_json::to_value(as_seen(ada, &co_members)).expect("JSON");
        let told: Vec<_> =
            stranger.as_object().expect("an object").iter().filter(|(_, value)| !value.is_null()).collect();
        assert_eq!(
            told.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["email", "id", "username"]
        );
        let seen = as_seen(bo, &co_members);
        assert_eq!((seen.first_name.as_deref(), seen.phone), (Some("First"), None), "no telephone");
    }

    #[test]
    fn who_is_called_exactly_so_is_never_cut_off() {
        let ids = Ids::seeded(1);
        let (ada, adam, zoe) = (user(&ids, "ada"), user(&ids, "adam"), user(&ids, "zoe"));
        let called = vec![FoundUser::as_stranger(zoe.clone())];
        let found = merged(called, vec![ada, adam, zoe], 2);
        let names: Vec<_> = found.iter().map(|user| user.username.as_str()).collect();
        assert_eq!(names, ["ada", "zoe"]);
        assert_eq!(found[1].status, None, "as they were seen");
    }
}
