//! `/events/:id/holds`

pub mod create;
pub mod extend;
pub mod release;
