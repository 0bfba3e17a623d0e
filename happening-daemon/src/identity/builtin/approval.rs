//! The page where somebody approves a sign-in: `GET /device`, `POST /device`.
//!
//! One form: who you are, your password, Approve or Deny. It works without scripts and can be driven by plain form
//! posts: fields `user_code`, `csrf`, `username`, `password`, and `decision` (`approve` or `deny`).
//!
//! No cookie remembers anybody, yet a forged post must not pass, since the demo passwords are known to all: the form
//! carries a signature that only this page hands out, which no other site can read.

use super::BuiltinIssuer;
use super::device::{Decision, NoCode, Waiting};
use super::error::OAuthError;
use super::page::{self, Page};
use super::params::Params;
use crate::identity::DemoPerson;
use aws_lc_rs::hmac;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;

pub async fn get(State(issuer): State<Arc<BuiltinIssuer>>, RawQuery(query): RawQuery) -> Page {
    let query = query.unwrap_or_default();
    let typed = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "user_code");
    let Some((_, typed)) = typed.filter(|(_, code)| !code.trim().is_empty()) else {
        return page::ask_for_code(StatusCode::OK, None);
    };
    match issuer.devices().find(&typed, issuer.clock.now()) {
        Ok(waiting) => issuer.form(waiting, StatusCode::OK, None),
        Err(no_code) => refuse(no_code),
    }
}

pub async fn post(
    State(issuer): State<Arc<BuiltinIssuer>>,
    headers: HeaderMap,
    params: Params,
) -> Result<Page, OAuthError> {
    let typed = params.require("user_code", "Missing parameter: user_code")?;
    let mut devices = issuer.devices();
    let waiting = match devices.find(typed, issuer.clock.now()) {
        Ok(waiting) => waiting,
        Err(no_code) => return Ok(refuse(no_code)),
    };
    if is_from_elsewhere(&headers) || !issuer.signed_form(&waiting.user_code, params.get("csrf")) {
        return Ok(issuer.form(
            waiting,
            StatusCode::FORBIDDEN,
            Some("This form was not from here. Please try again."),
        ));
    }
    if params.get("decision") == Some("deny") {
        waiting.decide(Decision::Denied);
        return Ok(page::denied(waiting.client.name));
    }
    if params.get("decision") != Some("approve") {
        return Ok(issuer.form(waiting, StatusCode::BAD_REQUEST, Some("Please choose Approve or Deny.")));
    }
    let login = params.get("username").unwrap_or_default();
    let Some(person) = DemoPerson::signing_in(login, params.get("password").unwrap_or_default()) else {
        waiting.count_wrong_password();
        return Ok(issuer.form(
            waiting,
            StatusCode::BAD_REQUEST,
            Some("Name and password do not belong together."),
        ));
    };
    waiting.decide(Decision::Approved(person));
    Ok(page::approved(waiting.client.name, person))
}

fn refuse(no_code: NoCode) -> Page {
    match no_code {
        NoCode::Unknown => page::ask_for_code(
            StatusCode::NOT_FOUND,
            Some("No sign-in waits under this code. It may have expired: start again where you came from."),
        ),
        NoCode::TooManyGuesses => page::ask_for_code(
            StatusCode::TOO_MANY_REQUESTS,
            Some("Too many wrong codes. Please wait a minute."),
        ),
    }
}

/// Fetch Metadata, sent by every current browser to a loopback address and by no script: `same-origin` for our form.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin")
}

impl BuiltinIssuer {
    fn form(&self, waiting: &Waiting, status: StatusCode, alert: Option<&str>) -> Page {
        let signature = hmac::sign(&self.form_key, waiting.user_code.as_bytes());
        let csrf = URL_SAFE_NO_PAD.encode(signature.as_ref());
        page::approve(status, waiting.client.name, &waiting.user_code, &csrf, alert)
    }

    fn signed_form(&self, user_code: &str, csrf: Option<&str>) -> bool {
        let signature = csrf.and_then(|csrf| URL_SAFE_NO_PAD.decode(csrf).ok()).unwrap_or_default();
        hmac::verify(&self.form_key, user_code.as_bytes(), &signature).is_ok()
    }
}
