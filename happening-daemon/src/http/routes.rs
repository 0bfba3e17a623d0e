//! The route table: every endpoint in one list, from which the router is made and against which the tests of who may do what
//! and of dry runs are checked.
//!
//! A write can be tried (`dry_run.rs`) as it is, as long as all that it does is in the store. One that does something
//! elsewhere, which no transaction takes back, says `untried`.

use super::State;
use super::{admin, bookings, error, events, notifications, org_invites, organizations, system, users};
use axum::Router;

/// A router of these routes, and the table of them.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:path $(, $untried:ident)?;)+) => {
        /// Method and path of every route, parameters in braces.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        /// Those of them that have no dry run.
        pub const UNTRIED: &[(&str, &str)] = &[$($(routes!(@$untried $method $path),)?)+];

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
    (@untried $method:ident $path:literal) => { (stringify!($method), $path) };
}

routes! {
    GET "/" => system::root::get;
    GET "/db-test" => system::db_test::get;
    GET "/healthz" => system::healthz::get;
    GET "/readyz" => system::readyz::get;
    GET "/.well-known/happening" => system::well_known::get;

    GET "/events" => events::list::get;
    POST "/events" => events::create::post;
    GET "/events/{id}" => events::one::get;
    PUT "/events/{id}" => events::update::put;
    DELETE "/events/{id}" => events::delete::delete;
    GET "/events/{id}/calendar.ics" => events::calendar::get;
    GET "/events/{id}/seats" => events::seats::get;
    GET "/events/{id}/stream" => events::stream::get;
    POST "/events/{id}/holds" => events::holds::create::post, untried;
    PUT "/events/{id}/holds/{token}" => events::holds::extend::put, untried;
    DELETE "/events/{id}/holds/{token}" => events::holds::release::delete, untried;
    GET "/events/{id}/waitlist" => events::waitlist::get;
    GET "/events/{id}/waitlist/why" => events::why::get;
    POST "/events/{id}/waitlist/promote" => events::promote::post;
    POST "/events/{id}/waitlist/simulate" => events::simulate::post;
    POST "/events/{id}/resize/plan" => events::plan_resize::post;
    GET "/events/{id}/bookings" => events::bookings::get;
    POST "/events/{id}/reassign" => events::reassign::post;

    POST "/bookings" => bookings::create::post;
    GET "/bookings/user/{user_id}" => bookings::of_user::get;
    GET "/bookings/{id}" => bookings::one::get;
    GET "/bookings/{id}/seats" => bookings::seats::get;
    GET "/bookings/{id}/waiting-position" => bookings::waiting_position::get;
    GET "/bookings/{id}/why" => bookings::why::get;
    GET "/bookings/{id}/history" => bookings::history::get;
    POST "/bookings/{id}/cancel" => bookings::cancel::post;
    POST "/bookings/{id}/cancel-seats" => bookings::cancel_seats::post;
    POST "/bookings/{id}/move" => bookings::move_to::post;

    GET "/admin/stream" => admin::stream::get;
    GET "/admin/queue" => admin::queue::status::get;
    GET "/admin/queue/parked" => admin::queue::parked::get;
    POST "/admin/queue/parked/{id}/requeue" => admin::queue::requeue::post;
    DELETE "/admin/queue/parked/{id}" => admin::queue::discard::delete;
    GET "/admin/notifications/undelivered" => admin::notifications::undelivered::get;
    GET "/admin/notifications/preview" => admin::notifications::preview::get;
    POST "/admin/notifications/{id}/resend" => admin::notifications::resend::post;
    GET "/admin/redis/events/{id}" => admin::counters::event::get;
    GET "/admin/redis/keys" => admin::counters::keys::get;
    GET "/admin/reconcile" => admin::reconcile::get;
    POST "/admin/reconcile" => admin::reconcile::post, untried;
    GET "/admin/jobs" => admin::jobs::list::get;
    GET "/admin/jobs/{id}" => admin::jobs::one::get;
    POST "/admin/jobs/{id}/cancel" => admin::jobs::cancel::post;

    GET "/notifications/user/{user_id}" => notifications::of_user::get;

    GET "/users" => users::find::get;
    POST "/users" => users::sign_up::post, untried;
    GET "/users/{id}" => users::one::get;
    PUT "/users/{id}" => users::update::put;
    PUT "/users/{id}/status" => users::status::put;
    GET "/users/{id}/export" => users::export::get;
    POST "/users/{id}/erase" => users::erase::post;
    GET "/users/{id}/invite-blocks" => users::invite_blocks::get;
    DELETE "/users/{id}/invite-blocks/{organization_id}" => users::invite_blocks::delete;

    GET "/organizations" => organizations::list::get;
    POST "/organizations" => organizations::create::post;
    GET "/organizations/user/{user_id}" => organizations::of_user::get;
    GET "/organizations/{id}" => organizations::one::get;
    PUT "/organizations/{id}" => organizations::update::put;
    DELETE "/organizations/{id}" => organizations::delete::delete;
    POST "/organizations/{id}/transfer" => organizations::transfer::post;
    PUT "/organizations/{id}/status" => organizations::status::put;
    GET "/organizations/{id}/audit" => organizations::audit::get;
    GET "/organizations/{id}/service-accounts" => organizations::service_accounts::get;
    POST "/organizations/{id}/service-accounts" => organizations::service_accounts::post;
    DELETE "/organizations/{id}/service-accounts/{client_id}" => organizations::service_account::delete;
    GET "/organizations/{id}/members" => organizations::members::get;
    PUT "/organizations/{id}/members/{user_id}" => organizations::member::put;
    DELETE "/organizations/{id}/members/{user_id}" => organizations::member::delete;
    GET "/organizations/{id}/invites" => organizations::invites::get;

    POST "/org-invites" => org_invites::send::post;
    POST "/org-invites/send" => org_invites::send::post;
    GET "/org-invites/pending/{user_id}" => org_invites::pending::get;
    POST "/org-invites/accept/{id}" => org_invites::accept::post;
    POST "/org-invites/reject/{id}" => org_invites::reject::post;
    GET "/org-invites/{id}" => org_invites::by_token::get;
    DELETE "/org-invites/{id}" => org_invites::revoke::delete;
    POST "/org-invites/{id}/resend" => org_invites::resend::post;

    GET "/admin/audit" => admin::audit::get;
    GET "/admin/status" => admin::status::get;
}
