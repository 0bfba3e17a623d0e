//! From bytes to notifications, and what is none.

use happening_core::wire::QueuedNotification;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Bytes kept of what is no notification: a notification is far shorter.
const KEPT: usize = 64 * 1024;

/// The newest version of messages that this daemon understands. Messages without one are of the first.
const VERSION: u32 = 1;

/// A message that is no notification, or none that this daemon can deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Junk {
    /// Its first bytes.
    pub payload: Vec<u8>,
    /// SHA-256 of the whole.
    pub digest: [u8; 32],
    /// Bytes of the whole.
    pub bytes: u64,
    /// What is wrong with it.
    pub reason: String,
}

impl Junk {
    /// What is kept of a message.
    pub fn new(mut payload: Vec<u8>, reason: String) -> Self {
        let (digest, bytes) = (Sha256::digest(&payload).into(), payload.len() as u64);
        payload.truncate(KEPT);
        Self { payload, digest, bytes, reason }
    }
}

#[derive(Deserialize)]
struct Versioned {
    #[serde(default = "first")]
    version: u32,
}

const fn first() -> u32 {
    1
}

/// Reads a message.
pub(super) fn decode(payload: Vec<u8>) -> Result<QueuedNotification, Junk> {
    // The version first: a newer message may look like one of ours and mean something else.
    let version = serde_json::from_slice::<Versioned>(&payload).map(|versioned| versioned.version);
    if let Ok(version) = version
        && !(1..=VERSION).contains(&version)
    {
        let reason = format!("version {version} is not known: this daemon understands {VERSION}");
        return Err(Junk::new(payload, reason));
    }
    serde_json::from_slice(&payload).map_err(|error| Junk::new(payload, error.to_string()))
}
