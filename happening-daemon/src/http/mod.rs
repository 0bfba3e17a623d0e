//! The REST API: translates between the wire and the use cases, and nothing else.
//!
//! One endpoint a file, folders mirror URLs. A request passes `layers.rs` (request id, time-out, panics, CORS), its
//! extractors (`caller.rs` authenticates and hands over the means to work; `json.rs`, `params.rs` read), its handler,
//! and, when something is wrong, `error.rs`.
//!
//! To add an endpoint: its file, a line in [`router`].

mod bookings;
mod caller;
mod error;
mod events;
mod json;
mod layers;
mod leftover;
mod notifications;
mod organizations;
mod params;
mod request_id;
mod server;
mod system;
mod users;

pub use server::Server;

use crate::identity::{Verifier, builtin};
use crate::lifecycle::Lifecycle;
use crate::queue::Queue;
use crate::service::Services;
use crate::vital::Vital;
use axum::Router;
use axum::routing::{get, post, put};
use happening_core::wire::Discovery;
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
    pub queue_vital: Vital,
    /// For `/.well-known/happening`.
    pub discovery: Discovery,
    /// The client that the daemon is at the issuer.
    pub client_id: String,
    /// Browser origins that may call.
    pub origins: Vec<String>,
    /// Present unless a real issuer is configured.
    pub issuer: Option<Arc<builtin::BuiltinIssuer>>,
    /// Ends what runs too long.
    pub lifecycle: Lifecycle,
}

/// The state that handlers share.
pub type State = Arc<Api>;

/// Every route.
pub fn router(api: Api) -> Router {
    let api: State = Arc::new(api);
    let issuer = api.issuer.clone();
    let routes = Router::new()
        .route("/", get(system::root::get))
        .route("/db-test", get(system::db_test::get))
        .route("/healthz", get(system::healthz::get))
        .route("/readyz", get(system::readyz::get))
        .route("/.well-known/happening", get(system::well_known::get))
        .route("/events", get(events::list::get).post(events::create::post))
        .route("/events/{id}", get(events::one::get).put(events::update::put).delete(events::delete::delete))
        .route("/events/{id}/seats", get(events::seats::get))
        .route("/events/{id}/waitlist", get(events::waitlist::get))
        .route("/events/{id}/reassign", post(events::reassign::post))
        .route("/bookings", post(bookings::create::post))
        .route("/bookings/user/{user_id}", get(bookings::of_user::get))
        .route("/bookings/{id}", get(bookings::one::get))
        .route("/bookings/{id}/seats", get(bookings::seats::get))
        .route("/bookings/{id}/waiting-position", get(bookings::waiting_position::get))
        .route("/bookings/{id}/cancel", post(bookings::cancel::post))
        .route("/bookings/{id}/cancel-seats", post(bookings::cancel_seats::post))
        .route("/notifications/user/{user_id}", get(notifications::of_user::get))
        .route("/users", get(users::find::get).post(users::sign_up::post))
        .route("/organizations", post(organizations::create::post))
        .route("/organizations/user/{user_id}", get(organizations::of_user::get))
        .route("/organizations/{id}", get(organizations::one::get))
        .route("/organizations/{id}/members", get(organizations::members::get))
        .route(
            "/organizations/{id}/members/{user_id}",
            put(organizations::member::put).delete(organizations::member::delete),
        )
        .fallback(error::unknown_route)
        .method_not_allowed_fallback(error::wrong_method)
        .with_state(api.clone());
    let routes = layers::api(routes, &api.origins);
    match issuer {
        // Its pages set their own headers and are for no other origin.
        Some(issuer) => routes.nest(builtin::MOUNT, builtin::router(issuer)),
        None => routes,
    }
}
