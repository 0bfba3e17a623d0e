//! People with tokens: by the password grant of the client `happening-demo`, from whichever issuer the daemon names.

use super::{Daemon, eventually};
use happening_core::client::Client;
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{CreateBooking, CreateEvent, Event, Role};
use serde_json::Value;
use std::time::Duration;

/// A demo person who is signed in.
pub struct Signed {
    /// The access token.
    pub token: String,
    /// The `sub`.
    pub subject: String,
    /// The id at the daemon, once they are known there.
    pub user: Option<UserId>,
    /// Speaks for them.
    pub client: Client,
}

/// Signs a demo person in.
pub async fn sign_in(daemon: &Daemon, name: &str) -> Signed {
    let discovery = daemon.client(None).discovery().await.expect("discovery");
    let token = password_grant(&discovery.issuer, name).await;
    let subject = subject_of(&token);
    let client = daemon.client(token.clone());
    let user = client.user_by_subject(&subject).await.expect("a look").map(|user| user.id);
    Signed { token, subject, user, client }
}

/// An access token for a demo person.
pub async fn password_grant(issuer: &str, name: &str) -> String {
    let body = grant_by(issuer, "happening-demo", name).await;
    body["access_token"].as_str().unwrap_or_else(|| panic!("no token for {name}: {body}")).to_owned()
}

/// All tokens of a sign-in by name and password through a client.
pub async fn grant_by(issuer: &str, client: &str, name: &str) -> Value {
    let form = [
        ("grant_type", "password"),
        ("client_id", client),
        ("username", name),
        ("password", name),
        ("scope", "openid"),
    ];
    let answer = happening_core::net::http_client(Duration::from_secs(30))
        .post(format!("{issuer}/protocol/openid-connect/token"))
        .form(&form)
        .send()
        .await
        .expect("the issuer answers");
    answer.json().await.expect("JSON")
}

/// The `sub` of a token.
pub fn subject_of(token: &str) -> String {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).expect("a JWT");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64");
    let claims: Value = serde_json::from_slice(&bytes).expect("claims");
    claims["sub"].as_str().expect("sub").to_owned()
}

/// The organization *Demo*.
pub async fn demo_organization(member: &Signed) -> OrganizationId {
    let own = member.client.organizations_of(member.user.expect("a user")).await.expect("organizations");
    own.into_iter().find(|organization| organization.name == "Demo").expect("Demo").id
}

/// Makes somebody a member: an orgAdmin asks, and they accept.
pub async fn join(admin: &Signed, person: &Signed, organization: OrganizationId, role: Role) {
    join_by(&admin.client, &person.client, organization, person.user.expect("a user"), role).await;
}

/// The same, by who speaks for them.
pub async fn join_by(
    admin: &Client,
    person: &Client,
    organization: OrganizationId,
    user: UserId,
    role: Role,
) {
    let set = admin.set_member(organization, user, role).await.expect("asked");
    if let Some(invite) = set.invite {
        person.accept_invite(invite.id).await.expect("accepted");
    }
}

/// An event that starts far in the future.
pub fn event_of(org_id: OrganizationId, name: String, seats: u32) -> CreateEvent {
    CreateEvent {
        org_id,
        created_by: None,
        name,
        description: None,
        category: None,
        event_date: "2099-12-01T19:00".to_owned(),
        event_end: None,
        bookings_close_at: None,
        total_slots: seats,
        waitlist_policy: None,
        bypass_limit: None,
        waitlist_limit: None,
        max_seats_per_booking: None,
    }
}

/// Publishes an event of *Demo* that starts far in the future.
pub async fn publish(organizer: &Signed, seats: u32) -> Event {
    let create = event_of(demo_organization(organizer).await, format!("An event of {seats}"), seats);
    organizer.client.create_event(&create).await.expect("an event")
}

/// Books any seats for oneself.
pub async fn book(person: &Signed, event: EventId, seats: u32) -> happening_core::wire::Booking {
    let create = CreateBooking { user_id: person.user, ..CreateBooking::any(event, seats) };
    person.client.create_booking(&create).await.expect("a booking")
}

/// Everybody of the demo who may book at *Demo*, signed in at each of the daemons: member, organizer, admin, support and
/// operator, in this order. The daemons are warm then: they have opened the connections to their store that a crowd needs,
/// which takes a starved machine longer than anybody should wait for an answer.
pub async fn bookers(daemons: &[Daemon]) -> Vec<Vec<Signed>> {
    let names = ["member", "organizer", "admin", "support", "operator"];
    let mut people = Vec::new();
    for daemon in daemons {
        let signed_in: Vec<Signed> = futures::future::join_all(names.map(|name| sign_in(daemon, name))).await;
        let (client, user) = (&signed_in[0].client, signed_in[0].user.expect("a user"));
        // Lists of events would be read once for all of them.
        let all_answer = || async {
            let asked = (0..32).map(|_| client.bookings_of(user));
            futures::future::join_all(asked).await.iter().all(Result::is_ok)
        };
        eventually("32 reads at once are answered", Duration::from_secs(30), all_answer).await;
        people.push(signed_in);
    }
    people
}

/// A token of the client `happening-ci`, which acts by itself.
pub async fn client_credentials(daemon: &Daemon) -> String {
    let issuer = daemon.client(None).discovery().await.expect("discovery").issuer;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "happening-ci"),
        ("client_secret", "happening-ci-dev-secret"),
    ];
    let answer = happening_core::net::http_client(Duration::from_secs(30))
        .post(format!("{issuer}/protocol/openid-connect/token"))
        .form(&form)
        .send()
        .await
        .expect("the issuer answers");
    let body: Value = answer.json().await.expect("JSON");
    body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {body}")).to_owned()
}
