//! The device flow, the browser's part of it played by plain form posts.

use super::super::device::GRANT_TYPE;
use super::{Answer, Scene, refused, text};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What a page says, and its forms' hidden fields.
struct Page {
    status: StatusCode,
    html: String,
}

impl Page {
    fn csrf(&self) -> &str {
        let (_, rest) =
            self.html.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("{}", self.html));
        rest.split_once('"').unwrap().0
    }
}

impl Scene {
    async fn start(&self) -> Value {
        let form = [("client_id", "happening-cli"), ("scope", "openid offline_access")];
        let (status, answer) = self.post("auth/device", &form).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn poll(&self, started: &Value) -> Answer {
        self.pass(1);
        self.poll_at_once(started).await
    }

    async fn poll_at_once(&self, started: &Value) -> Answer {
        let code = text(started, "device_code");
        self.token(&[("grant_type", GRANT_TYPE), ("client_id", "happening-cli"), ("device_code", code)]).await
    }

    async fn open(&self, url: &str) -> Page {
        let response = self.http.get(url).send().await.unwrap();
        Page { status: response.status(), html: response.text().await.unwrap() }
    }

    async fn submit(&self, form: &[(&str, &str)]) -> Page {
        let response = self.http.post(format!("{}/device", self.url)).form(form).send().await.unwrap();
        Page { status: response.status(), html: response.text().await.unwrap() }
    }

    async fn decide(&self, started: &Value, decision: &str, username: &str, password: &str) -> Page {
        let page = self.open(text(started, "verification_uri_complete")).await;
        let form = [
            ("user_code", text(started, "user_code")),
            ("csrf", page.csrf()),
            ("username", username),
            ("password", password),
            ("decision", decision),
        ];
        self.submit(&form).await
    }
}

#[tokio::test]
async fn approved() {
    let scene = Scene::new().await;
    let started = scene.start().await;
    assert_eq!([started["expires_in"].as_i64(), started["interval"].as_i64()], [Some(600), Some(1)]);
    let code = text(&started, "user_code");
    assert!(code.len() == 9 && code.as_bytes()[4] == b'-', "{code}");
    assert_eq!(text(&started, "verification_uri"), format!("{}/device", scene.url));

    assert_eq!(refused(&scene.poll(&started).await), (400, "authorization_pending"));
    let page = scene.open(text(&started, "verification_uri_complete")).await;
    assert!(page.status == 200 && page.html.contains("Happening CLI") && page.html.contains(code));
    let page = scene.decide(&started, "approve", "organizer", "organizer").await;
    assert!(page.status == 200 && page.html.contains("organizer"), "{}", page.html);

    let (status, tokens) = scene.poll(&started).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = scene.verifier.verify(text(&tokens, "access_token")).await.unwrap();
    assert_eq!(claims.username.as_deref(), Some("organizer"));
    assert_eq!(claims.client.as_deref(), Some("happening-cli"));
    assert!(tokens["id_token"].is_string());
    assert_eq!(scene.refresh("happening-cli", text(&tokens, "refresh_token")).await.0, 200);

    assert_eq!(refused(&scene.poll(&started).await), (400, "invalid_grant"), "a code is good once");
    let page = scene.open(text(&started, "verification_uri_complete")).await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn denied() {
    let scene = Scene::new().await;
    let started = scene.start().await;
    let page = scene.decide(&started, "deny", "", "").await;
    assert!(page.status == 200 && page.html.contains("Denied"));
    assert_eq!(refused(&scene.poll(&started).await), (400, "access_denied"));
    let page = scene.open(text(&started, "verification_uri_complete")).await;
    assert_eq!(page.status, 404, "what is decided is decided");
}

#[tokio::test]
async fn expired() {
    let scene = Scene::new().await;
    let started = scene.start().await;
    scene.pass(600);
    assert_eq!(refused(&scene.poll(&started).await), (400, "expired_token"));
    assert_eq!(scene.open(text(&started, "verification_uri_complete")).await.status, 404);
    scene.pass(60);
    assert_eq!(refused(&scene.poll(&started).await), (400, "invalid_grant"), "soon nobody remembers it");
}

#[tokio::test]
async fn too_fast() {
    let scene = Scene::new().await;
    let started = scene.start().await;
    assert_eq!(refused(&scene.poll_at_once(&started).await), (400, "authorization_pending"));
    assert_eq!(refused(&scene.poll_at_once(&started).await), (400, "slow_down"));
    assert_eq!(refused(&scene.poll(&started).await), (400, "authorization_pending"));
}

#[tokio::test]
async fn codes_are_typed_in_any_way() {
    let scene = Scene::new().await;
    let started = scene.start().await;
    let code = text(&started, "user_code");
    let page = scene.open(text(&started, "verification_uri")).await;
    assert!(page.status == 200 && page.html.contains("name=\"user_code\""));
    for typed in [code.to_lowercase(), code.replace('-', ""), format!("+{}+", code.replace('-', "+"))] {
        let page = scene.open(&format!("{}?user_code={typed}", text(&started, "verification_uri"))).await;
        assert!(page.html.contains(code), "{typed}");
    }
}

#[tokio::test]
async fn a_wrong_password_may_be_tried_again_but_not_forever() {
    let scene = Scene::new().await;
    let started = scene.start().await;
    for _ in 0..9 {
        let page = scene.decide(&started, "approve", "admin", "wrong").await;
        assert!(page.status == 400 && page.html.contains("role=\"alert\""));
        assert_eq!(refused(&scene.poll(&started).await), (400, "authorization_pending"));
    }
    scene.decide(&started, "approve", "admin", "wrong").await;
    assert_eq!(refused(&scene.poll(&started).await), (400, "access_denied"));
}

#[tokio::test]
async fn guessing_codes_is_slowed() {
    let scene = Scene::new().await;
    let started = scene.start().await;
    let guess = format!("{}/device?user_code=AAAA-AAAA", scene.url);
    for _ in 0..30 {
        assert_eq!(scene.open(&guess).await.status, 404);
    }
    assert_eq!(scene.open(&guess).await.status, 429);
    let right = text(&started, "verification_uri_complete");
    assert_eq!(scene.open(right).await.status, 200, "somebody else's guesses keep nobody out");
    scene.pass(60);
    assert_eq!(scene.open(&guess).await.status, 404);
}

#[tokio::test]
async fn of_too_many_that_wait_the_oldest_undecided_goes() {
    let scene = Scene::new().await;
    let (first, second, denied) = (scene.start().await, scene.start().await, scene.start().await);
    scene.decide(&denied, "deny", "", "").await;
    for _ in 3..1_005 {
        scene.start().await;
    }
    // As if there had been no flood.
    let newest = scene.start().await;
    assert_eq!(scene.decide(&newest, "approve", "member", "member").await.status, 200);
    assert_eq!(scene.poll(&newest).await.0, 200);
    for gone in [&first, &second] {
        assert_eq!(refused(&scene.poll(gone).await), (400, "invalid_grant"));
    }
    assert_eq!(refused(&scene.poll(&denied).await), (400, "access_denied"), "what was decided is told");
    scene.pass(660);
    scene.start().await;
}

#[tokio::test]
async fn other_clients_get_nothing() {
    let scene = Scene::new().await;
    for client in ["happening-demo", "happening-client", "happening-server"] {
        let answer = scene.post("auth/device", &[("client_id", client)]).await;
        assert_eq!(refused(&answer), (400, "unauthorized_client"), "{client}");
    }
    assert_eq!(refused(&scene.post("auth/device", &[]).await), (401, "invalid_client"));
    let started = scene.start().await;
    scene.decide(&started, "approve", "admin", "admin").await;
    let code = text(&started, "device_code");
    let form = [("grant_type", GRANT_TYPE), ("client_id", "happening-demo"), ("device_code", code)];
    assert_eq!(refused(&scene.token(&form).await), (400, "unauthorized_client"));
}

#[tokio::test]
async fn a_challenge_once_sent_is_demanded() {
    let scene = Scene::new().await;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(b"the verifier"));
    let cli = ("client_id", "happening-cli");
    let form = [cli, ("code_challenge", &challenge), ("code_challenge_method", "S256")];
    let (_, started) = scene.post("auth/device", &form).await;
    scene.decide(&started, "approve", "admin", "admin").await;
    assert_eq!(refused(&scene.poll(&started).await), (400, "invalid_grant"));
    let redeem = async |verifier| {
        scene.pass(1);
        let code = text(&started, "device_code");
        let form = [("grant_type", GRANT_TYPE), cli, ("device_code", code), ("code_verifier", verifier)];
        scene.token(&form).await
    };
    assert_eq!(refused(&redeem("another").await), (400, "invalid_grant"));
    assert_eq!(redeem("the verifier").await.0, 200, "the code survived");
    let plain = [cli, ("code_challenge", "x"), ("code_challenge_method", "plain")];
    assert_eq!(refused(&scene.post("auth/device", &plain).await), (400, "invalid_request"));
}
