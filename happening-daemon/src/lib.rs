//! The Happening daemon: `ARCHITECTURE.md` is the map of its folders, with one booking step by step.

pub mod app;
pub mod booking;
pub mod commands;
pub mod config;
pub mod counters;
pub mod demo;
pub mod holds;
pub mod http;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod keycloak;
pub mod lifecycle;
pub mod live;
pub mod liveness;
mod logging;
pub mod outbox;
pub mod places;
pub mod private;
pub mod queue;
pub mod random;
pub mod redis_link;
pub mod service;
pub mod store;
#[cfg(test)]
pub mod testing;
pub mod worker;
