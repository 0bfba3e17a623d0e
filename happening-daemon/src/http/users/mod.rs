//! `/users`

pub mod find;
pub mod sign_up;
