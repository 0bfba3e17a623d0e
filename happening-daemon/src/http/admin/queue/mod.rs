//! `/admin/queue`

pub mod discard;
pub mod parked;
pub mod requeue;
pub mod status;
