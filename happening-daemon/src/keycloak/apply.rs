//! Making Keycloak equal to the truth, one task at a time: look, compare, then change what differs. Everything may be done
//! twice, and by two at once.
//!
//! An organization of ours is found there by its noted id, else by an attribute that holds ours. Its alias is made of our id,
//! and aliases are unique there: of two who make it at once one fails, and finds what the other made.
//!
//! Organizations at Keycloak know members and no roles. Who governs and who organizes is kept as attributes, lists of `sub`.
//! Keycloak's groups of an organization (since 26.6) would say the same in several requests for each change, none of them
//! together with another, and existing deployments may have none.

use super::SyncTask;
use crate::identity::directory::{Addition, DirectoryError, DirectoryOrganization, HAPPENING_ID};
use crate::store::{KeycloakTask, OrganizationTruth, StoreError};
use happening_core::id::{OrganizationId, UserId};
use serde_json::Map;
use std::collections::BTreeMap;
use thiserror::Error;

/// Attributes with who runs an organization.
const ORG_ADMINS: &str = "happening_org_admins";
const ORGANIZERS: &str = "happening_organizers";

/// Why a task could not be applied to Keycloak.
#[derive(Debug, Error)]
pub(super) enum SyncError {
    /// What is true could not be read, or what came of it not be noted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Keycloak did not do it.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl SyncTask {
    /// Makes Keycloak equal to what is true of this now.
    pub(super) async fn apply(&self, task: &KeycloakTask) -> Result<(), SyncError> {
        match task {
            KeycloakTask::Organization(organization) => self.apply_organization(*organization).await,
            KeycloakTask::Member { organization, user, subject } => {
                self.apply_member(*organization, *user, subject).await
            }
            KeycloakTask::Account { subject, .. } => Ok(self.directory.delete_account(subject).await?),
        }
    }

    async fn apply_organization(&self, ours: OrganizationId) -> Result<(), SyncError> {
        let Some(truth) = self.store.find_organization_truth(ours).await? else { return Ok(()) };
        let there = self.find(ours, &truth).await?;
        if truth.deleted {
            if let Some(there) = there {
                self.directory.delete_organization(&there.id).await?;
            }
            return Ok(());
        }
        let there = match there {
            Some(there) => there,
            None => self.create(ours, &truth).await?,
        };
        // Before it is changed: whoever waits to add members need not wait for that.
        self.store.set_keycloak_org_id(ours, &there.id, self.clock.now()).await?;
        let wanted = wanted(ours, &truth, &there);
        if wanted == there {
            return Ok(());
        }
        match self.directory.update_organization(&wanted).await {
            Err(DirectoryError::Conflict(_)) => {
                let name = name_of_its_own(ours, &truth.name);
                Ok(self.directory.update_organization(&DirectoryOrganization { name, ..wanted }).await?)
            }
            done => Ok(done?),
        }
    }

    async fn apply_member(&self, ours: OrganizationId, user: UserId, subject: &str) -> Result<(), SyncError> {
        let truth = self.store.find_organization_truth(ours).await?;
        // A deleted organization has its own task, and takes its members along.
        let Some(truth) = truth.filter(|truth| !truth.deleted) else { return Ok(()) };
        if !self.store.is_keycloak_member(ours, subject).await? {
            if let Some(there) = self.find(ours, &truth).await? {
                self.directory.remove_member(&there.id, subject).await?;
            }
            return Ok(());
        }
        let id = match &truth.keycloak_org_id {
            Some(id) => id.clone(),
            None => self.find_or_create(ours, &truth).await?,
        };
        if self.directory.add_member(&id, subject).await? == Addition::Member {
            return Ok(());
        }
        if self.directory.find_account(subject).await?.is_none() {
            tracing::info!(%user, "no account at Keycloak to make a member of");
            return Ok(());
        }
        // The organization is gone there: a new one has its members queued, this one too.
        self.apply_organization(ours).await
    }

    /// The organization as it is there.
    async fn find(
        &self,
        ours: OrganizationId,
        truth: &OrganizationTruth,
    ) -> Result<Option<DirectoryOrganization>, DirectoryError> {
        if let Some(id) = &truth.keycloak_org_id
            && let Some(there) = self.directory.find_organization(id).await?
            // One that was made before us says nothing; one that says another id is another one.
            && is_ours(ours, &there).unwrap_or(true)
        {
            return Ok(Some(there));
        }
        self.directory.find_organization_of(ours).await
    }

    async fn find_or_create(
        &self,
        ours: OrganizationId,
        truth: &OrganizationTruth,
    ) -> Result<String, SyncError> {
        let there = match self.find(ours, truth).await? {
            Some(there) => there,
            None => self.create(ours, truth).await?,
        };
        self.store.set_keycloak_org_id(ours, &there.id, self.clock.now()).await?;
        Ok(there.id)
    }

    async fn create(
        &self,
        ours: OrganizationId,
        truth: &OrganizationTruth,
    ) -> Result<DirectoryOrganization, DirectoryError> {
        let nothing = DirectoryOrganization {
            id: String::new(),
            name: truth.name.clone(),
            alias: Some(format!("happening-{ours}")),
            enabled: true,
            attributes: BTreeMap::new(),
            rest: Map::new(),
        };
        let mut new = wanted(ours, truth, &nothing);
        let refused = match self.directory.create_organization(&new).await {
            Ok(id) => return Ok(DirectoryOrganization { id, ..new }),
            Err(refused) if refused.is_outage() => return Err(refused),
            Err(refused) => refused,
        };
        // Made by another one meanwhile, or by an earlier request of ours whose answer was lost.
        if let Some(there) = self.directory.find_organization_of(ours).await? {
            return Ok(there);
        }
        if !matches!(refused, DirectoryError::Conflict(_)) {
            return Err(refused);
        }
        new.name = name_of_its_own(ours, &truth.name);
        let id = self.directory.create_organization(&new).await?;
        Ok(DirectoryOrganization { id, ..new })
    }
}

/// Whether it says that it is this one of ours, or another one; `None` if it says nothing.
fn is_ours(ours: OrganizationId, there: &DirectoryOrganization) -> Option<bool> {
    let said = there.attributes.get(HAPPENING_ID)?.first()?;
    Some(*said == ours.to_string())
}

/// Names are unique there and not here: the last letters of an id are drawn at random. There as here a name has 255 letters
/// at most.
fn name_of_its_own(ours: OrganizationId, name: &str) -> String {
    let id = ours.to_string();
    let suffix = format!(" ({})", &id[id.len() - 8..]);
    name.chars().take(255 - suffix.len()).chain(suffix.chars()).collect()
}

/// What an organization there should be, given what it is: attributes of others stay, and so does a name that had to be
/// made unique.
fn wanted(
    ours: OrganizationId,
    truth: &OrganizationTruth,
    there: &DirectoryOrganization,
) -> DirectoryOrganization {
    let mut wanted = there.clone();
    if wanted.name != name_of_its_own(ours, &truth.name) {
        wanted.name.clone_from(&truth.name);
    }
    wanted.enabled = !truth.suspended;
    let lists = [
        (HAPPENING_ID, &vec![ours.to_string()]),
        (ORG_ADMINS, &truth.org_admins),
        (ORGANIZERS, &truth.organizers),
    ];
    for (name, values) in lists {
        let known = there.attributes.get(name).cloned().unwrap_or_default();
        if values.is_empty() {
            wanted.attributes.remove(name);
        } else if sorted(known) != *values {
            wanted.attributes.insert(name.to_owned(), values.clone());
        }
    }
    wanted
}

/// Keycloak keeps no order.
fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    fn there(ours: OrganizationId) -> DirectoryOrganization {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        DirectoryOrganization {
            id: "kc-1".to_owned(),
            name: "House".to_owned(),
            alias: Some("house".to_owned()),
            enabled: true,
            attributes: BTreeMap::from([
                (HAPPENING_ID.to_owned(), vec![ours.to_string()]),
                (ORG_ADMINS.to_owned(), list(&["b", "a"])),
                (ORGANIZERS.to_owned(), list(&["c"])),
                ("colour".to_owned(), list(&["red"])),
            ]),
            rest: Map::from_iter([("domains".to_owned(), serde_json::json!([{ "name": "a.org" }]))]),
        }
    }

    fn truth() -> OrganizationTruth {
        OrganizationTruth {
            name: "House".to_owned(),
            keycloak_org_id: None,
            suspended: false,
            deleted: false,
            org_admins: vec!["a".to_owned(), "b".to_owned()],
            organizers: vec!["c".to_owned()],
        }
    }

    #[test]
    fn what_is_equal_stays_as_it_is() {
        let ours = Ids::default().organization();
        assert_eq!(wanted(ours, &truth(), &there(ours)), there(ours));
        let unique = name_of_its_own(ours, "House");
        let suffixed = DirectoryOrganization { name: unique, ..there(ours) };
        assert_eq!(wanted(ours, &truth(), &suffixed), suffixed, "a name that was taken");
    }

    #[test]
    fn a_name_of_its_own_fits() {
        let ours = Ids::default().organization();
        let name = name_of_its_own(ours, &"ö".repeat(255));
        assert_eq!(name.chars().count(), 255);
        assert!(name.starts_with("öö") && name.ends_with(')'), "{name}");
    }

    #[test]
    fn what_differs_changes_and_nothing_else() {
        let ours = Ids::default().organization();
        let changed = OrganizationTruth {
            name: "Manor".to_owned(),
            suspended: true,
            org_admins: vec!["a".to_owned()],
            organizers: Vec::new(),
            ..truth()
        };
        let wanted = wanted(ours, &changed, &there(ours));
        assert_eq!((wanted.name.as_str(), wanted.enabled), ("Manor", false));
        assert_eq!(wanted.attributes[ORG_ADMINS], ["a"]);
        assert!(!wanted.attributes.contains_key(ORGANIZERS));
        assert_eq!(wanted.attributes["colour"], ["red"]);
        assert_eq!(
            (&wanted.rest, &wanted.alias, &wanted.id),
            (&there(ours).rest, &there(ours).alias, &there(ours).id)
        );
    }

    #[test]
    fn an_organization_of_before_us_is_adopted_and_anothers_is_not() {
        let ours = Ids::default().organization();
        let mut before = there(ours);
        assert_eq!(is_ours(ours, &before), Some(true));
        assert_eq!(is_ours(Ids::default().organization(), &before), Some(false));
        before.attributes.clear();
        assert_eq!(is_ours(ours, &before), None);
        assert_eq!(wanted(ours, &truth(), &before).attributes[HAPPENING_ID], [ours.to_string()]);
    }
}
