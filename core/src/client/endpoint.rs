//! Where requests go. A token is for one daemon, so each URL is made by setting path and query on that daemon's address,
//! and compared with it again before the token is attached ([`Endpoint::check`]): no path, link or redirect names a host.

use super::ClientError;
use url::Url;

/// What is wrong with an address that is not a daemon's, without the address itself: it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFault {
    /// Neither `http` nor `https`, or without a host.
    NotWeb,
    /// A username or a password, which would be in each message that names the daemon.
    Credentials,
    /// A query or a fragment, which no request could keep.
    QueryOrFragment,
}

/// Whether `url` can be a daemon's address: `http` or `https`, a host, perhaps a port, perhaps a path below which a proxy
/// serves the daemon.
pub fn check_address(url: &Url) -> Result<(), AddressFault> {
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(AddressFault::NotWeb);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressFault::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(AddressFault::QueryOrFragment);
    }
    Ok(())
}

/// A daemon's address.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    base: Url,
}

impl Endpoint {
    pub(super) fn new(base: Url) -> Self {
        Self { base }
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The URL of `target`, a path at the daemon with perhaps a query: `/events?limit=5`.
    pub(super) fn url(&self, target: &str) -> Result<Url, ClientError> {
        check_address(&self.base)
            .map_err(|_| ClientError::Address(self.base.host_str().unwrap_or_default().to_owned()))?;
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        if let Some(reason) = fault_of(path, target) {
            return Err(ClientError::Path { path: target.to_owned(), reason });
        }
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.prefix()));
        url.set_query(query);
        self.check(&url)?;
        Ok(url)
    }

    /// Refuses a URL that is not the daemon's. Everything that sends a token asks this first.
    pub(super) fn check(&self, url: &Url) -> Result<(), ClientError> {
        let below = url.path().strip_prefix(self.prefix()).is_some_and(|rest| rest.starts_with('/'));
        let is_ours = url.origin() == self.base.origin()
            && url.origin().is_tuple()
            && url.username().is_empty()
            && url.password().is_none()
            && below;
        if is_ours {
            return Ok(());
        }
        Err(ClientError::Path { path: url.path().to_owned(), reason: "it leads away from the daemon" })
    }

    /// The query of a link that the answer to `asked` has: a page of the same list. A link to another host is refused. The
    /// path of the link is not used: a proxy that serves the daemon below a path may have rewritten it, or not.
    pub(super) fn follow(&self, asked: &str, link: &str) -> Result<String, ClientError> {
        let broken = || {
            ClientError::Broken("the next page of the list is at another address than the daemon".to_owned())
        };
        let target = self.url(asked)?.join(link).map_err(|_| broken())?;
        let is_ours = target.origin() == self.base.origin()
            && target.username().is_empty()
            && target.password().is_none();
        let query = target.query().filter(|_| is_ours).ok_or_else(broken)?;
        let path = asked.split_once('?').map_or(asked, |(path, _)| path);
        Ok(format!("{path}?{query}"))
    }

    /// The path of the address without its last slash: empty where the daemon is at the root.
    fn prefix(&self) -> &str {
        self.base.path().trim_end_matches('/')
    }
}

/// What keeps `path` from being one at the daemon. `target` is the same with its query.
fn fault_of(path: &str, target: &str) -> Option<&'static str> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Some("it has to begin with one slash");
    }
    // A browser's rules read a backslash as a slash, and skip tabs and line breaks.
    if path.contains('\\') || target.contains(char::is_control) {
        return Some("there is a backslash or a control character in it");
    }
    // `..` leaves what is meant: below a prefix another application, and of an id in a path the thing above it.
    let decoded = decoded(path);
    if decoded.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")) {
        return Some("there is a `.` or `..` in it");
    }
    None
}

/// The path without percent-encoding, however often it was applied: servers on the way may decode once more.
fn decoded(path: &str) -> String {
    let mut text = path.to_owned();
    loop {
        let next = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if next == text {
            return text;
        }
        text = next;
    }
}

#[cfg(test)]
mod tests;
