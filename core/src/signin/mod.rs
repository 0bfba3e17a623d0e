//! Signing in, for every client that runs on a person's machine: CLI and TUI do the same things in the same files.
//!
//! Why it is so:
//! - A person approves a code in a browser (device flow), so that a password never passes through us and SSH is no obstacle.
//! - Only the refresh token is kept ([`TokenStore`]): in the keyring, or, where someone explicitly wants that, in a file
//!   that nobody else can read. The access token lives for minutes and is cached in such a file too, so that a script of a
//!   hundred commands refreshes once; it is never put in the keyring, some of which refuse values of its size.
//! - Many processes may find the access token stale at once: one refreshes under a lock, the others use its result.
//!
//! Where a token comes from is decided in one place, [`session()`]: `HAPPENING_TOKEN`, then client credentials, then the
//! store. To add a source: a [`crate::client::TokenSource`], a variant of [`TokenOrigin`] and a line in [`session()`].
//! To add a store: a [`TokenStore`] and a word of [`Storage`].
//!
//! Nothing here prints: what to say, and when to give up, is the caller's.

mod config;
mod device;
mod error;
mod files;
mod grant;
mod issuer;
mod login;
mod person;
mod session;
mod store;
mod stored;
#[cfg(test)]
mod testing;
mod tokens;

pub use config::{
    Config, Context, DEFAULT_SERVER, Environment, ServerChoice, ServerOrigin, Settings, Storage, address,
};
pub use device::DeviceLogin;
pub use error::SigninError;
pub use grant::{client_credentials, refresh, revoke};
pub use issuer::{Issuer, discover};
pub use login::{Logout, PendingLogin, Revocation, login, logout};
pub use person::{Person, ensure_person};
pub use session::{Session, TokenOrigin, session};
pub use store::{Credentials, FileStore, KeyringStore, ServerKey, TokenStore};
pub use stored::StoredSession;
pub use tokens::{AccessToken, Claims, Tokens};
