//! The approval page's HTML: one style sheet, no scripts, readable by anybody and by anything that reads aloud.
//!
//! Everything that is put into the HTML goes through [`escaped`], and the headers forbid what the page does not need:
//! should text ever get through, it would find no script, no frame and nowhere to send a form to.

use crate::identity::{DEMO_PEOPLE, DemoPerson};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1d1b2e;--paper:#fff;--ground:#f2f0f7;--line:#8a86a0;--accent:#5b3fd1;--on:#fff;--bad:#a3142b}
@media(prefers-color-scheme:dark){:root{--ink:#eceaf6;--paper:#211f2e;--ground:#15131f;--line:#837f9b;--accent:#b7a6ff;--on:#15131f;--bad:#ff9aa8}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:27rem;background:var(--paper);padding:2rem;border-radius:.75rem;border-top:.375rem solid var(--accent)}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.2}
.brand{margin:0 0 1.5rem;font-weight:700;letter-spacing:.04em;color:var(--accent)}
.code{font:700 1.5rem/1.2 ui-monospace,monospace;letter-spacing:.1em}
.alert{padding:.75rem;border:1px solid var(--bad);border-radius:.5rem;color:var(--bad)}
fieldset{margin:1.25rem 0;padding:0;border:0}
legend,.label{padding:0;margin-bottom:.25rem;font-weight:600;display:block}
.person{display:flex;gap:.625rem;align-items:baseline;padding:.375rem 0}
.hint,.person small{color:inherit;opacity:.8;font-size:.875rem}
input[type=text],input[type=password]{width:100%;padding:.625rem;border:1px solid var(--line);border-radius:.5rem;background:transparent;color:inherit;font:inherit}
.buttons{display:flex;gap:.75rem;margin-top:1.5rem}
button{flex:1;padding:.75rem;border:1px solid var(--accent);border-radius:.5rem;background:transparent;color:var(--accent);font:inherit;font-weight:600;cursor:pointer}
button.first{background:var(--accent);color:var(--on)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
";

/// The style sheet is allowed by its hash, and nothing else is.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// A page of the built-in issuer.
pub struct Page {
    status: StatusCode,
    html: String,
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, headers, Html(self.html)).into_response()
    }
}

/// Where somebody types the code that their terminal shows.
pub fn ask_for_code(status: StatusCode, alert: Option<&str>) -> Page {
    let body = "<h1>Sign in a device</h1>
<form action=\"device\" method=\"get\">
<label class=\"label\" for=\"user_code\">The code that your terminal shows</label>
<input type=\"text\" id=\"user_code\" name=\"user_code\" required autofocus autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"20\" placeholder=\"BCDF-GHJK\">
<div class=\"buttons\"><button class=\"first\">Continue</button></div>
</form>";
    page(status, "Sign in a device", alert, body)
}

/// Where they say who they are, and approve or deny.
pub fn approve(status: StatusCode, client: &str, user_code: &str, csrf: &str, alert: Option<&str>) -> Page {
    let body = format!(
        "<h1>Sign in to {client}?</h1>
<p>Approve only if your terminal shows this code:</p>
<p class=\"code\">{code}</p>
<form action=\"device\" method=\"post\">
<input type=\"hidden\" name=\"user_code\" value=\"{code}\">
<input type=\"hidden\" name=\"csrf\" value=\"{csrf}\">
<fieldset><legend>Who are you?</legend>
{people}</fieldset>
<label class=\"label\" for=\"password\">Password</label>
<input type=\"password\" id=\"password\" name=\"password\" required autocomplete=\"off\" aria-describedby=\"hint\">
<p class=\"hint\" id=\"hint\">A demo person’s password is their name, such as <b>member</b>.</p>
<div class=\"buttons\">
<button class=\"first\" name=\"decision\" value=\"approve\">Approve</button>
<button name=\"decision\" value=\"deny\" formnovalidate>Deny</button>
</div>
</form>",
        client = escaped(client),
        code = escaped(user_code),
        csrf = escaped(csrf),
        people = DEMO_PEOPLE.iter().map(choice).collect::<String>(),
    );
    page(status, "Approve a sign-in", alert, &body)
}

/// The end, one way.
pub fn approved(client: &str, person: &DemoPerson) -> Page {
    let body = format!(
        "<h1>You are signed in</h1>
<p>{client} goes on as <b>{username}</b> ({first_name} {last_name}). You can close this page.</p>",
        client = escaped(client),
        username = escaped(person.username),
        first_name = escaped(person.first_name),
        last_name = escaped(person.last_name),
    );
    page(StatusCode::OK, "Signed in", None, &body)
}

/// The end, the other way.
pub fn denied(client: &str) -> Page {
    let body =
        format!("<h1>Denied</h1>\n<p>{} was not signed in. You can close this page.</p>", escaped(client));
    page(StatusCode::OK, "Denied", None, &body)
}

fn choice(person: &DemoPerson) -> String {
    format!(
        "<div class=\"person\"><input type=\"radio\" required name=\"username\" id=\"as-{name}\" value=\"{name}\">\
         <label for=\"as-{name}\"><b>{name}</b> <small>{about}</small></label></div>\n",
        name = escaped(person.username),
        about = escaped(person.about),
    )
}

fn page(status: StatusCode, title: &str, alert: Option<&str>, body: &str) -> Page {
    let alert = alert.map(|text| format!("<p class=\"alert\" role=\"alert\">{}</p>\n", escaped(text)));
    let html = format!(
        "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">
<title>{title} · Happening</title>
<style>{STYLE}</style></head>
<body><main>
<p class=\"brand\">Happening</p>
{alert}{body}
</main></body>
</html>
",
        title = escaped(title),
        alert = alert.unwrap_or_default(),
    );
    Page { status, html }
}

/// Text as HTML, in elements and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}
