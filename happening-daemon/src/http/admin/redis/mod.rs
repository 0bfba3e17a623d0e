//! `/admin/redis`

pub mod event;
pub mod keys;
