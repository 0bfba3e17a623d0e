//! The real Keycloak from its administrator's side, and people who are new there. The product never does any of this: it has
//! a service account with two roles.

use super::Daemon;
use super::browser::{Decision, decide};
use super::parts::stack_env;
use super::people::Signed;
use happening_core::wire::{CreateUser, SignedUp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

/// The client of CLI and TUI.
const DEVICE_CLIENT: &str = "happening-cli";

/// An administrator of the realm.
pub struct Keycloak {
    http: reqwest::Client,
    server: String,
    realm: String,
}

/// A realm of a test's own, made as the development realm is, for what would disturb others there. It goes with this.
pub struct OwnRealm(Keycloak);

impl OwnRealm {
    /// Makes it, with members of Keycloak's `RealmRepresentation` that differ from the development realm's.
    pub async fn make(differences: Value) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/keycloak/realm-happening.json");
        let name = format!("test-{}", happening_daemon::ids::Ids::default().uuid().simple());
        let text = std::fs::read_to_string(file).expect("the development realm");
        // The role that everybody has, to stay signed in for one, is called after its realm.
        let text = text.replace("default-roles-happening", &format!("default-roles-{name}"));
        let mut realm: Value = serde_json::from_str(&text).expect("JSON");
        for (member, value) in differences.as_object().expect("members of a realm") {
            realm[member] = value.clone();
        }
        realm["realm"] = json!(name);
        for user in realm["users"].as_array_mut().expect("users") {
            // Ids are unique among all realms.
            user.as_object_mut().expect("a user").remove("id");
        }
        let keycloak = Keycloak { realm: name, ..Keycloak::administered() };
        keycloak.ask_at(Method::POST, &format!("{}/admin/realms", keycloak.server), Some(realm)).await;
        Self(keycloak)
    }

    /// Its name, for `KEYCLOAK_REALM`.
    pub fn name(&self) -> &str {
        &self.0.realm
    }
}

impl Deref for OwnRealm {
    type Target = Keycloak;

    fn deref(&self) -> &Keycloak {
        &self.0
    }
}

impl Drop for OwnRealm {
    fn drop(&mut self) {
        let keycloak = Keycloak { realm: self.0.realm.clone(), ..Keycloak::administered() };
        // On a thread of its own: a test's runtime may be gone already. What cannot be deleted goes with the stack.
        let deleting = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let url = format!("{}/admin/realms/{}", keycloak.server, keycloak.realm);
            runtime.block_on(keycloak.ask_at(Method::DELETE, &url, None));
        });
        let _ = deleting.join();
    }
}

/// Someone with an account at Keycloak. The password is the username.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub username: String,
    pub email: String,
    pub subject: String,
}

impl Keycloak {
    /// The Keycloak of `docker/stack`.
    pub fn administered() -> Self {
        Self {
            http: happening_core::net::http_client(Duration::from_mins(1)),
            server: stack_env("KEYCLOAK_SERVER_URL"),
            realm: stack_env("KEYCLOAK_REALM"),
        }
    }

    /// The `iss` of its tokens.
    pub fn issuer(&self) -> String {
        format!("{}/realms/{}", self.server, self.realm)
    }

    /// Someone nobody has seen yet. `mailbox` is their e-mail address before the @, which need not be unique.
    pub async fn newcomer(&self, mailbox: &str) -> Newcomer {
        let username = format!("{mailbox}-{}", happening_daemon::ids::Ids::default().uuid().simple());
        let email = format!("{mailbox}@{username}.test");
        let account = json!({
            "username": username,
            "email": email,
            "emailVerified": true,
            "enabled": true,
            "firstName": "New",
            "lastName": "Comer",
            "credentials": [{ "type": "password", "value": username, "temporary": false }],
        });
        self.ask(Method::POST, "users", Some(account)).await;
        let found = self.ask(Method::GET, &format!("users?exact=true&username={username}"), None).await;
        let subject = found[0]["id"].as_str().expect("an id").to_owned();
        Newcomer { username, email, subject }
    }

    /// Somebody nobody has seen yet, with a name of their own: it is their password too, and before the @ of their address.
    /// `more` is what the account has beside that. Returns the name and the `sub`.
    pub async fn account(&self, more: Value) -> (String, String) {
        let username = format!("p{}", happening_daemon::ids::Ids::default().uuid().simple());
        let mut account = json!({
            "username": username,
            "email": format!("{username}@happening.test"),
            "emailVerified": true,
            "enabled": true,
            "firstName": "New",
            "lastName": "Comer",
            "credentials": [{ "type": "password", "value": username, "temporary": false }],
        });
        for (name, value) in more.as_object().expect("members of an account") {
            account[name] = value.clone();
        }
        self.ask(Method::POST, "users", Some(account)).await;
        let found = self.ask(Method::GET, &format!("users?exact=true&username={username}"), None).await;
        let subject = found[0]["id"].as_str().expect("an id").to_owned();
        (username, subject)
    }

    /// Changes some of an account.
    pub async fn change_account(&self, subject: &str, changes: Value) {
        let path = format!("users/{subject}");
        let mut account = self.ask(Method::GET, &path, None).await;
        for (name, value) in changes.as_object().expect("members of an account") {
            account[name] = value.clone();
        }
        self.ask(Method::PUT, &path, Some(account)).await;
    }

    /// Disables or enables an account.
    pub async fn set_enabled(&self, subject: &str, enabled: bool) {
        self.ask(Method::PUT, &format!("users/{subject}"), Some(json!({ "enabled": enabled }))).await;
    }

    /// Deletes an account.
    pub async fn delete_account(&self, subject: &str) {
        self.ask(Method::DELETE, &format!("users/{subject}"), None).await;
    }

    /// Whether there is an account of this name.
    pub async fn has_account(&self, username: &str) -> bool {
        let found = self.ask(Method::GET, &format!("users?exact=true&username={username}"), None).await;
        !found.as_array().expect("a list").is_empty()
    }

    /// Makes a public client as realms of existing deployments have them: without a mapper for our audience. Returns its id.
    pub async fn client_without_audience(&self) -> String {
        let name = format!("existing-{}", happening_daemon::ids::Ids::default().uuid().simple());
        let client = json!({
            "clientId": name,
            "publicClient": true,
            "standardFlowEnabled": false,
            "directAccessGrantsEnabled": true,
            "fullScopeAllowed": true,
        });
        self.ask(Method::POST, "clients", Some(client)).await;
        name
    }

    /// Every Organization that says it is this one of ours, with its attributes.
    pub async fn organizations_of(&self, ours: &str) -> Vec<Value> {
        let path = format!("organizations?max=-1&briefRepresentation=false&q=happening_id:{ours}");
        self.ask(Method::GET, &path, None).await.as_array().expect("a list").clone()
    }

    /// Who is a member of an Organization.
    pub async fn members(&self, id: &str) -> BTreeSet<String> {
        let members = self.ask(Method::GET, &format!("organizations/{id}/members?max=-1"), None).await;
        let members = members.as_array().expect("a list").iter();
        members.map(|member| member["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// Deletes an Organization, as somebody by hand would.
    pub async fn delete_organization(&self, id: &str) {
        self.ask(Method::DELETE, &format!("organizations/{id}"), None).await;
    }

    /// Gives the daemon's service account a role of `realm-management`, or takes it away.
    pub async fn set_server_role(&self, role: &str, has: bool) {
        let management = self.client_id("realm-management").await;
        let server = self.client_id("happening-server").await;
        let account = self.ask(Method::GET, &format!("clients/{server}/service-account-user"), None).await;
        let account = account["id"].as_str().expect("an id");
        let role = self.ask(Method::GET, &format!("clients/{management}/roles/{role}"), None).await;
        let method = if has { Method::POST } else { Method::DELETE };
        let path = format!("users/{account}/role-mappings/clients/{management}");
        self.ask(method, &path, Some(json!([role]))).await;
    }

    async fn client_id(&self, name: &str) -> String {
        let found = self.ask(Method::GET, &format!("clients?clientId={name}"), None).await;
        found[0]["id"].as_str().expect("an id").to_owned()
    }

    /// Sets an attribute of a client, such as `oauth2.device.code.lifespan`.
    pub async fn set_client_attribute(&self, client: &str, name: &str, value: &str) {
        let path = format!("clients/{}", self.client_id(client).await);
        let mut client = self.ask(Method::GET, &path, None).await;
        client["attributes"][name] = json!(value);
        self.ask(Method::PUT, &path, Some(client)).await;
    }

    /// Ends what somebody's sign-in through a client lives on, as an administrator does on the account's page.
    pub async fn end_sign_in(&self, username: &str, client: &str) {
        let found = self.ask(Method::GET, &format!("users?exact=true&username={username}"), None).await;
        let subject = found[0]["id"].as_str().expect("an id");
        self.ask(Method::DELETE, &format!("users/{subject}/consents/{client}"), None).await;
    }

    /// Adds an RSA key that signs from now on; the others stay published. Returns its component.
    pub async fn add_key(&self, name: &str, priority: u32) -> String {
        let component = json!({
            "name": name,
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "config": { "priority": [priority.to_string()] },
        });
        self.ask(Method::POST, "components", Some(component)).await;
        let keys = self.keys().await;
        let added = keys.iter().find(|key| key["name"] == name).expect("the key");
        added["id"].as_str().expect("an id").to_owned()
    }

    /// The components that make RSA signing keys.
    pub async fn keys(&self) -> Vec<Value> {
        let path = "components?type=org.keycloak.keys.KeyProvider";
        let all = self.ask(Method::GET, path, None).await;
        let all = all.as_array().expect("a list").iter();
        all.filter(|key| key["providerId"] == "rsa-generated").cloned().collect()
    }

    /// Whether a key signs (`active`), and whether it is published at all (`enabled`).
    pub async fn set_key(&self, key: &Value, active: bool, enabled: bool) {
        let mut key = key.clone();
        key["config"]["active"] = json!([active.to_string()]);
        key["config"]["enabled"] = json!([enabled.to_string()]);
        let path = format!("components/{}", key["id"].as_str().expect("an id"));
        self.ask(Method::PUT, &path, Some(key)).await;
    }

    /// Removes a key.
    pub async fn delete_key(&self, component: &str) {
        self.ask(Method::DELETE, &format!("components/{component}"), None).await;
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}/admin/realms/{}/{path}", self.server, self.realm);
        self.ask_at(method, &url, body).await
    }

    async fn ask_at(&self, method: Method, url: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method.clone(), url).bearer_auth(self.token().await);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("Keycloak answers");
        let (status, text) = (answer.status(), answer.text().await.expect("an answer"));
        assert!(status.is_success(), "{method} {url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// It lives for a minute, so each request has its own.
    async fn token(&self) -> String {
        let (username, password) =
            (stack_env("KEYCLOAK_ADMIN_USERNAME"), stack_env("KEYCLOAK_ADMIN_PASSWORD"));
        let form = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", username.as_str()),
            ("password", password.as_str()),
        ];
        let url = format!("{}/realms/master/protocol/openid-connect/token", self.server);
        let answer = self.http.post(url).form(&form).send().await.expect("Keycloak answers");
        let body: Value = answer.json().await.expect("JSON");
        body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {body}")).to_owned()
    }
}

impl Newcomer {
    /// Their access token, by the device flow, approved on Keycloak's own pages.
    pub async fn token(&self, keycloak: &Keycloak) -> String {
        let protocol = format!("{}/protocol/openid-connect", keycloak.issuer());
        let form = [("client_id", DEVICE_CLIENT), ("scope", "openid")];
        let asked = keycloak.http.post(format!("{protocol}/auth/device")).form(&form).send().await;
        let device: Value = asked.expect("Keycloak answers").json().await.expect("JSON");
        let (code, address) = (&device["device_code"], &device["verification_uri_complete"]);
        decide(address.as_str().expect("an address"), &self.username, Decision::Approve).await;
        let form = [
            ("client_id", DEVICE_CLIENT),
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", code.as_str().expect("a code")),
        ];
        // RFC 8628, section 3.5: not before the interval has passed.
        tokio::time::sleep(Duration::from_secs(device["interval"].as_u64().unwrap_or(5))).await;
        let answer = keycloak.http.post(format!("{protocol}/token")).form(&form).send().await;
        let answer = answer.expect("Keycloak answers");
        let (status, body): (StatusCode, Value) = (answer.status(), answer.json().await.expect("JSON"));
        body["access_token"].as_str().unwrap_or_else(|| panic!("no token: {status} {body}")).to_owned()
    }

    /// Their first request here, with a token of theirs.
    pub async fn sign_up(&self, daemon: &Daemon, token: String) -> (Signed, SignedUp) {
        let client = daemon.client(token.clone());
        let create = CreateUser {
            keycloak_id: self.subject.clone(),
            email: self.email.clone(),
            first_name: None,
            last_name: None,
            username: None,
            phone: None,
            avatar_url: None,
            role: None,
        };
        let signed_up = client.sign_up(&create).await.expect("signed up");
        let subject = self.subject.clone();
        (Signed { token, subject, user: Some(signed_up.id), client }, signed_up)
    }
}
