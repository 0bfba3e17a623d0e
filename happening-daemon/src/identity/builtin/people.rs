//! How the demo people sign in.

use crate::identity::{DEMO_PEOPLE, DemoPerson};

impl DemoPerson {
    /// By what people sign in with: name or e-mail, in any case, as in Keycloak.
    pub(super) fn by_login(login: &str) -> Option<&'static Self> {
        let login = login.trim();
        DEMO_PEOPLE
            .iter()
            .find(|one| one.username.eq_ignore_ascii_case(login) || one.email.eq_ignore_ascii_case(login))
    }

    pub(super) fn by_subject(subject: &str) -> Option<&'static Self> {
        DEMO_PEOPLE.iter().find(|one| one.subject == subject)
    }

    /// With name and password. The passwords are public: comparing them in constant time would protect nothing.
    pub(super) fn signing_in(login: &str, password: &str) -> Option<&'static Self> {
        Self::by_login(login).filter(|person| person.username == password)
    }
}
