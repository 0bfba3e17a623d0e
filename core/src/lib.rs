//! What every part of Happening shares: the booking rules ([`booking`]), the wire types ([`wire`]), and, behind feature
//! `client`, the typed API client ([`client`]) and the sign-in ([`signin`]); behind feature `declare`, organizations in files
//! ([`declare`]).
//!
//! Nothing here knows a database, a broker, an HTTP server or a terminal.

pub mod backoff;
pub mod booking;
#[cfg(feature = "client")]
pub mod client;
pub mod clock;
pub mod csv;
pub mod date;
#[cfg(feature = "declare")]
pub mod declare;
pub mod fields;
pub mod id;
#[cfg(feature = "client")]
pub mod net;
#[cfg(feature = "client")]
pub mod signin;
pub mod string_enum;
pub mod text;
pub mod wire;
