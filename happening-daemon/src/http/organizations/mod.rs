//! `/organizations`

pub mod create;
pub mod member;
pub mod members;
pub mod of_user;
pub mod one;
