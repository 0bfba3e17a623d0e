//! The daemon, asked as somebody, and what names mean to them.

use crate::exit::{self, CliError, Exit};
use crate::output::visible;
use happening_core::client::{Client, ClientError, Page};
use happening_core::id::{OrganizationId, UserId};
use happening_core::signin::{self, Claims, Session};
use happening_core::wire::{ErrorCode, FoundUser, Membership, OrganizationsQuery, Role, User};
use serde::de::DeserializeOwned;

/// Organizations of similar names that are read at a time.
const PAGE: u32 = 500;

/// The daemon, asked as whoever is signed in.
pub struct Caller {
    pub client: Client,
    pub session: Session,
}

impl Caller {
    /// The caller as the daemon knows them. Whoever comes with a token of their own may not be known yet.
    pub async fn me(&self) -> Result<User, anyhow::Error> {
        let person = signin::ensure_person(&self.session, &self.client).await?;
        person.user.ok_or_else(|| unknown(&person.claims).into())
    }

    /// The organization that is meant by an id, or by a name among the caller's own or, for staff, among all.
    pub async fn organization(&self, id_or_name: &str) -> Result<OrganizationId, anyhow::Error> {
        if let Ok(id) = id_or_name.parse() {
            return Ok(id);
        }
        let person = signin::ensure_person(&self.session, &self.client).await?;
        let stranger = person.user.is_none().then(|| unknown(&person.claims));
        let mine = person.user.and_then(|user| user.organizations).unwrap_or_default();
        match called(&mine, id_or_name, |one| &one.organization_name) {
            Called::One(one) => Ok(one.organization_id),
            Called::Several => Err(CliError::Usage(format!(
                "several of your organizations are called `{}`: name the id\n{}",
                visible(id_or_name),
                listed(&mine)
            ))
            .into()),
            Called::None => match (self.organization_of_others(id_or_name).await?, stranger) {
                (Some(id), _) => Ok(id),
                (None, Some(stranger)) => Err(stranger.into()),
                (None, None) => Err(CliError::NotFound(none_of(&mine, id_or_name)).into()),
            },
        }
    }

    /// The same, or none if there is none that the caller may see.
    pub async fn organization_if_any(
        &self,
        id_or_name: &str,
    ) -> Result<Option<OrganizationId>, anyhow::Error> {
        let id = match self.organization(id_or_name).await {
            Ok(id) => id,
            Err(error) if exit::of(&error) == Exit::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // Operators and support still see what is deleted.
        match self.client.organization(id).await {
            Err(error) if is_missing(&error) => Ok(None),
            found => Ok(Some(found?).filter(|found| found.deleted_at.is_none()).map(|found| found.id)),
        }
    }

    /// Staff see them all; who is none sees their own here too.
    async fn organization_of_others(&self, name: &str) -> Result<Option<OrganizationId>, anyhow::Error> {
        let query =
            OrganizationsQuery { q: Some(name.trim().to_owned()), limit: Some(PAGE), ..Default::default() };
        let first = self.client.find_organizations(&query).await?;
        let similar = self.all_of(first, usize::MAX).await?;
        match called(&similar, name, |one| &one.name) {
            Called::One(one) => Ok(Some(one.id)),
            Called::None => Ok(None),
            Called::Several => Err(CliError::Usage(format!(
                "several organizations are called `{}`: `happening org list --any` shows their ids",
                visible(name)
            ))
            .into()),
        }
    }

    /// The organization in which the caller may publish, if it is only one.
    pub async fn publishing_organization(&self) -> Result<OrganizationId, anyhow::Error> {
        self.only_organization("publish", Role::Organizer, "you are organizer or orgAdmin in no organization")
            .await
    }

    /// The organization that the caller governs, if it is only one.
    pub async fn governed_organization(&self) -> Result<OrganizationId, anyhow::Error> {
        self.only_organization("invite", Role::OrgAdmin, "you are orgAdmin in no organization").await
    }

    async fn only_organization(
        &self,
        what: &str,
        least: Role,
        none: &str,
    ) -> Result<OrganizationId, anyhow::Error> {
        let mut mine = self.me().await?.organizations.unwrap_or_default();
        mine.retain(|membership| membership.role >= least);
        let why = match mine.as_slice() {
            [one] => return Ok(one.organization_id),
            [] => format!("{none}: name one with --org, or ask an orgAdmin for the role"),
            several => {
                format!("you may {what} in several organizations: name one with --org\n{}", listed(several))
            }
        };
        Err(CliError::Usage(why).into())
    }

    /// The user that is meant by an id, or by a username or an e-mail address.
    pub async fn user(&self, id_or_name: &str) -> Result<UserId, anyhow::Error> {
        if let Ok(id) = id_or_name.parse() {
            return Ok(id);
        }
        let name = id_or_name.trim();
        let found = match self.client.users_called(name).await {
            // Who may look up nobody may still name themselves.
            Err(error) if error.code() == Some(ErrorCode::Forbidden) => vec![self.me().await?.into()],
            found => found?,
        };
        // A username is one person's; an address may be several people's.
        let called = found.iter().find(|user| user.username.eq_ignore_ascii_case(name));
        let of_address: Vec<&FoundUser> =
            found.iter().filter(|user| user.email.eq_ignore_ascii_case(name)).collect();
        match (called, of_address.as_slice()) {
            (Some(user), _) => Ok(user.id),
            (None, [user]) => Ok(user.id),
            (None, []) => Err(CliError::NotFound(format!(
                "nobody whom you may find is called `{}`: it has to be the whole username or address",
                visible(name)
            ))
            .into()),
            (None, several) => Err(CliError::Usage(format!(
                "{} people have the address {}: name the username or the id",
                several.len(),
                visible(name)
            ))
            .into()),
        }
    }

    /// The user that is meant, or the caller if none is.
    pub async fn user_or_me(&self, id_or_name: Option<&str>) -> Result<UserId, anyhow::Error> {
        match id_or_name {
            Some(user) => self.user(user).await,
            None => Ok(self.me().await?.id),
        }
    }

    /// What is on this page and on those after it, up to so many.
    pub async fn all_of<T: DeserializeOwned>(
        &self,
        first: Page<T>,
        most: usize,
    ) -> Result<Vec<T>, ClientError> {
        let Page { mut items, mut next } = first;
        while let Some(link) = next.filter(|_| items.len() < most) {
            let page = self.client.next_page(&link).await?;
            items.extend(page.items);
            next = page.next;
        }
        items.truncate(most);
        Ok(items)
    }

    /// The user that is meant, or none if there is none that the caller may see.
    pub async fn user_if_any(&self, id_or_name: &str) -> Result<Option<UserId>, anyhow::Error> {
        match self.user(id_or_name).await {
            Err(error) if exit::of(&error) == Exit::NotFound => Ok(None),
            found => found.map(Some),
        }
    }
}

/// What a name leads to.
pub enum Called<'a, T> {
    None,
    One(&'a T),
    Several,
}

/// The thing of this name. One that is written so outranks those that differ in capitals; around it there are no spaces, for
/// the daemon trims names.
pub fn called<'a, T>(all: &'a [T], name: &str, of: impl Fn(&T) -> &str) -> Called<'a, T> {
    let name = name.trim();
    let exact = all.iter().filter(|one| of(one) == name);
    let similar = all.iter().filter(|one| of(one).eq_ignore_ascii_case(name));
    for found in [exact.collect::<Vec<_>>(), similar.collect()] {
        match found.as_slice() {
            [] => {}
            [one] => return Called::One(one),
            _ => return Called::Several,
        }
    }
    Called::None
}

/// Whether what was meant is not there, or not for the caller.
pub fn is_missing(error: &ClientError) -> bool {
    error.code() == Some(ErrorCode::NotFound)
}

/// Why somebody with a token is nobody here.
fn unknown(claims: &Claims) -> CliError {
    let why = match claims.service_account() {
        Some(client) => format!(
            "the service account {client} has no role in any organization: an orgAdmin gives it one with \
             `happening org map-service-account ORG {client} organizer`"
        ),
        None => "this takes a person, and the token names none (it has no e-mail address)".to_owned(),
    };
    CliError::Forbidden(visible(&why))
}

fn none_of(mine: &[Membership], name: &str) -> String {
    if mine.is_empty() {
        return format!("no organization is called `{}`", visible(name));
    }
    format!("none of your organizations is called `{}`\n{}", visible(name), listed(mine))
}

fn listed(memberships: &[Membership]) -> String {
    let lines: Vec<_> = memberships
        .iter()
        .map(|m| format!("  {}  {} ({})", m.organization_id, visible(&m.organization_name), m.role))
        .collect();
    lines.join("\n")
}
