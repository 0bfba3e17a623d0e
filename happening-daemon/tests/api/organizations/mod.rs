//! Organizations: who governs them, what suspension and deletion do, scripts that act in them, and what is written down.

mod audit;
mod consent;
mod governance;
mod members;
mod service_accounts;
mod suspension;

use crate::raw::Raw;
use crate::support::parts::Parts;
use crate::support::people::{Signed, demo_organization, sign_in};
use crate::support::{Daemon, refused};
use happening_core::id::{OrganizationId, UserId};

/// *Demo*, and its people.
struct Scene {
    parts: Parts,
    daemon: Daemon,
    raw: Raw,
    organization: OrganizationId,
    operator: Signed,
    support: Signed,
    admin: Signed,
    organizer: Signed,
    member: Signed,
    guest: Signed,
}

impl Scene {
    async fn set(parts: Parts) -> Self {
        let daemon = Daemon::start(&parts).await;
        let names = ["operator", "support", "admin", "organizer", "member", "guest"];
        let people = futures::future::join_all(names.map(|name| sign_in(&daemon, name))).await;
        let [operator, support, admin, organizer, member, guest] =
            <[Signed; 6]>::try_from(people).unwrap_or_else(|_| unreachable!("six people"));
        let organization = demo_organization(&admin).await;
        let raw = Raw::new(&daemon);
        Self { parts, daemon, raw, organization, operator, support, admin, organizer, member, guest }
    }
}

fn id(person: &Signed) -> UserId {
    person.user.expect("a user")
}
