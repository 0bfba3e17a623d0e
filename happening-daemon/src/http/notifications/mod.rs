//! `/notifications`

pub mod of_user;
