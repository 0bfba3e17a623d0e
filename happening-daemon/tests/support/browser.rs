//! A browser as small as it can be: follows redirects, keeps cookies, fills forms. With it the tests approve sign-ins on
//! the pages of either issuer, by plain HTTP.

use reqwest::{Method, Response, header};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// More would be a circle.
const REDIRECTS: usize = 10;

/// What the person at the browser decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Deny,
}

/// Signs a demo person in at the address that a terminal shows, and decides. Returns the last page's text.
pub async fn decide(address: &str, name: &str, decision: Decision) -> String {
    let mut browser = Browser::default();
    let address: Url = address.parse().expect("an address");
    let page = browser.open(Method::GET, address, &[]).await;
    if page.html.contains("name=\"csrf\"") {
        let decision = if decision == Decision::Approve { "approve" } else { "deny" };
        let fields = [("username", name), ("password", name), ("decision", decision)];
        return browser.submit(&page, &fields).await.html;
    }
    // Keycloak: name and password on one page, or, once the realm has organizations, on two.
    let mut page = browser.submit(&page, &[("username", name), ("password", name)]).await;
    if page.html.contains("id=\"password\"") {
        page = browser.submit(&page, &[("password", name)]).await;
    }
    let consent = if decision == Decision::Approve { ("accept", "Yes") } else { ("cancel", "No") };
    assert!(page.html.contains("name=\"code\""), "no question of consent: {}", page.html);
    browser.submit(&page, &[consent]).await.html
}

/// A page and where it is.
struct Page {
    url: Url,
    html: String,
}

#[derive(Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Sends the page's form with its hidden fields and these.
    async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = tags(&page.html, "form").next().unwrap_or_else(|| panic!("no form: {}", page.html));
        let action = attribute(form, "action").expect("the form's action");
        let target = page.url.join(&action).expect("an address");
        let hidden =
            tags(&page.html, "input").filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"));
        let mut all: Vec<(String, String)> = hidden
            .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
            .filter(|(name, _)| !fields.iter().any(|(own, _)| own == name))
            .collect();
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.open(Method::POST, target, &all).await
    }

    async fn open(&mut self, mut method: Method, mut url: Url, fields: &[(String, String)]) -> Page {
        let http = happening_core::net::http_client(Duration::from_mins(1));
        for _ in 0..REDIRECTS {
            let mut request = http.request(method.clone(), url.clone()).header(header::ACCEPT, "text/html");
            if !self.cookies.is_empty() {
                request = request.header(header::COOKIE, self.cookie());
            }
            if method == Method::POST {
                request = request.form(fields);
            }
            let answer = request.send().await.expect("the issuer answers");
            self.remember(&answer);
            let Some(location) = answer.headers().get(header::LOCATION) else {
                return Page { url, html: answer.text().await.expect("a page") };
            };
            url = url.join(location.to_str().expect("an address")).expect("an address");
            method = Method::GET;
        }
        panic!("redirected in a circle, last to {url}");
    }

    fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn remember(&mut self, answer: &Response) {
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie");
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie's name");
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The tags of one kind, without their angle brackets.
fn tags<'a>(html: &'a str, kind: &str) -> impl Iterator<Item = &'a str> {
    let open = format!("<{kind}");
    let starts: Vec<usize> = html.match_indices(&open).map(|(start, _)| start).collect();
    starts.into_iter().filter_map(move |start| html[start..].split_once('>')).map(|(tag, _)| tag)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}
