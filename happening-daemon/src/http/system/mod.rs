//! What the daemon says of itself, to anyone.

pub mod db_test;
pub mod healthz;
pub mod readyz;
pub mod root;
pub mod well_known;
