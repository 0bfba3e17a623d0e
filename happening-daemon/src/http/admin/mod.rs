//! For those who run the installation.

pub mod audit;
pub mod counters;
pub mod jobs;
pub mod notifications;
pub mod queue;
pub mod reconcile;
pub mod status;
pub mod stream;
