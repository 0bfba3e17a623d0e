//! `/organizations`

pub mod audit;
pub mod create;
pub mod delete;
pub mod invites;
pub mod list;
pub mod member;
pub mod members;
pub mod of_user;
pub mod one;
pub mod service_account;
pub mod service_accounts;
pub mod status;
pub mod transfer;
pub mod update;
