//! What keeps others out: the address, the file, the page.

use super::{BuiltinIssuer, IssuerError, MADE_ONCE, Scene, noon, text};
use happening_core::clock::Clock;
use std::os::unix::fs::PermissionsExt as _;

fn issuer_at(address: &str, dir: &std::path::Path) -> Result<BuiltinIssuer, IssuerError> {
    BuiltinIssuer::new(address.parse().unwrap(), dir, Clock::stopped_at(noon()))
}

#[test]
fn addresses_that_others_can_reach_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for address in
        ["0.0.0.0:5000", "192.168.0.7:5000", "[::]:5000", "[2001:db8::1]:5000", "[::ffff:10.0.0.1]:5000"]
    {
        assert!(matches!(issuer_at(address, dir.path()), Err(IssuerError::NotLoopback(_))), "{address}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "not even a key is made");
    for (address, url) in [
        ("127.0.0.1:5000", "http://127.0.0.1:5000/realms/happening"),
        ("[::1]:5000", "http://[::1]:5000/realms/happening"),
    ] {
        assert_eq!(issuer_at(address, MADE_ONCE.path()).unwrap().url(), url);
    }
}

#[test]
fn the_key_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let nested = dir.path().join("not/there/yet");
    issuer_at("127.0.0.1:1", &nested).unwrap();
    let file = nested.join("issuer-key.pem");
    let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    assert_eq!(std::fs::read_dir(&nested).unwrap().count(), 1, "no draft is left");
    let pem = std::fs::read_to_string(&file).unwrap();
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n") && pem.lines().all(|line| line.len() <= 64));

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    issuer_at("127.0.0.1:1", &nested).unwrap();
    assert_eq!(mode(), 0o600);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), pem, "the key is kept");
}

#[test]
fn a_broken_key_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("issuer-key.pem");
    std::fs::write(&file, "half of a k").unwrap();
    assert!(matches!(issuer_at("127.0.0.1:1", dir.path()), Err(IssuerError::BadKey { .. })));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "half of a k");
}

#[tokio::test]
async fn only_loopback_names_are_answered() {
    let scene = Scene::new().await;
    let certs = format!("{}/protocol/openid-connect/certs", scene.url);
    let status = async |host: &'static str| {
        scene.http.get(&certs).header("Host", host).send().await.unwrap().status().as_u16()
    };
    for host in ["localhost", "localhost:5000", "127.0.0.1:80", "[::1]:5000", "127.8.0.1"] {
        assert_eq!(status(host).await, 200, "{host}");
    }
    for host in
        ["evil.example", "evil.example:5000", "localhost.evil.example", "10.0.0.1", "127.0.0.1.nip.io"]
    {
        assert_eq!(status(host).await, 421, "{host}");
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_approves_nothing() {
    let scene = Scene::new().await;
    let start = async || {
        let answer = scene.post("auth/device", &[("client_id", "happening-cli")]).await.1;
        text(&answer, "user_code").to_owned()
    };
    let csrf = async |code: &str| {
        let page = scene.http.get(format!("{}/device?user_code={code}", scene.url)).send().await.unwrap();
        let html = page.text().await.unwrap();
        html.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    let submit = async |code: &str, csrf: &str, site: &'static str| {
        let form = [
            ("user_code", code),
            ("csrf", csrf),
            ("username", "operator"),
            ("password", "operator"),
            ("decision", "approve"),
        ];
        let post =
            scene.http.post(format!("{}/device", scene.url)).header("Sec-Fetch-Site", site).form(&form);
        post.send().await.unwrap().status().as_u16()
    };
    let (mine, other) = (start().await, start().await);
    let (good, foreign) = (csrf(&mine).await, csrf(&other).await);
    for wrong in ["", "AAAA", "not base64!", &foreign] {
        assert_eq!(submit(&mine, wrong, "same-origin").await, 403, "{wrong}");
    }
    for site in ["cross-site", "same-site", "none"] {
        assert_eq!(submit(&mine, &good, site).await, 403, "{site}");
    }
    assert_eq!(submit(&mine, &good, "same-origin").await, 200);
}

#[tokio::test]
async fn the_page_lets_nothing_in_and_needs_no_script() {
    let scene = Scene::new().await;
    let evil = "%3Cscript%3Ealert(1)%3C/script%3E%22%27%26";
    for path in ["/device".to_owned(), format!("/device?user_code={evil}")] {
        let response = scene.http.get(format!("{}{path}", scene.url)).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(!response.text().await.unwrap().contains("<script"));
    }
}
