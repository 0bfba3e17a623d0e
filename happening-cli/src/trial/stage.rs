//! The stage of a trial.

use crate::app::App;
use crate::caller::Caller;
use crate::cleanup::Made;
use anyhow::Context as _;
use chrono::{SecondsFormat, TimeDelta};
use happening_core::client::{Client, ClientError};
use happening_core::id::OrganizationId;
use happening_core::wire::{CreateEvent, CreateOrganization, Event, Role, User};
use uuid::Uuid;

/// An organization of this age belongs to a trial that was killed: none takes as long.
const ABANDONED: TimeDelta = TimeDelta::hours(1);

/// What a stage is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Demo,
    Smoke,
    Load,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::Demo, Self::Smoke, Self::Load];

    fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Smoke => "smoke",
            Self::Load => "load",
        }
    }

    /// A name that no other stage has.
    pub fn name(self, id: Uuid) -> String {
        format!("Happening {} {:08x}", self.as_str(), id.as_fields().0)
    }

    /// Whether it is a name that [`Self::name`] gives.
    fn named(name: &str) -> bool {
        Self::ALL.iter().any(|purpose| {
            let number = name.strip_prefix(&format!("Happening {} ", purpose.as_str()));
            number.is_some_and(|number| {
                number.len() == 8 && number.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            })
        })
    }
}

/// Where a trial takes place.
pub struct Stage {
    pub caller: Caller,
    /// The caller.
    pub me: User,
    pub organization: OrganizationId,
    /// The organization was founded for this.
    is_own: bool,
}

impl Stage {
    /// Puts it up: in the named organization, else in one of its own.
    pub async fn put_up(app: &App<'_>, purpose: Purpose, org: Option<&str>) -> anyhow::Result<Self> {
        let caller = app.caller()?;
        let me = caller.me().await?;
        if let Some(org) = org {
            let organization = caller.organization(org).await?;
            return Ok(Self { caller, me, organization, is_own: false });
        }
        sweep(app, &caller.client, &me).await?;
        let create = CreateOrganization { name: purpose.name(app.draw()), settings: None };
        let client = caller.client.clone();
        let founding = async move { client.create_organization(&create).await };
        let founded = app.cleanup.make(&caller.client, founding, |made| Made::Organization(made.id)).await;
        let founded = founded.context("no organization was founded for this (--org names one that is there)");
        Ok(Self { organization: founded?.id, caller, me, is_own: true })
    }

    /// Publishes an event there.
    pub async fn publish(&self, app: &App<'_>, name: &str, seats: u32) -> Result<Event, ClientError> {
        let (client, create) = (&self.caller.client, event_of(app, self.organization, name, seats));
        if self.is_own {
            // It goes with its organization.
            return client.create_event(&create).await;
        }
        let asking = client.clone();
        let publishing = async move { asking.create_event(&create).await };
        app.cleanup.make(client, publishing, |made| Made::Event(made.id)).await
    }
}

/// An event that takes place long after the trial.
pub fn event_of(app: &App<'_>, org_id: OrganizationId, name: &str, total_slots: u32) -> CreateEvent {
    let date = app.clock.now() + TimeDelta::days(30);
    CreateEvent {
        org_id,
        created_by: None,
        name: name.to_owned(),
        description: None,
        category: None,
        event_date: date.to_rfc3339_opts(SecondsFormat::Secs, true),
        event_end: None,
        bookings_close_at: None,
        total_slots,
        waitlist_policy: None,
        bypass_limit: None,
        waitlist_limit: None,
        max_seats_per_booking: None,
    }
}

/// Removes organizations that trials of this person have left behind. One of another person is never touched, whatever it
/// is called.
pub async fn sweep(app: &App<'_>, client: &Client, me: &User) -> Result<(), ClientError> {
    let before = app.clock.now() - ABANDONED;
    for found in client.organizations_of(me.id).await? {
        let may_be_one = Purpose::named(&found.name) && found.created_at < before;
        if !may_be_one || found.role != Role::OrgAdmin {
            continue;
        }
        if client.organization(found.id).await?.owner_id != Some(me.id) {
            continue;
        }
        match client.delete_organization(found.id, true).await {
            Ok(_) => app.console.note(&format!("Removed `{}`, which was left behind.", found.name)),
            // It keeps nobody from trying.
            Err(error) => {
                app.console.warn(&format!("`{}` was left behind and stays: {error}", found.name));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_known_by_its_name() {
        for purpose in Purpose::ALL {
            let name = purpose.name("0197a1b2-0000-7000-8000-000000000001".parse().unwrap());
            assert!(name.ends_with(" 0197a1b2"), "{name}");
            assert!(Purpose::named(&name), "{name}");
        }
        for other in
            ["Happening smoke", "Happening smoke 0197A1B2", "Happening smoke 0197a1b", "Jazz", "Happening"]
        {
            assert!(!Purpose::named(other), "{other}");
        }
        assert!(!Purpose::named("My Happening smoke 0197a1b2"));
        assert!(!Purpose::named("Happening smoke 0197a1b2 and more"));
    }
}
