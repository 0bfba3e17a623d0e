//! The route table: every endpoint in one list, from which the router is made and against which the tests of who may do what
//! and of dry runs are checked.
//!
//! A write can be tried (`dry_run.rs`) as it is, as long as all that it does is in the store. One that does something
//! elsewhere, which no transaction takes back, says `untried`.

use super::State;
use super::{
    admin, bookings, error, events, holds, notifications, org_invites, organizations, system, users,
};
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
    GET "/" => system::root;
    GET "/db-test" => system::db_test;
    GET "/healthz" => system::healthz;
    GET "/readyz" => system::readyz;
    GET "/.well-known/happening" => system::well_known;

    GET "/events" => events::list;
    POST "/events" => events::create;
    GET "/events/{id}" => events::get;
    PUT "/events/{id}" => events::update;
    DELETE "/events/{id}" => events::delete;
    GET "/events/{id}/calendar.ics" => events::calendar;
    GET "/events/{id}/seats" => events::seats;
    GET "/events/{id}/stream" => events::stream;
    POST "/events/{id}/holds" => holds::create, untried;
    PUT "/events/{id}/holds/{token}" => holds::extend, untried;
    DELETE "/events/{id}/holds/{token}" => holds::release, untried;
    GET "/events/{id}/waitlist" => events::waitlist;
    GET "/events/{id}/waitlist/why" => events::why;
    POST "/events/{id}/waitlist/promote" => events::promote;
    POST "/events/{id}/waitlist/simulate" => events::simulate;
    POST "/events/{id}/resize/plan" => events::plan_resize;
    GET "/events/{id}/bookings" => events::bookings;
    POST "/events/{id}/reassign" => events::reassign;

    POST "/bookings" => bookings::create;
    GET "/bookings/user/{user_id}" => bookings::of_user;
    GET "/bookings/{id}" => bookings::get;
    GET "/bookings/{id}/seats" => bookings::seats;
    GET "/bookings/{id}/waiting-position" => bookings::waiting_position;
    GET "/bookings/{id}/why" => bookings::why;
    GET "/bookings/{id}/history" => bookings::history;
    POST "/bookings/{id}/cancel" => bookings::cancel;
    POST "/bookings/{id}/cancel-seats" => bookings::cancel_seats;
    POST "/bookings/{id}/move" => bookings::move_to;

    GET "/admin/stream" => admin::stream::get;
    GET "/admin/queue" => admin::queue::status;
    GET "/admin/queue/parked" => admin::queue::parked;
    POST "/admin/queue/parked/{id}/requeue" => admin::queue::requeue;
    DELETE "/admin/queue/parked/{id}" => admin::queue::discard;
    GET "/admin/notifications/undelivered" => admin::notifications::undelivered;
    GET "/admin/notifications/preview" => admin::notifications::preview;
    POST "/admin/notifications/{id}/resend" => admin::notifications::resend;
    GET "/admin/redis/events/{id}" => admin::counters::event;
    GET "/admin/redis/keys" => admin::counters::keys;
    GET "/admin/reconcile" => admin::reconcile::get;
    POST "/admin/reconcile" => admin::reconcile::post, untried;
    GET "/admin/jobs" => admin::jobs::list;
    GET "/admin/jobs/{id}" => admin::jobs::get;
    POST "/admin/jobs/{id}/cancel" => admin::jobs::cancel;

    GET "/notifications/user/{user_id}" => notifications::of_user;

    GET "/users" => users::find;
    POST "/users" => users::sign_up, untried;
    GET "/users/{id}" => users::get;
    PUT "/users/{id}" => users::update;
    PUT "/users/{id}/status" => users::set_status;
    GET "/users/{id}/export" => users::export;
    POST "/users/{id}/erase" => users::erase;
    GET "/users/{id}/invite-blocks" => users::invite_blocks;
    DELETE "/users/{id}/invite-blocks/{organization_id}" => users::delete_invite_block;

    GET "/organizations" => organizations::list;
    POST "/organizations" => organizations::create;
    GET "/organizations/user/{user_id}" => organizations::of_user;
    GET "/organizations/{id}" => organizations::get;
    PUT "/organizations/{id}" => organizations::update;
    DELETE "/organizations/{id}" => organizations::delete;
    POST "/organizations/{id}/transfer" => organizations::transfer;
    PUT "/organizations/{id}/status" => organizations::set_status;
    GET "/organizations/{id}/audit" => organizations::audit;
    GET "/organizations/{id}/service-accounts" => organizations::service_accounts;
    POST "/organizations/{id}/service-accounts" => organizations::map_service_account;
    DELETE "/organizations/{id}/service-accounts/{client_id}" => organizations::unmap_service_account;
    GET "/organizations/{id}/members" => organizations::members;
    PUT "/organizations/{id}/members/{user_id}" => organizations::set_member;
    DELETE "/organizations/{id}/members/{user_id}" => organizations::remove_member;
    GET "/organizations/{id}/invites" => organizations::invites;

    POST "/org-invites" => org_invites::send;
    POST "/org-invites/send" => org_invites::send;
    GET "/org-invites/pending/{user_id}" => org_invites::pending;
    POST "/org-invites/accept/{id}" => org_invites::accept;
    POST "/org-invites/reject/{id}" => org_invites::reject;
    GET "/org-invites/{id}" => org_invites::by_token;
    DELETE "/org-invites/{id}" => org_invites::revoke;
    POST "/org-invites/{id}/resend" => org_invites::resend;

    GET "/admin/audit" => admin::audit::get;
    GET "/admin/status" => admin::status::get;
}
