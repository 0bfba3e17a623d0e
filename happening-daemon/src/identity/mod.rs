//! Who is calling.
//!
//! An access token is verified here, against the keys that its issuer publishes: the issuer is never asked about a
//! single token, so that ten thousand requests a second need none of it and an outage of it stops nobody who is signed
//! in. [`Verifier`] does that for any OIDC issuer; `builtin` is one, for development on one machine, in builds with the
//! feature `builtin-issuer`.
//!
//! What a caller may *do* is not decided here: [`Claims`] say who they are and which realm roles they have, the
//! memberships are in the store.
//!
//! [`directory`] is the issuer's other side: its accounts and organizations, as its administration sees them.
//!
//! To accept one more signature algorithm: `keys::algorithm_of`, and `verifier::ACCEPTED`. To read one more claim:
//! [`claims`]. To refuse for one more reason: a variant of [`Rejection`] with its sentence.

#[cfg(feature = "builtin-issuer")]
pub mod builtin;
mod cache;
mod claims;
mod demo_people;
pub mod directory;
mod fetch;
mod keys;
mod rejection;
#[cfg(test)]
pub mod testing;
mod verifier;

#[cfg(test)]
mod tests;

pub use claims::{Claims, RealmRoles};
pub use demo_people::{DEMO_PEOPLE, DemoPerson};
pub use rejection::Rejection;
pub use verifier::{Verifier, VerifierSettings, bearer};
