//! The demo people: the same as in the development realm of Keycloak. Their passwords are their names.

/// Somebody who can sign in at the built-in issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoPerson {
    /// Also the password.
    pub username: &'static str,
    /// `sub`; fixed, so that a database outlives the issuer's key.
    pub subject: &'static str,
    /// Verified, as far as anybody is concerned.
    pub email: &'static str,
    /// Given name.
    pub first_name: &'static str,
    /// Family name.
    pub last_name: &'static str,
    /// Beside the roles that everybody has.
    pub realm_roles: &'static [&'static str],
    /// What they are there for, in a few words, for the sign-in page.
    pub about: &'static str,
}

/// Everybody who can sign in at the built-in issuer.
pub const DEMO_PEOPLE: &[DemoPerson] = &[
    DemoPerson {
        username: "operator",
        subject: "00000000-0000-4000-8000-000000000001",
        email: "operator@happening.test",
        first_name: "Olga",
        last_name: "Demo",
        realm_roles: &["happening-operator"],
        about: "runs the installation: everything",
    },
    DemoPerson {
        username: "support",
        subject: "00000000-0000-4000-8000-000000000002",
        email: "support@happening.test",
        first_name: "Sam",
        last_name: "Demo",
        realm_roles: &["happening-support"],
        about: "reads everything, acts on bookings",
    },
    DemoPerson {
        username: "admin",
        subject: "00000000-0000-4000-8000-000000000003",
        email: "admin@happening.test",
        first_name: "Ada",
        last_name: "Demo",
        realm_roles: &[],
        about: "orgAdmin of Demo",
    },
    DemoPerson {
        username: "organizer",
        subject: "00000000-0000-4000-8000-000000000004",
        email: "organizer@happening.test",
        first_name: "Otto",
        last_name: "Demo",
        realm_roles: &[],
        about: "organizer of Demo",
    },
    DemoPerson {
        username: "member",
        subject: "00000000-0000-4000-8000-000000000005",
        email: "member@happening.test",
        first_name: "Mia",
        last_name: "Demo",
        realm_roles: &[],
        about: "user of Demo: books",
    },
    DemoPerson {
        username: "guest",
        subject: "00000000-0000-4000-8000-000000000006",
        email: "guest@happening.test",
        first_name: "Gus",
        last_name: "Demo",
        realm_roles: &[],
        about: "in no organization",
    },
];
