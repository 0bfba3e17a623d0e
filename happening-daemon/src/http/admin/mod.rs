//! `/admin`

pub mod audit;
pub mod status;
pub mod stream;
