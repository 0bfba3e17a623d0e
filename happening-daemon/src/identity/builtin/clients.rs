//! The clients, as in the development realm, and what each may do here.

/// A client.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    pub id: &'static str,
    /// For the approval page.
    pub name: &'static str,
    pub device_flow: bool,
    /// Scripts and tests only: typing a password anywhere but on the issuer's own page trains people for fraud.
    pub password_grant: bool,
    /// Confidential clients have one, and act by themselves.
    pub service: Option<ServiceAccount>,
}

/// What makes a client a caller of its own: the client credentials grant.
#[derive(Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// As public as the demo people's passwords.
    pub secret: &'static str,
    /// `sub`; fixed, so that a database outlives the issuer's key.
    pub subject: &'static str,
}

const CLIENTS: &[Client] = &[
    Client {
        id: "happening-cli",
        name: "Happening CLI",
        device_flow: true,
        password_grant: false,
        service: None,
    },
    Client {
        id: "happening-demo",
        name: "Demo and tests",
        device_flow: false,
        password_grant: true,
        service: None,
    },
    Client {
        id: "happening-ci",
        name: "Happening scripts",
        device_flow: false,
        password_grant: false,
        service: Some(ServiceAccount {
            secret: "happening-ci-dev-secret",
            subject: "00000000-0000-4000-8000-000000000101",
        }),
    },
    // Known, so that asking with them is answered with what is wrong; there is no browser flow here, and the daemon needs
    // none.
    Client {
        id: "happening-client",
        name: "Happening web application",
        device_flow: false,
        password_grant: false,
        service: None,
    },
    Client {
        id: "happening-server",
        name: "Happening daemon",
        device_flow: false,
        password_grant: false,
        service: None,
    },
];

impl Client {
    pub fn find(id: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|one| one.id == id)
    }
}
