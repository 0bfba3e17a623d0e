//! For those who run the installation.

pub mod audit;
pub mod queue;
pub mod reconcile;
pub mod redis;
pub mod status;
pub mod stream;
