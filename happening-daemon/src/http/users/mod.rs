//! `/users`

pub mod erase;
pub mod export;
pub mod find;
pub mod invite_blocks;
pub mod one;
pub mod sign_up;
pub mod status;
pub mod update;
