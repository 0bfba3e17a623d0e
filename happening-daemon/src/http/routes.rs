//! The route table: every endpoint in one list, and what is true of it. The router is made from it, the layers read it, and
//! the tests of who may do what and of dry runs are checked against it.
//!
//! To add a route: a line that says what work it is ([`Work`]). A line that does not say it, or a GET that says it writes,
//! does not compile. If requests to it are to be rarer than others, `of` names the [`Rate`].

use super::State;
use super::{
    admin, bookings, error, events, holds, notifications, org_invites, organizations, system, users,
};
use axum::Router;
use axum::extract::MatchedPath;
use axum::http::{Extensions, Method, StatusCode};
use std::collections::HashMap;
use std::sync::LazyLock;

/// An endpoint, without its handler.
#[derive(Debug)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its path, with parameters in braces.
    pub path: &'static str,
    /// What a request does.
    pub work: Work,
    /// Its own limit, beside that of all requests.
    pub rate: Option<Rate>,
}

/// What a request to a route does, from which follow its place among the readers (`readers.rs`), its dry run (`dry_run.rs`)
/// and how its answer is kept under an `Idempotency-Key` (`idempotency.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Reads one row or none, and answers also who sends no token.
    Public,
    /// Reads one row or none, or stays open.
    Light,
    /// Reads a list, a map of seats or a search: runs once it has a place among the readers.
    Heavy,
    /// Reads what many are sent alike (`shared_reads.rs`): only who makes the answer takes a place.
    Shared,
    /// Changes nothing, although it is a POST: sent again it is answered again, and no answer is kept.
    Question,
    /// Writes, and the store alone: a dry run rolls back. A POST reserves its `Idempotency-Key` first.
    Write,
    /// Writes by a command of the engine, whose commit keeps the answer, with this status.
    Committed(StatusCode),
    /// Writes elsewhere too, which no transaction takes back: there is no dry run.
    Untried,
}

/// A limit that is lower than that of all requests; see `rate_limit.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Dry runs, plans, simulations and questions about a place in line.
    Questions,
    /// Invites that are sent.
    Invites,
    /// Organizations that are founded.
    Organizations,
}

/// By method and path.
static BY_PATH: LazyLock<HashMap<(&str, &str), &Route>> =
    LazyLock::new(|| ROUTES.iter().map(|route| ((route.method, route.path), route)).collect());

/// The route of a request that the router has matched.
pub(super) fn route_of(method: &Method, extensions: &Extensions) -> Option<&'static Route> {
    let path = extensions.get::<MatchedPath>()?.as_str();
    BY_PATH.get(&(method.as_str(), path)).copied()
}

/// A router of these routes, and the table of them.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:path, $work:ident $(($status:ident))? $(, of $rate:ident)?;)+) => {
        /// Every route.
        pub const ROUTES: &[Route] = &[$(
            Route {
                method: stringify!($method),
                path: $path,
                work: routes!(@work $method $work $(($status))?),
                rate: routes!(@rate $($rate)?),
            }
        ),+];

        /// Every route, answering errors like everyone else's for what is not there.
        pub(super) fn table() -> Router<State> {
            Router::new()
                $(.route($path, routes!(@$method)($handler)))+
                .fallback(error::unknown_route)
                .method_not_allowed_fallback(error::wrong_method)
        }
    };
    (@GET) => { axum::routing::get };
    (@POST) => { axum::routing::post };
    (@PUT) => { axum::routing::put };
    (@DELETE) => { axum::routing::delete };
    (@work GET public) => { Work::Public };
    (@work GET light) => { Work::Light };
    (@work GET heavy) => { Work::Heavy };
    (@work GET shared) => { Work::Shared };
    (@work POST question) => { Work::Question };
    (@work POST committed($status:ident)) => { Work::Committed(StatusCode::$status) };
    (@work POST write) => { Work::Write };
    (@work PUT write) => { Work::Write };
    (@work DELETE write) => { Work::Write };
    (@work POST untried) => { Work::Untried };
    (@work PUT untried) => { Work::Untried };
    (@work DELETE untried) => { Work::Untried };
    (@rate) => { None };
    (@rate questions) => { Some(Rate::Questions) };
    (@rate invites) => { Some(Rate::Invites) };
    (@rate organizations) => { Some(Rate::Organizations) };
}

routes! {
    GET "/" => system::root, public;
    GET "/db-test" => system::db_test, public;
    GET "/healthz" => system::healthz, public;
    GET "/readyz" => system::readyz, public;
    GET "/.well-known/happening" => system::well_known, public;

    GET "/events" => events::list, shared;
    POST "/events" => events::create, write;
    GET "/events/{id}" => events::get, light;
    PUT "/events/{id}" => events::update, write;
    DELETE "/events/{id}" => events::delete, write;
    GET "/events/{id}/calendar.ics" => events::calendar, heavy;
    GET "/events/{id}/seats" => events::seats, shared;
    GET "/events/{id}/stream" => events::stream, light;
    POST "/events/{id}/holds" => holds::create, untried;
    PUT "/events/{id}/holds/{token}" => holds::extend, untried;
    DELETE "/events/{id}/holds/{token}" => holds::release, untried;
    GET "/events/{id}/waitlist" => events::waitlist, heavy;
    GET "/events/{id}/waitlist/why" => events::why, heavy, of questions;
    POST "/events/{id}/waitlist/promote" => events::promote, committed(OK);
    POST "/events/{id}/waitlist/simulate" => events::simulate, question, of questions;
    POST "/events/{id}/resize/plan" => events::plan_resize, question, of questions;
    GET "/events/{id}/bookings" => events::bookings, heavy;
    POST "/events/{id}/reassign" => events::reassign, write;

    POST "/bookings" => bookings::create, committed(CREATED);
    GET "/bookings/user/{user_id}" => bookings::of_user, heavy;
    GET "/bookings/{id}" => bookings::get, light;
    GET "/bookings/{id}/seats" => bookings::seats, heavy;
    GET "/bookings/{id}/waiting-position" => bookings::waiting_position, light;
    GET "/bookings/{id}/why" => bookings::why, heavy, of questions;
    GET "/bookings/{id}/history" => bookings::history, heavy;
    POST "/bookings/{id}/cancel" => bookings::cancel, committed(OK);
    POST "/bookings/{id}/cancel-seats" => bookings::cancel_seats, committed(OK);
    POST "/bookings/{id}/move" => bookings::move_to, committed(OK);

    GET "/admin/stream" => admin::stream::get, light;
    GET "/admin/queue" => admin::queue::status, light;
    GET "/admin/queue/parked" => admin::queue::parked, heavy;
    POST "/admin/queue/parked/{id}/requeue" => admin::queue::requeue, write;
    DELETE "/admin/queue/parked/{id}" => admin::queue::discard, write;
    GET "/admin/notifications/undelivered" => admin::notifications::undelivered, heavy;
    GET "/admin/notifications/preview" => admin::notifications::preview, heavy;
    POST "/admin/notifications/{id}/resend" => admin::notifications::resend, write;
    GET "/admin/redis/events/{id}" => admin::counters::event, heavy;
    GET "/admin/redis/keys" => admin::counters::keys, heavy;
    GET "/admin/reconcile" => admin::reconcile::get, heavy;
    POST "/admin/reconcile" => admin::reconcile::post, untried;
    GET "/admin/jobs" => admin::jobs::list, heavy;
    GET "/admin/jobs/{id}" => admin::jobs::get, light;
    POST "/admin/jobs/{id}/cancel" => admin::jobs::cancel, write;

    GET "/notifications/user/{user_id}" => notifications::of_user, heavy;
    GET "/notifications/user/{user_id}/unread" => notifications::unread, light;
    POST "/notifications/user/{user_id}/read" => notifications::read_all, write;
    POST "/notifications/{id}/read" => notifications::read, write;

    GET "/users" => users::find, shared;
    POST "/users" => users::sign_up, untried;
    GET "/users/{id}" => users::get, shared;
    PUT "/users/{id}" => users::update, write;
    PUT "/users/{id}/status" => users::set_status, write;
    GET "/users/{id}/export" => users::export, heavy;
    POST "/users/{id}/erase" => users::erase, write;
    GET "/users/{id}/invite-blocks" => users::invite_blocks, heavy;
    DELETE "/users/{id}/invite-blocks/{organization_id}" => users::delete_invite_block, write;

    GET "/organizations" => organizations::list, heavy;
    POST "/organizations" => organizations::create, write, of organizations;
    GET "/organizations/user/{user_id}" => organizations::of_user, shared;
    GET "/organizations/{id}" => organizations::get, shared;
    PUT "/organizations/{id}" => organizations::update, write;
    DELETE "/organizations/{id}" => organizations::delete, write;
    POST "/organizations/{id}/transfer" => organizations::transfer, write;
    PUT "/organizations/{id}/status" => organizations::set_status, write;
    GET "/organizations/{id}/audit" => organizations::audit, heavy;
    GET "/organizations/{id}/service-accounts" => organizations::service_accounts, heavy;
    POST "/organizations/{id}/service-accounts" => organizations::map_service_account, write;
    DELETE "/organizations/{id}/service-accounts/{client_id}" => organizations::unmap_service_account, write;
    GET "/organizations/{id}/members" => organizations::members, shared;
    PUT "/organizations/{id}/members/{user_id}" => organizations::set_member, write, of invites;
    DELETE "/organizations/{id}/members/{user_id}" => organizations::remove_member, write;
    GET "/organizations/{id}/invites" => organizations::invites, heavy;

    POST "/org-invites" => org_invites::send, write, of invites;
    POST "/org-invites/send" => org_invites::send, write, of invites;
    GET "/org-invites/pending/{user_id}" => org_invites::pending, shared;
    POST "/org-invites/accept/{id}" => org_invites::accept, write;
    POST "/org-invites/reject/{id}" => org_invites::reject, write;
    GET "/org-invites/{id}" => org_invites::by_token, light;
    DELETE "/org-invites/{id}" => org_invites::revoke, write;
    POST "/org-invites/{id}/resend" => org_invites::resend, write, of invites;

    GET "/admin/audit" => admin::audit::get, heavy;
    GET "/admin/status" => admin::status::get, light;
}
