//! Keycloak is in step with the database: after everything that happens to an organization and its members, and whatever
//! happens to Keycloak meanwhile.

use crate::middleman::Middleman;
use crate::stack::{Fault, Outage, Part};
use crate::stage::{Turn, pause, take_stack};
use crate::support::keycloak::{Keycloak, Newcomer};
use crate::support::parts::Parts;
use crate::support::people::{join_by, password_grant};
use crate::support::{Daemon, eventually};
use happening_core::client::Client;
use happening_core::id::{OrganizationId, UserId};
use happening_core::wire::{
    CreateInvite, CreateOrganization, EraseUser, Health, KeycloakStatus, OrganizationStatus, Role,
    UpdateOrganization,
};
use serde_json::Value;
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How soon a change is at Keycloak while that answers, on a machine that has other things to do.
const SOON: Duration = Duration::from_secs(20);

/// How soon after its return Keycloak has everything.
const CAUGHT_UP: Duration = Duration::from_mins(1);

/// How soon a request is answered, Keycloak or no Keycloak.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Daemons on an empty database, and Keycloak's administrator to compare it with. The daemons end before their parts go.
pub struct House {
    pub daemons: Vec<Daemon>,
    pub keycloak: Keycloak,
    pub truth: PgPool,
    pub parts: Parts,
    _turn: Turn,
}

impl House {
    pub async fn with(daemons: usize) -> Self {
        let (turn, parts) = take_stack().await;
        Self::of(turn, parts, daemons, &[]).await
    }

    /// One daemon, which asks somebody in between for Keycloak.
    async fn behind(middleman: &Middleman) -> Self {
        let (turn, parts) = take_stack().await;
        Self::of(turn, parts, 1, &middleman.settings()).await
    }

    async fn of(turn: Turn, parts: Parts, daemons: usize, settings: &[(&str, &str)]) -> Self {
        let mut started = Vec::new();
        for _ in 0..daemons {
            started.push(Daemon::start_empty_with(&parts, settings).await);
        }
        let keycloak = Keycloak::administered();
        let token = password_grant(&keycloak.issuer(), "operator").await;
        // Once for each daemon, so that they know the keys whatever becomes of Keycloak.
        for daemon in &started {
            daemon.client(token.clone()).admin_status().await.expect("a status");
        }
        let truth = parts.postgres().await;
        Self { daemons: started, keycloak, truth, parts, _turn: turn }
    }

    /// Speaks for an operator to the first daemon.
    pub async fn operator(&self) -> Client {
        self.daemon().client(password_grant(&self.keycloak.issuer(), "operator").await)
    }

    /// How Keycloak is kept in step, as an operator is told.
    pub async fn status(&self) -> KeycloakStatus {
        self.operator().await.admin_status().await.expect("a status").keycloak
    }

    pub fn daemon(&self) -> &Daemon {
        &self.daemons[0]
    }

    /// Somebody new, who has a token and has not signed up yet.
    pub async fn newcomer(&self, mailbox: &str) -> (Newcomer, String) {
        let newcomer = self.keycloak.newcomer(mailbox).await;
        let token = newcomer.token(&self.keycloak).await;
        (newcomer, token)
    }

    /// Waits until Keycloak equals the database and nothing is left to be told; says what differed.
    pub async fn is_in_step(&self, what: &str, patience: Duration) {
        let started = Instant::now();
        loop {
            let differences = self.differences().await;
            if differences.is_empty() {
                return;
            }
            let status = self.status().await;
            assert!(started.elapsed() < patience, "{what}: {differences:?}, {status:?}");
            pause(200).await;
        }
    }

    /// What differs between the database and Keycloak.
    async fn differences(&self) -> Vec<String> {
        let mut differences = Vec::new();
        let pending: i64 = sqlx::query_scalar("SELECT count(*) FROM keycloak_tasks")
            .fetch_one(&self.truth)
            .await
            .expect("a count");
        if pending > 0 {
            differences.push(format!("{pending} tasks"));
        }
        let rows: Vec<(String, String, Option<String>, bool, bool)> = sqlx::query_as(
            "SELECT id::text, name, keycloak_org_id, status = 'suspended', deleted_at IS NOT NULL FROM organizations",
        )
        .fetch_all(&self.truth)
        .await
        .expect("organizations");
        for (id, name, keycloak_org_id, is_suspended, is_deleted) in rows {
            let there = self.keycloak.organizations_of(&id).await;
            if is_deleted && there.is_empty() {
                continue;
            }
            let ([there], false) = (there.as_slice(), is_deleted) else {
                differences.push(format!("{} of {name}, deleted: {is_deleted}", there.len()));
                continue;
            };
            if there["enabled"] == is_suspended {
                differences.push(format!("{name} is enabled there: {}", there["enabled"]));
            }
            differences.extend(self.differences_of(&id, &name, keycloak_org_id.as_deref(), there).await);
        }
        differences
    }

    async fn differences_of(&self, id: &str, name: &str, known: Option<&str>, there: &Value) -> Vec<String> {
        let mut differences = Vec::new();
        let (there_id, there_name) = (there["id"].as_str(), there["name"].as_str().expect("a name"));
        if there_id != known {
            differences.push(format!("{name} is {there_id:?} there and {known:?} here"));
        }
        if there_name != name && !there_name.starts_with(&format!("{name} (")) {
            differences.push(format!("{name} is called {there_name}"));
        }
        let everyone = ["orgAdmin", "organizer", "user"];
        let members = self.keycloak.members(there_id.expect("an id")).await;
        let lists = [
            (&everyone[..], members),
            (&everyone[..1], attribute(there, "happening_org_admins")),
            (&everyone[1..2], attribute(there, "happening_organizers")),
        ];
        for (roles, found) in lists {
            let expected = self.subjects(id, roles).await;
            if found != expected {
                differences.push(format!("{name}, {roles:?}: {found:?} there, {expected:?} here"));
            }
        }
        differences
    }

    async fn subjects(&self, organization: &str, roles: &[&str]) -> BTreeSet<String> {
        let members: Vec<String> = sqlx::query_scalar(
            "SELECT u.keycloak_id FROM organization_users m JOIN users u ON u.id = m.user_id \
             WHERE m.organization_id = $1::uuid AND m.role = ANY($2)",
        )
        .bind(organization)
        .bind(roles)
        .fetch_all(&self.truth)
        .await
        .expect("members");
        members.into_iter().collect()
    }
}

fn attribute(there: &Value, name: &str) -> BTreeSet<String> {
    let values = there["attributes"][name].as_array().cloned().unwrap_or_default();
    values.iter().map(|value| value.as_str().expect("text").to_owned()).collect()
}

/// What happens to an organization and its members, one step after the other.
struct Story {
    ada: Newcomer,
    organization: OrganizationId,
    max: Newcomer,
    max_id: UserId,
}

/// The steps after the two have signed up.
const STEPS: [Step; 6] = [
    Step::Invitation,
    Step::Role(Role::Organizer),
    Step::Role(Role::OrgAdmin),
    Step::Role(Role::User),
    Step::Namesake,
    Step::Removal,
];

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Ada invites Max, who accepts.
    Invitation,
    /// Max gets another role.
    Role(Role),
    /// Ada founds another organization with the name of the first one.
    Namesake,
    /// Max is removed.
    Removal,
}

impl Story {
    /// `ada` speaks for Ada, `max` for Max.
    async fn take(&self, step: Step, ada: Client, max: &Client) {
        let (client, organization) = (&ada, self.organization);
        match step {
            Step::Invitation => {
                let create = CreateInvite {
                    email: self.max.email.clone(),
                    role: Role::User,
                    invited_by: None,
                    message: None,
                    organization_id: Some(organization),
                };
                let sent = client.send_invite(&create).await.expect("an invite");
                max.accept_invite(sent.invite.id).await.expect("accepted");
            }
            Step::Role(role) => {
                client.set_member(organization, self.max_id, role).await.expect("a role");
            }
            Step::Namesake => {
                let name = client.organization(organization).await.expect("an organization").name;
                let create = CreateOrganization { name, settings: None };
                client.create_organization(&create).await.expect("a namesake");
            }
            Step::Removal => {
                client.remove_member(organization, self.max_id).await.expect("removed");
            }
        }
    }
}

/// Plays the story; Keycloak has the fault during each step, or none.
async fn is_told_step_by_step(fault: Option<Fault>) {
    let house = House::with(1).await;
    // Both have the same mailbox, so that their organizations have the same name.
    let (ada, max) = (house.newcomer("twin").await, house.newcomer("twin").await);
    let signed_up = during(&house, fault, "the first sign-in", async || {
        let signed_up = ada.0.sign_up(house.daemon(), ada.1.clone()).await;
        (signed_up, max.0.sign_up(house.daemon(), max.1.clone()).await)
    });
    let ((signed_in, signed_up), (_, max_up)) = signed_up.await;
    let organization = signed_up.organization_id.expect("an organization of one's own");
    let known = signed_in.client.organization(organization).await.expect("an organization").keycloak_org_id;
    assert!(known.is_some(), "the row names it");
    let story = Story { ada: ada.0, organization, max: max.0, max_id: max_up.id };
    for step in STEPS {
        // The story takes longer than a token lives.
        let issuer = house.keycloak.issuer();
        let ada = house.daemon().client(password_grant(&issuer, &story.ada.username).await);
        let max = house.daemon().client(password_grant(&issuer, &story.max.username).await);
        during(&house, fault, &format!("{step:?}"), async || story.take(step, ada, &max).await).await;
    }
}

/// Does something while Keycloak has a fault: it is answered at once, waits visibly, and is at Keycloak after its return.
async fn during<T>(house: &House, fault: Option<Fault>, what: &str, work: impl AsyncFnOnce() -> T) -> T {
    let Some(fault) = fault else {
        let done = work().await;
        house.is_in_step(what, SOON).await;
        return done;
    };
    // The operator's token, before nobody gives out any.
    let operator = house.operator().await;
    let outage = Outage::begin(fault, Part::Keycloak).await;
    let started = Instant::now();
    let done = work().await;
    assert!(started.elapsed() < AT_ONCE, "{what} took {:?} with Keycloak {fault:?}", started.elapsed());
    let waits = async || {
        let keycloak = operator.admin_status().await.expect("a status").keycloak;
        keycloak.state == Some(Health::Degraded)
            && !keycloak.pending.is_empty()
            && keycloak.oldest_seconds.is_some()
    };
    eventually(&format!("{what} waits, and the status says so"), Duration::from_secs(30), waits).await;
    let window = outage.end().await;
    house.is_in_step(what, CAUGHT_UP.saturating_sub(window.ended.elapsed())).await;
    done
}

#[tokio::test]
async fn keycloak_is_told_step_by_step() {
    is_told_step_by_step(None).await;
}

#[tokio::test]
async fn keycloak_is_told_after_it_was_stopped_at_each_step() {
    is_told_step_by_step(Some(Fault::Stopped)).await;
}

#[tokio::test]
async fn keycloak_is_told_after_it_was_stalled_at_each_step() {
    is_told_step_by_step(Some(Fault::Paused)).await;
}

#[tokio::test]
async fn two_daemons_tell_keycloak_everything_once() {
    let house = House::with(2).await;
    let mut people = Vec::new();
    for _ in 0..4 {
        people.push(house.newcomer("crowd").await);
    }
    // Each of them ten times at once, half of it at either daemon.
    let asked = (0..40).map(|number| {
        let (newcomer, token) = &people[number % 4];
        newcomer.sign_up(&house.daemons[number / 4 % 2], token.clone())
    });
    let signed_up = futures::future::join_all(asked).await;
    let organizations: BTreeSet<_> = signed_up.iter().map(|(_, answer)| answer.organization_id).collect();
    assert_eq!(organizations.len(), 4, "one each");
    house.is_in_step("forty sign-ups of four people", SOON).await;

    let (first, organization) = (&signed_up[0].0, signed_up[0].1.organization_id.expect("an organization"));
    let others: Vec<(&Client, UserId)> =
        signed_up[1..4].iter().map(|(person, answer)| (&person.client, answer.id)).collect();
    let at = [&house.daemons[0], &house.daemons[1]].map(|daemon| daemon.client(first.token.clone()));
    for round in 0..6 {
        let changes = others.iter().enumerate().map(|(number, (person, user))| {
            let client = &at[(round + number) % 2];
            async move {
                match (round + number) % 3 {
                    0 => join_by(client, person, organization, *user, Role::User).await,
                    1 => join_by(client, person, organization, *user, Role::Organizer).await,
                    // Removed already by an earlier round: nothing to do.
                    _ => drop(client.remove_member(organization, *user).await),
                }
            }
        });
        futures::future::join_all(changes).await;
    }
    house.is_in_step("many changes at two daemons", SOON).await;
}

#[tokio::test]
async fn an_organization_is_renamed_suspended_and_deleted() {
    let house = House::with(1).await;
    let (ada, token) = house.newcomer("changing").await;
    let (ada, signed_up) = ada.sign_up(house.daemon(), token).await;
    let organization = signed_up.organization_id.expect("an organization");
    let create = CreateOrganization { name: format!("Other {organization}"), settings: None };
    ada.client.create_organization(&create).await.expect("another one");
    house.is_in_step("two organizations", SOON).await;

    // First to a name of its own, then to one that is taken at Keycloak, though not here.
    for name in [format!("Renamed {organization}"), create.name] {
        let update = UpdateOrganization { name: Some(name.clone()), settings: None };
        ada.client.update_organization(organization, &update).await.expect("renamed");
        house.is_in_step(&format!("renamed to {name}"), SOON).await;
    }
    for status in [OrganizationStatus::Suspended, OrganizationStatus::Active] {
        house.operator().await.set_organization_status(organization, status).await.expect("a status");
        house.is_in_step(status.as_str(), SOON).await;
    }
    ada.client.delete_organization(organization, false).await.expect("deleted");
    house.is_in_step("deleted", SOON).await;
    assert_eq!(house.keycloak.organizations_of(&organization.to_string()).await.len(), 0);
}

#[tokio::test]
async fn answers_that_are_lost_double_nothing() {
    let (keycloak, writes) = (Keycloak::administered(), AtomicUsize::new(0));
    // Of what the daemon tells Keycloak, every second answer is lost, the first one too.
    let middleman = Middleman::before(&keycloak, move |head| {
        let is_told =
            ["POST /admin", "PUT /admin", "DELETE /admin"].iter().any(|start| head.starts_with(start));
        is_told && writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(2)
    });
    let house = House::behind(&middleman.await).await;
    let (ada, max) = (house.newcomer("deaf").await, house.newcomer("deaf").await);
    let (signed_in, signed_up) = ada.0.sign_up(house.daemon(), ada.1).await;
    let (max_in, max_up) = max.0.sign_up(house.daemon(), max.1).await;
    house.is_in_step("two sign-ups", CAUGHT_UP).await;
    let organization = signed_up.organization_id.expect("an organization");
    let story = Story { ada: ada.0, organization, max: max.0, max_id: max_up.id };
    for step in STEPS {
        story.take(step, signed_in.client.clone(), &max_in.client).await;
    }
    house.is_in_step("the whole story", CAUGHT_UP).await;
}

#[tokio::test]
async fn whoever_is_erased_and_comes_back_meanwhile_is_a_member() {
    let (keycloak, away) = (Keycloak::administered(), Arc::new(AtomicBool::new(false)));
    let is_away = away.clone();
    let middleman = Middleman::before(&keycloak, move |head| {
        is_away.load(Ordering::Relaxed) && head.contains(" /admin/")
    });
    let house = House::behind(&middleman.await).await;
    let (ada, max) = (house.newcomer("stays").await, house.newcomer("returns").await);
    let (ada, signed_up) = ada.0.sign_up(house.daemon(), ada.1.clone()).await;
    let (first, _) = max.0.sign_up(house.daemon(), max.1.clone()).await;
    let (organization, first_id) =
        (signed_up.organization_id.expect("an organization"), first.user.expect("a user"));
    join_by(&ada.client, &first.client, organization, first_id, Role::User).await;
    house.is_in_step("a member", SOON).await;

    away.store(true, Ordering::Relaxed);
    first.client.erase_user(first_id, EraseUser { keycloak_account: false }).await.expect("erased");
    // `iat` is in whole seconds.
    pause(1_100).await;
    let token = max.0.token(&house.keycloak).await;
    let (back, again) = max.0.sign_up(house.daemon(), token).await;
    assert_ne!(again.id, first_id, "somebody new with the same account");
    join_by(&ada.client, &back.client, organization, again.id, Role::Organizer).await;
    away.store(false, Ordering::Relaxed);
    house.is_in_step("the same account as somebody new", CAUGHT_UP).await;
}

#[tokio::test]
async fn what_somebody_deletes_at_keycloak_is_made_again_when_it_matters() {
    let house = House::with(1).await;
    let (ada, max) = (house.newcomer("again").await, house.newcomer("again").await);
    let (ada, signed_up) = ada.0.sign_up(house.daemon(), ada.1.clone()).await;
    let (max, _) = max.0.sign_up(house.daemon(), max.1.clone()).await;
    house.is_in_step("the first sign-in", SOON).await;
    let organization = signed_up.organization_id.expect("an organization");
    let known = ada.client.organization(organization).await.expect("readable").keycloak_org_id;
    house.keycloak.delete_organization(&known.expect("known")).await;
    join_by(&ada.client, &max.client, organization, max.user.expect("a user"), Role::Organizer).await;
    house.is_in_step("a new member of an organization that is gone there", SOON).await;

    // Someone whose account is gone is no member anywhere, and no reason to try for ever.
    house.keycloak.delete_account(&max.subject).await;
    ada.client.set_member(organization, max.user.expect("a user"), Role::User).await.expect("a role");
    let told = async || {
        let status = house.status().await;
        status.pending.is_empty() && status.failures.is_empty()
    };
    eventually("nothing is left to be told", SOON, told).await;
}

#[tokio::test]
async fn a_role_that_the_service_account_lacks_is_named() {
    let house = House::with(1).await;
    let (ada, token) = house.newcomer("right").await;
    let lacks = Lacking::take("manage-users").await;
    ada.sign_up(house.daemon(), token).await;
    let named = async || {
        let status = house.status().await;
        let names = |text: &String| text.contains("`manage-users`") && text.contains("`happening-server`");
        status.state == Some(Health::Degraded)
            && status.trouble.as_ref().is_some_and(names)
            && status.failures.iter().any(|failed| failed.kind == "member" && names(&failed.error))
    };
    eventually("the missing role is named", Duration::from_secs(30), named).await;
    lacks.give_back().await;
    house.is_in_step("with the role back", CAUGHT_UP).await;
    let well = async || {
        let status = house.status().await;
        status.state == Some(Health::Ok) && status.trouble.is_none()
    };
    eventually("all is well again", Duration::from_secs(15), well).await;
}

#[tokio::test]
async fn the_status_is_for_staff() {
    let house = House::with(1).await;
    let (ada, token) = house.newcomer("nosy").await;
    let (ada, _) = ada.sign_up(house.daemon(), token).await;
    let refused = ada.client.admin_status().await.expect_err("no staff");
    assert_eq!(refused.code(), Some(happening_core::wire::ErrorCode::Forbidden), "{refused}");
    let support = house.daemon().client(password_grant(&house.keycloak.issuer(), "support").await);
    let status = support.admin_status().await.expect("a status");
    assert!(status.keycloak.configured);
    assert_eq!(status.parts.keys().collect::<Vec<_>>(), ["counters", "identity", "queue", "store"]);
    assert_eq!(status.version, env!("CARGO_PKG_VERSION"));
}

/// A role that the service account lacks until it is given back, whatever becomes of the test.
struct Lacking(Option<&'static str>);

impl Lacking {
    async fn take(role: &'static str) -> Self {
        Keycloak::administered().set_server_role(role, false).await;
        Self(Some(role))
    }

    async fn give_back(mut self) {
        if let Some(role) = self.0.take() {
            Keycloak::administered().set_server_role(role, true).await;
        }
    }
}

impl Drop for Lacking {
    fn drop(&mut self) {
        let Some(role) = self.0.take() else { return };
        // On a thread of its own: the test's runtime is busy failing.
        let giving_back = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(Keycloak::administered().set_server_role(role, true));
        });
        let _ = giving_back.join();
    }
}
