//! Tokens that must not pass. Each differs from a good one in the one thing that it is about.

use super::{Rejection, Scene};
use crate::identity::testing::{TestKey, unsigned};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

#[tokio::test]
async fn without_a_signature() {
    let scene = Scene::new().await;
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let token = unsigned(&json!({ "alg": alg, "typ": "JWT", "kid": "one" }), &scene.claims());
        for signature in ["", "AAAA"] {
            let sent = scene.verifier.verify(&format!("{token}.{signature}")).await;
            assert_eq!(sent, Err(Rejection::Algorithm), "{alg}");
        }
    }
    let token = scene.key.sign(&scene.claims());
    let cut = &token[..=token.rfind('.').unwrap()];
    assert_eq!(scene.verifier.verify(cut).await, Err(Rejection::BadSignature));
    assert_eq!(scene.issuer.asked_for_keys(), 1, "an algorithm that is never accepted asks for no key");
}

#[tokio::test]
async fn signed_with_the_public_key_as_a_secret() {
    let scene = Scene::new().await;
    let jwk = scene.key.jwk().to_string();
    for secret in [scene.key.public_bytes(), jwk.into_bytes(), Vec::new()] {
        for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let signed = unsigned(&json!({ "alg": alg, "typ": "JWT", "kid": "one" }), &scene.claims());
            let secret = EncodingKey::from_secret(&secret);
            let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, alg).unwrap();
            let sent = scene.verifier.verify(&format!("{signed}.{signature}")).await;
            assert_eq!(sent, Err(Rejection::Algorithm));
        }
    }
}

#[tokio::test]
async fn with_another_algorithm_than_the_key_is_for() {
    let scene = Scene::new().await;
    for algorithm in [Algorithm::PS256, Algorithm::RS384, Algorithm::RS512] {
        let token = scene.key.clone().with(algorithm).sign(&scene.claims());
        assert_eq!(scene.verifier.verify(&token).await, Err(Rejection::Algorithm), "{algorithm:?}");
    }
    let elliptic = TestKey::ec("one").sign(&scene.claims());
    assert_eq!(scene.verifier.verify(&elliptic).await, Err(Rejection::Algorithm));
}

#[tokio::test]
async fn naming_the_key_to_verify_with() {
    let scene = Scene::new().await;
    let theirs = TestKey::rsa(1, "one");
    let elsewhere = crate::identity::testing::TestIssuer::start(&[&theirs]).await;
    let address = format!("{}/certs", elsewhere.url());
    for (name, value) in
        [("jku", json!(address)), ("jwk", theirs.jwk()), ("x5u", json!(address)), ("x5c", json!(["MIIB"]))]
    {
        for kid in ["one", "theirs"] {
            let mut header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid });
            header[name] = value.clone();
            let sent = scene.verifier.verify(&theirs.sign_with_header(&header, &scene.claims())).await;
            let expected = if kid == "one" { Rejection::BadSignature } else { Rejection::UnknownKey };
            assert_eq!(sent, Err(expected), "{name} {kid}");
        }
    }
    assert_eq!(elsewhere.asked_for_keys(), 0, "nothing in a token leads anywhere");
}

#[tokio::test]
async fn with_odd_headers() {
    let scene = Scene::new().await;
    let header = |name: &str, value: Value| {
        let mut header = json!({ "alg": "RS256", "typ": "JWT", "kid": "one" });
        header[name] = value;
        header
    };
    for (header, expected) in [
        (header("crit", json!(["exp"])), Rejection::Malformed),
        (header("crit", json!([])), Rejection::Malformed),
        (header("kid", json!(7)), Rejection::Malformed),
        (header("kid", Value::Null), Rejection::UnknownKey),
        (header("kid", json!("../../one")), Rejection::UnknownKey),
        (header("alg", json!(["RS256"])), Rejection::Malformed),
        (header("typ", json!("logout+jwt")), Rejection::WrongType),
        (header("typ", json!("dpop+jwt")), Rejection::WrongType),
    ] {
        let token = scene.key.sign_with_header(&header, &scene.claims());
        assert_eq!(scene.verifier.verify(&token).await, Err(expected), "{header}");
    }
}

#[tokio::test]
async fn of_another_audience() {
    let scene = Scene::new().await;
    for aud in [json!(null), json!("account"), json!(["account", "happening-server2"]), json!([]), json!("")]
    {
        let Err(Rejection::WrongAudience { hint }) = scene.send(json!({ "aud": aud })).await else {
            panic!("{aud} passed");
        };
        assert!(hint.contains("`happening-server`") && hint.contains("`happening-cli`"), "{hint}");
        assert!(hint.contains("oidc-audience-mapper") && hint.contains("OIDC_TRUSTED_CLIENTS"), "{hint}");
    }
    for aud in [json!({ "happening-server": 1 }), json!([["happening-server"]]), json!(7)] {
        assert_eq!(scene.send(json!({ "aud": aud })).await, Err(Rejection::Malformed), "{aud}");
    }
    let strange = json!({ "aud": "account", "azp": "a\u{1b}[31mb\u{202e}" });
    let Err(Rejection::WrongAudience { hint }) = scene.send(strange).await else { panic!("passed") };
    assert!(hint.contains("client `a[31mb`"), "{hint}");
}

#[tokio::test]
async fn that_are_no_access_tokens() {
    let scene = Scene::new().await;
    for typ in ["ID", "Refresh", "Offline", "Logout", "DPoP", "bearer", ""] {
        assert_eq!(scene.send(json!({ "typ": typ })).await, Err(Rejection::WrongType), "{typ}");
    }
    let id_token = json!({ "typ": "ID", "aud": "happening-cli", "at_hash": "x" });
    assert_eq!(scene.send(id_token).await, Err(Rejection::WrongType));
    let untyped_id_token = json!({ "typ": null, "at_hash": "x" });
    assert_eq!(scene.send(untyped_id_token).await, Err(Rejection::WrongType));
    assert_eq!(scene.send(json!({ "typ": 1 })).await, Err(Rejection::Malformed));
}

#[tokio::test]
async fn at_the_wrong_time() {
    let scene = Scene::new().await;
    for exp in [json!("1900000000"), json!(null), json!(true), json!([1_900_000_000]), json!(1e300)] {
        assert_eq!(scene.send(json!({ "exp": exp })).await, Err(Rejection::Malformed), "{exp}");
    }
    for exp in [json!(1_800_000_000), json!(1_799_999_999), json!(0), json!(-1)] {
        assert_eq!(scene.send(json!({ "exp": exp })).await, Err(Rejection::Expired), "{exp}");
    }
    assert_eq!(scene.send(json!({ "nbf": 1_800_000_031 })).await, Err(Rejection::NotYetValid));
    assert_eq!(scene.send(json!({ "nbf": "0" })).await, Err(Rejection::Malformed));
}

#[tokio::test]
async fn of_another_issuer() {
    let scene = Scene::new().await;
    let url = scene.issuer.url().to_owned();
    for iss in [json!("https://evil.example"), json!(format!("{url}/")), json!(url.to_uppercase()), json!("")]
    {
        assert_eq!(scene.send(json!({ "iss": iss })).await, Err(Rejection::WrongIssuer), "{iss}");
    }
    for iss in [json!(null), json!([url])] {
        assert_eq!(scene.send(json!({ "iss": iss })).await, Err(Rejection::Malformed), "{iss}");
    }
    for sub in [json!(null), json!(""), json!(7), json!("s".repeat(256))] {
        assert_eq!(scene.send(json!({ "sub": sub })).await, Err(Rejection::Malformed), "{sub}");
    }
}

#[tokio::test]
async fn signed_by_somebody_else() {
    let scene = Scene::new().await;
    let same_name = TestKey::rsa(1, "one").sign(&scene.claims());
    assert_eq!(scene.verifier.verify(&same_name).await, Err(Rejection::BadSignature));
    let other_name = TestKey::rsa(1, "other").sign(&scene.claims());
    assert_eq!(scene.verifier.verify(&other_name).await, Err(Rejection::UnknownKey));
}

#[tokio::test]
async fn changed_after_signing() {
    let scene = Scene::new().await;
    let token = scene.key.sign(&scene.claims());
    scene.verifier.verify(&token).await.unwrap();
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let more = scene.but(&json!({ "realm_access": { "roles": ["happening-operator"] } }));
    let payload = URL_SAFE_NO_PAD.encode(more.to_string());
    let sent = scene.verifier.verify(&format!("{header}.{payload}.{signature}")).await;
    assert_eq!(sent, Err(Rejection::BadSignature));
}

#[tokio::test]
async fn that_are_garbage() {
    let scene = Scene::new().await;
    let good = scene.key.sign(&scene.claims());
    let twice = r#"{"alg":"RS256","alg":"RS256","kid":"one"}"#;
    let claims_twice = format!(r#"{{"exp":1,"exp":1900000000,{}"#, &scene.claims().to_string()[1..]);
    let header = json!({ "alg": "RS256", "kid": "one" });
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims_twice));
    for garbage in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "a.b.c".to_owned(),
        "\u{0}.\u{feff}.ü".to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{good}"),
        good.replace('.', "="),
        format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(twice)),
        format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode("[[[[[")),
        format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode("[".repeat(10_000))),
    ] {
        assert_eq!(scene.verifier.verify(&garbage).await, Err(Rejection::Malformed), "{garbage}");
    }
    assert!(scene.verifier.verify(&format!("{signed}.AAAA")).await.is_err());
    assert!(scene.verifier.verify(&format!("{good} ")).await.is_err());
    assert_eq!(scene.issuer.asked_for_keys(), 1);
}

#[tokio::test]
async fn that_are_huge_are_refused_before_anything_is_done_with_them() {
    let scene = Scene::new().await;
    let claims = scene.but(&json!({ "more": "x".repeat(16 * 1024) }));
    assert_eq!(scene.verifier.verify(&scene.key.sign(&claims)).await, Err(Rejection::Malformed));
    assert_eq!(scene.verifier.verify(&"x".repeat(10_000_000)).await, Err(Rejection::Malformed));
    assert_eq!(scene.issuer.asked_for_keys(), 0);
    let roles: Vec<String> = (0..200).map(|number| format!("role-{number}")).collect();
    scene.send(json!({ "realm_access": { "roles": roles } })).await.unwrap();
}
