//! From bytes to notifications, and what is none.

use crate::store::{Reason, UndeliverableClass};
use happening_core::wire::QueuedNotification;
use serde::Deserialize;
use serde_json::error::Category;
use sha2::{Digest as _, Sha256};

/// Bytes kept of what is no notification: a notification is far shorter.
const KEPT: usize = 64 * 1024;

/// The newest version of messages that this daemon understands. Messages without one are of the first.
const VERSION: u32 = 1;

/// A message that is no notification, or none that this daemon can deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndeliverableMessage {
    /// What kind of message it is.
    pub class: UndeliverableClass,
    /// Its first bytes.
    pub payload: Vec<u8>,
    /// SHA-256 of the whole.
    pub digest: [u8; 32],
    /// Bytes of the whole.
    pub bytes: u64,
    /// What is wrong with it.
    pub reason: Reason,
}

impl UndeliverableMessage {
    /// What is kept of a message.
    pub fn new(class: UndeliverableClass, mut payload: Vec<u8>, reason: &str) -> Self {
        let (digest, bytes) = (Sha256::digest(&payload).into(), payload.len() as u64);
        payload.truncate(KEPT);
        payload.shrink_to_fit();
        Self { class, payload, digest, bytes, reason: Reason::new(reason) }
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
pub(super) fn decode(payload: Vec<u8>) -> Result<QueuedNotification, UndeliverableMessage> {
    // The version first: a newer message may look like one of ours and mean something else.
    let version = serde_json::from_slice::<Versioned>(&payload).map(|versioned| versioned.version);
    if let Ok(version) = version
        && !(1..=VERSION).contains(&version)
    {
        let reason = format!("version {version} is not known: this daemon understands {VERSION}");
        return Err(UndeliverableMessage::new(UndeliverableClass::UnknownVersion, payload, &reason));
    }
    serde_json::from_slice(&payload).map_err(|error| {
        let class = match error.classify() {
            _ if std::str::from_utf8(&payload).is_err() => UndeliverableClass::NotText,
            Category::Data => UndeliverableClass::NotANotification,
            Category::Syntax | Category::Eof | Category::Io => UndeliverableClass::NotJson,
        };
        UndeliverableMessage::new(class, payload, &error.to_string())
    })
}
