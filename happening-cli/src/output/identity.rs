//! Who is signed in.

use super::{Cell, Column, Record, Tone};
use chrono::{DateTime, Utc};
use happening_core::id::UserId;
use happening_core::signin::{Person, TokenOrigin};
use happening_core::wire::Membership;
use serde::Serialize;

/// Who the caller is, here and at the issuer, and where the token comes from.
#[derive(Debug, Serialize)]
pub struct Identity {
    server: String,
    issuer: Option<String>,
    subject: String,
    username: Option<String>,
    email: Option<String>,
    /// Absent for one the daemon does not know.
    user_id: Option<UserId>,
    /// Roles of the whole installation.
    roles: Vec<String>,
    organizations: Vec<Membership>,
    token: TokenInfo,
}

#[derive(Debug, Serialize)]
struct TokenInfo {
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip)]
    told: String,
    expires_at: Option<DateTime<Utc>>,
}

impl Identity {
    pub fn new(server: &str, person: Person, origin: &TokenOrigin) -> Self {
        let Person { claims, user, .. } = person;
        let path = match origin {
            TokenOrigin::File(path) => Some(path.display().to_string()),
            _ => None,
        };
        let token = TokenInfo {
            origin: origin.as_str(),
            path,
            told: origin.to_string(),
            expires_at: claims.expires_at(),
        };
        Self {
            server: server.trim_end_matches('/').to_owned(),
            issuer: claims.iss,
            subject: claims.sub,
            username: user.as_ref().map(|user| user.username.clone()).or(claims.preferred_username),
            // A service account has none.
            email: user
                .as_ref()
                .map(|user| user.email.clone())
                .or(claims.email)
                .filter(|email| !email.is_empty()),
            user_id: user.as_ref().map(|user| user.id),
            // The issuer has roles of its own, which mean nothing here.
            roles: claims
                .realm_access
                .roles
                .into_iter()
                .filter(|role| role.starts_with("happening-"))
                .collect(),
            organizations: user.and_then(|user| user.organizations).unwrap_or_default(),
            token,
        }
    }
}

impl Record for Identity {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::text("USER"), Column::text("EMAIL"), Column::text("SERVER")];

    fn fields() -> Vec<&'static str> {
        vec!["server", "issuer", "subject", "username", "email", "user_id", "roles", "organizations", "token"]
    }

    fn name(&self) -> String {
        self.username.clone().unwrap_or_else(|| self.subject.clone())
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::maybe(self.username.clone()), Cell::maybe(self.email.clone()), Cell::new(&self.server)]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let mut details = vec![
            ("User", Cell::maybe(self.username.clone())),
            ("E-mail", Cell::maybe(self.email.clone())),
            ("User id", Cell::maybe(self.user_id)),
            ("Server", Cell::new(&self.server)),
            ("Issuer", Cell::maybe(self.issuer.clone())),
        ];
        if !self.roles.is_empty() {
            details.push(("Roles", Cell::new(self.roles.join(", "))));
        }
        if self.organizations.is_empty() {
            details.push(("Organizations", Cell::new("none").tone(Tone::Faint)));
        }
        for (index, membership) in self.organizations.iter().enumerate() {
            let name = if index == 0 { "Organizations" } else { "" };
            details
                .push((name, Cell::new(format!("{} ({})", membership.organization_name, membership.role))));
        }
        details.push(("Token from", Cell::new(&self.token.told)));
        details.push(("Expires", self.token.expires_at.map_or_else(|| Cell::maybe(None::<u32>), Cell::time)));
        details
    }
}

/// What `logout` did.
#[derive(Debug, Serialize)]
pub struct SignedOut {
    /// Of which daemon.
    pub server: String,
    /// Where the sign-in had been kept.
    pub from: &'static str,
    /// The issuer takes the refresh token no more.
    pub revoked: bool,
}

impl Record for SignedOut {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::text("SERVER"), Column::text("FROM"), Column::text("REVOKED")];

    fn fields() -> Vec<&'static str> {
        vec!["server", "from", "revoked"]
    }

    fn name(&self) -> String {
        self.server.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(&self.server),
            Cell::new(self.from),
            Cell::new(if self.revoked { "yes" } else { "no" }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Style;
    use happening_core::signin::Claims;

    #[test]
    fn a_service_account_that_the_daemon_does_not_know() {
        let claims: Claims = serde_json::from_value(serde_json::json!({
            "sub": "s", "iss": "http://issuer", "preferred_username": "service-account-bot", "exp": 1_800_000_000,
            "realm_access": {"roles": ["offline_access", "happening-operator"]},
        }))
        .unwrap();
        let person = Person { claims, user: None, first_sign_in: false };
        let identity = Identity::new("http://daemon/", person, &TokenOrigin::ClientCredentials("bot".into()));
        insta::assert_snapshot!(identity.portrait(Style::plain(Some(80))), @"
        User           service-account-bot
        E-mail         -
        User id        -
        Server         http://daemon
        Issuer         http://issuer
        Roles          happening-operator
        Organizations  none
        Token from     the service account bot (HAPPENING_CLIENT_ID)
        Expires        2027-01-15 08:00 UTC
        ");
        let json = serde_json::to_value(&identity).unwrap();
        assert_eq!(json["token"]["origin"], "client_credentials");
    }
}
