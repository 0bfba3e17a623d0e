//! What is there, as far as a declaration needs to know: every list is read to its end.

use crate::caller::Caller;
use crate::exit::CliError;
use crate::output::visible;
use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use happening_core::client::ClientError;
use happening_core::declare::document::DeclaredOrganization;
use happening_core::declare::{Actual, Declaration, names_to_look_up};
use happening_core::id::OrganizationId;
use happening_core::wire::{EventsQuery, FoundUser, MembersQuery, Organization, PageQuery, UsersQuery};

/// A page of a list.
const PAGE: u32 = 1_000;

/// Names that are asked for at a time, and requests at once.
const NAMES: usize = 20;
const AT_ONCE: usize = 8;

/// Reads what a declaration is compared with.
pub async fn read(caller: &Caller, declaration: &Declaration) -> anyhow::Result<Actual> {
    let me = caller.me().await.ok().map(|me| me.id);
    let Some(organization) = find(caller, &declaration.organization).await? else {
        let people = look_up(caller, names_to_look_up(declaration, &[])).await?;
        return Ok(Actual { caller: me, people, ..Actual::default() });
    };
    let wants_invites = declaration.members.is_some() || declaration.invites.is_some();
    let wants = Wants {
        invites: wants_invites,
        service_accounts: declaration.service_accounts.is_some(),
        events: declaration.events.is_some(),
    };
    let mut actual = all(caller, organization, wants).await?;
    actual.caller = me;
    actual.people = look_up(caller, names_to_look_up(declaration, &actual.members)).await?;
    Ok(actual)
}

/// Which lists: some are for orgAdmins alone, and who declares none of their kind need not be one.
#[derive(Clone, Copy)]
struct Wants {
    invites: bool,
    service_accounts: bool,
    events: bool,
}

/// Reads all of an organization.
pub async fn whole(caller: &Caller, id: OrganizationId) -> anyhow::Result<(Organization, Actual)> {
    let organization = caller.client.organization(id).await.context("the organization")?;
    let wants = Wants { invites: true, service_accounts: true, events: true };
    let actual = all(caller, organization.clone(), wants).await?;
    Ok((organization, actual))
}

async fn all(caller: &Caller, organization: Organization, wants: Wants) -> anyhow::Result<Actual> {
    let (client, id) = (&caller.client, organization.id);
    let limit = Some(PAGE);
    let members = client.find_members(id, &MembersQuery { limit, ..MembersQuery::default() }).await;
    let members = caller.all_of(members.context("its members")?, usize::MAX).await.context("its members")?;
    let mut actual = Actual { organization: Some(organization), members, ..Actual::default() };
    if wants.invites {
        let invites = client.find_invites(id, &PageQuery { limit, cursor: None }).await;
        actual.invites =
            caller.all_of(invites.context("its invites")?, usize::MAX).await.context("its invites")?;
    }
    if wants.service_accounts {
        actual.service_accounts = client.service_accounts(id).await.context("its service accounts")?;
    }
    if wants.events {
        let query = EventsQuery { org_id: Some(id), limit, ..EventsQuery::default() };
        let events = client.find_events(&query).await;
        actual.events =
            caller.all_of(events.context("its events")?, usize::MAX).await.context("its events")?;
    }
    Ok(actual)
}

/// The organization that is declared, if there is one.
async fn find(caller: &Caller, declared: &DeclaredOrganization) -> anyhow::Result<Option<Organization>> {
    if let Some(id) = &declared.id {
        let found = caller.client.organization(id.value).await;
        return Ok(Some(found.with_context(|| format!("the organization with the id of line {}", id.line))?));
    }
    let name = declared.name.value.trim();
    let mut known = caller.client.organizations().await?;
    known.retain(|known| known.deleted_at.is_none() && known.name.trim().eq_ignore_ascii_case(name));
    if known.len() > 1 {
        let ids: Vec<_> = known.iter().map(|known| known.id.to_string()).collect();
        let why = format!("{} organizations are called `{}`", known.len(), visible(name));
        return Err(CliError::Conflict(format!(
            "{why}: declare which is meant by its `id`: {}",
            ids.join(", ")
        ))
        .into());
    }
    Ok(known.pop())
}

/// Those of these names who have an account.
async fn look_up(caller: &Caller, names: Vec<String>) -> Result<Vec<FoundUser>, ClientError> {
    // A comma separates names, so no name has one.
    let names: Vec<String> = names.into_iter().filter(|name| !name.contains(',')).collect();
    let queries: Vec<UsersQuery> = names
        .chunks(NAMES)
        .map(|names| UsersQuery { names: Some(names.join(",")), ..UsersQuery::default() })
        .collect();
    let asked = stream::iter(queries).map(|query| async move { caller.client.users(&query).await });
    Ok(asked.buffered(AT_ONCE).try_collect::<Vec<_>>().await?.concat())
}
