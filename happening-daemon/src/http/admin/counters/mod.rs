//! `/admin/redis`: the counters, by the name under which operators know them.

pub mod event;
pub mod keys;
