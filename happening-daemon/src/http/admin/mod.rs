//! `/admin`

pub mod audit;
