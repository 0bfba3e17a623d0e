//! `/admin/notifications`

pub mod preview;
pub mod resend;
pub mod undelivered;
