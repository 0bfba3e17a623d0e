//! Answers to requests that carried an `Idempotency-Key`. A booking's answer is written in its own commit
//! ([`super::Batch::answers`]); any other request is reserved before it runs and answered after.

use super::StoreError;
use crate::idempotency::{Digest, Fingerprint};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::id::EventId;
use std::collections::BTreeMap;

/// An answer as it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status, a success.
    pub status: u16,
    /// Headers that belong to the answer, such as `etag`.
    pub headers: BTreeMap<String, String>,
    /// JSON, or nothing.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// What was asked.
    pub request: Digest,
    /// The answer; `None` while the request runs, or if the daemon that ran it was killed.
    pub answer: Option<KeptAnswer>,
}

/// The answer to a command, a row of its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// Which request.
    pub fingerprint: Fingerprint,
    /// The event whose version the commit checks.
    pub event: EventId,
    /// The HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// The memory of what was answered.
#[async_trait]
pub trait Answers: Send + Sync {
    /// What is known of a key.
    async fn find_answer(&self, key: &Digest) -> Result<Option<Remembered>, StoreError>;

    /// Reserves a key until `until`. False if it is answered, or reserved for longer than `now`.
    async fn reserve(
        &self,
        fingerprint: &Fingerprint,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Keeps the answer of a key that was reserved until `until`. False if somebody else has the key by now.
    async fn keep_answer(
        &self,
        key: &Digest,
        until: DateTime<Utc>,
        answer: &KeptAnswer,
    ) -> Result<bool, StoreError>;

    /// Frees a key that was reserved until `until`: its request came to nothing.
    async fn release(&self, key: &Digest, until: DateTime<Utc>) -> Result<(), StoreError>;

    /// Forgets the oldest answers of a caller, but for the newest `kept`. Keys whose request still runs stay.
    async fn forget_oldest_answers(&self, owner: &Digest, kept: u32) -> Result<u64, StoreError>;

    /// Forgets keys from before `before`.
    async fn forget_answers(&self, before: DateTime<Utc>) -> Result<u64, StoreError>;
}
