//! Things to ask for: made afresh for each cell, because many a cell destroys what it is about.

use super::people::{Caller, Person, everybody, newcomer};
use super::rows::Row;
use crate::raw::{Answer, Raw};
use crate::support::parts::Parts;
use crate::support::{Daemon, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use uuid::Uuid;

pub struct World {
    raw: Raw,
    people: HashMap<Caller, Person>,
    demo: String,
    made: AtomicU32,
    daemon: Daemon,
    parts: Parts,
}

impl World {
    pub async fn make(parts: Parts) -> Self {
        // The built-in issuer, whose key signs the tokens that no issuer gives away, over either store.
        let daemon = Daemon::start_on(&parts, 0, &[("KEYCLOAK_SERVER_URL", "")]).await;
        let people = everybody(&daemon).await;
        let raw = Raw::new(&daemon);
        let admin = &people[&Caller::OrgAdmin];
        let path = format!("/organizations/user/{}", admin.user.expect("a user"));
        let own = raw.get(&path, &admin.token).await.ok();
        let demo = own.as_array().expect("a list").iter().find(|one| one["name"] == "Demo").expect("Demo");
        let demo = demo["id"].as_str().expect("an id").to_owned();
        let world = Self { raw, people, demo, made: AtomicU32::new(0), daemon, parts };
        world.map_service_account(&world.demo).await;
        world
    }

    /// What the daemon runs on.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Path and body of a row, with things that exist.
    pub async fn fill(&self, row: &Row, caller: Caller) -> (String, Option<Value>) {
        let mut path = row.path.to_owned();
        let mut body = row.body.as_ref().map(ToString::to_string);
        let mut things: HashMap<&str, String> = HashMap::new();
        for name in row.names() {
            let thing = match name {
                "booking-event" | "hold-event" => {
                    things.remove(name).unwrap_or_else(|| panic!("{name} comes before its owner"))
                }
                name => self.thing(name, caller, &mut things).await,
            };
            path = path.replace(&format!("{{{name}}}"), &thing);
            body = body.map(|body| body.replace(&format!("{{{name}}}"), &thing));
        }
        (path, body.map(|body| serde_json::from_str(&body).expect("JSON")))
    }

    /// The same with things that do not exist: what stands for the caller stays, and so does the event of an absent hold.
    pub async fn fill_with_absent(&self, row: &Row, caller: Caller) -> (String, Option<Value>) {
        let mut path = row.path.to_owned();
        let mut body = row.body.as_ref().map(ToString::to_string);
        for name in row.names() {
            let thing = if name.starts_with("my-") || name == "me" {
                self.thing(name, caller, &mut HashMap::new()).await
            } else if name == "hold-event" {
                self.new_event(Caller::Organizer).await
            } else {
                happening_daemon::ids::Ids::default().uuid().to_string()
            };
            path = path.replace(&format!("{{{name}}}"), &thing);
            body = body.map(|body| body.replace(&format!("{{{name}}}"), &thing));
        }
        (path, body.map(|body| serde_json::from_str(&body).expect("JSON")))
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>, caller: Caller) -> Answer {
        let mut request = self.raw.request(method, path);
        if let Some(person) = self.people.get(&caller) {
            request = request.bearer_auth(&person.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::to(request).await
    }

    async fn thing(&self, name: &str, caller: Caller, beside: &mut HashMap<&str, String>) -> String {
        let user =
            |caller: Caller| self.people[&caller].user.unwrap_or(happening_core::id::UserId(Uuid::nil()));
        match name {
            "organization" => self.demo.clone(),
            "new-organization" => self.new_organization().await,
            "event" => self.new_event(Caller::Organizer).await,
            "admin-event" => self.new_event(Caller::OrgAdmin).await,
            "booking" => self.new_booking(Caller::User, beside).await,
            "admin-booking" => self.new_booking(Caller::OrgAdmin, beside).await,
            "hold" => self.new_hold(beside).await,
            "invite" => id_of(&self.new_invite().await),
            "invite-token" => self.new_invite().await["token"].as_str().expect("a token").to_owned(),
            "mailbox" => format!("somebody-{}", self.number()),
            "newcomer" => {
                let like = &self.people[&Caller::OrgAdmin].token;
                let person = newcomer(&self.daemon, like, self.number()).await;
                person.user.expect("a user").to_string()
            }
            "job" => self.new_job().await,
            "client" => "happening-ci".to_owned(),
            "user" => user(Caller::User).to_string(),
            "organizer" => user(Caller::Organizer).to_string(),
            "admin" => user(Caller::OrgAdmin).to_string(),
            "stranger" => user(Caller::Stranger).to_string(),
            "me" if self.people.contains_key(&caller) => user(caller).to_string(),
            "my-subject" if self.people.contains_key(&caller) => self.people[&caller].subject.clone(),
            "me" | "my-subject" => Uuid::nil().to_string(),
            name => panic!("nobody knows how to make {name}"),
        }
    }

    async fn as_person(&self, caller: Caller, method: Method, path: &str, body: Value) -> Value {
        self.send(method, path, Some(body), caller).await.ok()
    }

    fn number(&self) -> u32 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    async fn new_event(&self, organizer: Caller) -> String {
        let body = json!({ "org_id": self.demo, "name": format!("Event {}", self.number()),
            "event_date": "2099-01-01T10:00", "total_slots": 5 });
        id_of(&self.as_person(organizer, Method::POST, "/events", body).await)
    }

    async fn new_booking(&self, booker: Caller, beside: &mut HashMap<&str, String>) -> String {
        let event = self.new_event(Caller::Organizer).await;
        let body = json!({ "event_id": event, "seats": 2 });
        beside.insert("booking-event", event);
        id_of(&self.as_person(booker, Method::POST, "/bookings", body).await)
    }

    async fn new_hold(&self, beside: &mut HashMap<&str, String>) -> String {
        let event = self.new_event(Caller::Organizer).await;
        let path = format!("/events/{event}/holds");
        let held = self.as_person(Caller::User, Method::POST, &path, json!({ "count": 1 })).await;
        beside.insert("hold-event", event);
        held["hold_token"].as_str().unwrap_or_else(|| panic!("no token: {held}")).to_owned()
    }

    /// With the same people in the same roles as *Demo*.
    async fn new_organization(&self) -> String {
        let name = format!("Organization {}", self.number());
        let made =
            self.as_person(Caller::OrgAdmin, Method::POST, "/organizations", json!({ "name": name })).await;
        let organization = id_of(&made);
        for (caller, role) in [(Caller::User, "user"), (Caller::Organizer, "organizer")] {
            let user = self.people[&caller].user.expect("a user");
            let path = format!("/organizations/{organization}/members/{user}");
            let set = self.as_person(Caller::OrgAdmin, Method::PUT, &path, json!({ "role": role })).await;
            self.accept(caller, &set["invite"]).await;
        }
        self.map_service_account(&organization).await;
        organization
    }

    /// To the stranger, into an organization with the same people as *Demo*.
    async fn new_invite(&self) -> Value {
        let body = json!({ "email": "guest@happening.test", "role": "user",
            "organization_id": self.new_organization().await });
        let made = self.as_person(Caller::OrgAdmin, Method::POST, "/org-invites", body).await;
        // Long enough ago to be sent again.
        let sent = "UPDATE organization_invites SET sent_at = '2026-01-01T00:00:00+00:00'";
        self.parts.execute(sent).await;
        made["invite"].clone()
    }

    /// One of the operator's that has ended: it changes nothing beside what is tried.
    async fn new_job(&self) -> String {
        let begun = self.as_person(Caller::Operator, Method::POST, "/admin/reconcile", json!({})).await;
        let id = id_of(&begun);
        let path = format!("/admin/jobs/{id}");
        let is_over = async || {
            let job = self.send(Method::GET, &path, None, Caller::Operator).await.ok();
            !job["finished_at"].is_null()
        };
        eventually("the job ends", Duration::from_secs(30), is_over).await;
        id
    }

    async fn map_service_account(&self, organization: &str) {
        let path = format!("/organizations/{organization}/service-accounts");
        let body = json!({ "client_id": "happening-ci", "role": "organizer" });
        self.as_person(Caller::OrgAdmin, Method::POST, &path, body).await;
        let path = format!("/users?keycloak_id={}", self.people[&Caller::ServiceAccount].subject);
        let known = self.send(Method::GET, &path, None, Caller::ServiceAccount).await.ok();
        let path = format!("/org-invites/pending/{}", id_of(&known[0]));
        let waiting = self.send(Method::GET, &path, None, Caller::ServiceAccount).await.ok();
        for invite in waiting.as_array().expect("a list") {
            self.accept(Caller::ServiceAccount, invite).await;
        }
    }

    async fn accept(&self, caller: Caller, invite: &Value) {
        let path = format!("/org-invites/accept/{}", id_of(invite));
        self.send(Method::POST, &path, None, caller).await.ok();
    }
}

fn id_of(made: &Value) -> String {
    made["id"].as_str().unwrap_or_else(|| panic!("no id: {made}")).to_owned()
}
