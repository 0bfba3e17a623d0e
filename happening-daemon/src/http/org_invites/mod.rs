//! `/org-invites`

pub mod accept;
pub mod by_token;
pub mod pending;
pub mod reject;
pub mod resend;
pub mod revoke;
pub mod send;
