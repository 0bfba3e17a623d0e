//! `/admin/notifications`

pub mod resend;
pub mod undelivered;
