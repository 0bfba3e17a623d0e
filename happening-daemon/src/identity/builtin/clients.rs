//! The clients, as in the development realm, and what each may do here.

/// A client.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    pub id: &'static str,
    /// For the approval page.
    pub name: &'static str,
    pub device_flow: bool,
    /// Scripts and tests only: whoever types a password anywhere but on the issuer's own page is being trained for fraud.
    pub password_grant: bool,
}

const CLIENTS: &[Client] = &[
    Client { id: "happening-cli", name: "Happening CLI", device_flow: true, password_grant: false },
    Client { id: "happening-demo", name: "Demo and tests", device_flow: false, password_grant: true },
    // Known, so that asking with them is answered with what is wrong; there is no browser or service flow here.
    Client {
        id: "happening-client",
        name: "Happening web application",
        device_flow: false,
        password_grant: false,
    },
    Client { id: "happening-server", name: "Happening daemon", device_flow: false, password_grant: false },
];

impl Client {
    pub fn find(id: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|one| one.id == id)
    }
}
