//! The REST API: translates between the wire and the use cases, and nothing else.
//!
//! One resource a file, each of its endpoints a function with its route. A request passes `layers.rs` (CORS, request id, time-out, panics; and there
//! `rate_limit.rs`, `dry_run.rs` if it is only to be tried, `idempotency.rs` if it may be sent again, `readers.rs` if it
//! reads much; `shared_reads.rs` has the answers that many share), its extractors (`caller.rs` authenticates, counts the request and hands over the means to work; `json.rs`,
//! `params.rs` read), its handler, and, when something is wrong, `error.rs`.
//!
//! To add an endpoint: its function in the file of its resource, a line in `routes.rs`, which says what work it is.

mod admin;
mod body_error;
mod bookings;
mod caller;
mod capacity;
mod client_address;
mod csv;
mod dry_run;
mod edit;
mod error;
mod etag;
mod events;
mod holds;
mod idempotency;
mod json;
mod layers;
mod notifications;
mod org_invites;
mod organizations;
mod page;
mod params;
mod patient;
mod prefer;
mod rate_limit;
mod readers;
mod request_id;
mod routes;
mod server;
mod shared_reads;
mod sockets;
mod stream;
mod system;
mod unread_body;
mod users;

pub use capacity::Capacity;
pub use rate_limit::{RateLimits, Rates};
pub use readers::Readers;
pub use routes::{ROUTES, Rate, Route, Work};
pub use server::{Server, Terms};
pub use shared_reads::SharedReads;
pub use sockets::Limits;

use crate::idempotency::KeptAnswers;
use crate::identity::Verifier;
use crate::lifecycle::Lifecycle;
use crate::liveness::Liveness;
use crate::places::Places;
use crate::queue::Queue;
use crate::service::Services;
use axum::Router;
use happening_core::wire::Discovery;
use std::net::IpAddr;
use std::sync::Arc;

/// What the endpoints work with.
pub struct Api {
    /// The use cases.
    pub services: Arc<Services>,
    /// Who is calling.
    pub verifier: Arc<Verifier>,
    /// For `/readyz`.
    pub queue: Arc<dyn Queue>,
    /// Whether the queue answers.
    pub queue_liveness: Liveness,
    /// For `/.well-known/happening`.
    pub discovery: Discovery,
    /// The client that the daemon is at the issuer.
    pub client_id: String,
    /// Browser origins that may call.
    pub origins: Vec<String>,
    /// Proxies whose word on the client's address counts.
    pub trusted_proxies: Vec<IpAddr>,
    /// How many answers to keyed requests are kept.
    pub kept_answers: KeptAnswers,
    /// How often people and addresses may ask.
    pub rate_limits: Arc<RateLimits>,
    /// How many heavy reads run at once.
    pub readers: Arc<Readers>,
    /// Answers that many share.
    pub shared_reads: SharedReads,
    /// What sockets may ask for.
    pub limits: Limits,
    /// How much is taken on at once.
    pub capacity: Capacity,
    /// What is open.
    pub places: Places,
    /// Present unless a real issuer is configured.
    pub issuer: Option<IssuerPages>,
    /// Ends what runs too long.
    pub lifecycle: Lifecycle,
}

/// The pages of the built-in issuer, and the path below which they are.
#[derive(Clone)]
pub struct IssuerPages {
    /// Ends without a slash.
    pub mount: &'static str,
    /// They set their own headers and are for no other origin.
    pub pages: Router,
}

/// The state that handlers share.
pub type State = Arc<Api>;

/// Every route.
pub fn router(api: Api) -> Router {
    let api: State = Arc::new(api);
    let issuer = api.issuer.clone();
    let routes = layers::api(routes::table().with_state(api.clone()), sockets::layer(&api), &api);
    match issuer {
        Some(IssuerPages { mount, pages }) => routes.nest(mount, layers::issuer(pages)),
        None => routes,
    }
}
