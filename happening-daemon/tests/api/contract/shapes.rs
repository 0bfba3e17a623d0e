//! The fields of every answer.

use super::{are_shaped, has_shape};
use crate::raw::{Answer, Raw};
use crate::support::Daemon;
use crate::support::parts::Parts;
use crate::support::people::{Signed, demo_organization, sign_in};
use reqwest::Method;
use serde_json::{Value, json};

on_both_parts!(
    events_have_their_fields,
    bookings_have_their_fields,
    people_and_organizations_have_their_fields
);

const EVENT: &str = "id:id org_id:id created_by:id name:text description:text? category:webinar|concert|hackathon? \
    event_date:time total_slots:int available_slots:int status:upcoming|ongoing|completed|cancelled created_at:time \
    updated_at:time";
const ORGANIZER: &str =
    "organizer_username:text organizer_first_name:text? organizer_last_name:text? organizer_email:text";
const BOOKING: &str = "id:id event_id:id user_id:id seats:int status:confirmed|waiting|cancelled waiting_number:int? \
    created_at:time updated_at:time";
const BOOKING_WITH_EVENT: &str = "booking_id:id event_id:id user_id:id seats:int status:confirmed|waiting|cancelled \
    waiting_number:int? created_at:time updated_at:time event_name:text event_description:text? \
    category:webinar|concert|hackathon? event_date:time total_slots:int available_slots:int org_id:id";
const POSITION: &str = "status:confirmed|waiting|cancelled position:int? confirmedSeats:int pendingSeats:int \
    requestedSeats:int";
const NOTIFICATION: &str = "id:id user_id:id event_id:id \
    type:booking_confirmed|booking_waitlisted|booking_cancelled|waitlist_promoted|event_updated message:text \
    status:pending|sent|failed created_at:time";
const USER: &str = "id:id keycloak_id:text username:text email:text first_name:text? last_name:text? phone:text? \
    avatar_url:text? status:text created_at:time updated_at:time";
const MEMBERSHIP: &str =
    "organization_id:id role:orgAdmin|organizer|user organization_name:text keycloak_org_id:text?";
const OF_USER: &str = "id:id name:text keycloak_org_id:text? created_at:time role:orgAdmin|organizer|user \
    joined_at:time member_count:int";
const ORGANIZATION: &str = "id:id name:text keycloak_org_id:text? created_at:time settings:any member_count:int \
    owner_username:text";
const MEMBER: &str =
    "id:id username:text email:text role:orgAdmin|organizer|user joined_at:time user_created_at:time";

async fn publish(raw: &Raw, organizer: &Signed, seats: u32) -> Value {
    let create = json!({
        "org_id": demo_organization(organizer).await,
        "created_by": organizer.user,
        "name": "Shapes",
        "description": "What it is about",
        "category": "concert",
        "event_date": "2099-12-22T19:30",
        "total_slots": seats,
    });
    let answer = raw.send(Method::POST, "/events", &organizer.token, create.to_string()).await;
    assert_eq!(answer.status, 201);
    answer.ok()
}

async fn events_have_their_fields(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let event = publish(&raw, &organizer, 3).await;
    has_shape("POST /events", &event, EVENT);
    assert_eq!(event["event_date"], "2099-12-22T19:30:00Z", "the wall time, in UTC");
    let path = format!("/events/{}", event["id"].as_str().expect("an id"));
    let list = raw.get("/events", &organizer.token).await;
    assert!(
        list.header("Cache-Control").is_some_and(|value| value.contains("no-cache")),
        "refresh is a plain GET"
    );
    let list = list.ok();
    are_shaped("GET /events", &list, EVENT);
    are_shaped("GET /events", &list, ORGANIZER);
    let dates: Vec<_> =
        list.as_array().expect("a list").iter().map(|row| row["event_date"].as_str()).collect();
    assert!(dates.is_sorted_by(|one, next| one >= next), "newest event_date first: {dates:?}");
    let one = raw.get(&path, &organizer.token).await.ok();
    has_shape("GET /events/:id", &one, EVENT);
    has_shape("GET /events/:id", &one, ORGANIZER);
    let seats = raw.get(&format!("{path}/seats"), &organizer.token).await.ok();
    has_shape("GET /events/:id/seats", &seats, "total:int taken:ints held:ints");
    assert_eq!((&seats["total"], &seats["taken"]), (&json!(3), &json!([])));
    let update = json!({ "user_id": organizer.user, "name": "Renamed", "event_date": "2099-12-23T19:30" });
    let updated = raw.send(Method::PUT, &path, &organizer.token, update.to_string()).await.ok();
    has_shape("PUT /events/:id", &updated, EVENT);
    assert_eq!((&updated["name"], &updated["description"]), (&json!("Renamed"), &json!("What it is about")));
    let path = format!("{path}?user_id={}", organizer.user.expect("a user"));
    let deleted = bare(&raw, Method::DELETE, &path, &organizer.token).await;
    assert_eq!(deleted, json!({ "ok": true }));
}

async fn bookings_have_their_fields(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, organizer) = (Raw::new(&daemon), sign_in(&daemon, "organizer").await);
    let member = sign_in(&daemon, "member").await;
    let event = publish(&raw, &organizer, 3).await;
    let create = |seats: u32, numbers: Value| {
        json!({ "event_id": event["id"], "user_id": member.user, "seats": seats, "seat_numbers": numbers })
            .to_string()
    };
    let booked = raw.send(Method::POST, "/bookings", &member.token, create(2, json!([3, 1]))).await;
    assert_eq!(booked.status, 201);
    let booked = booked.ok();
    has_shape("a confirmed booking", &booked, BOOKING);
    assert_eq!((&booked["assigned_seats"], &booked["waiting_number"]), (&json!([1, 3]), &Value::Null));
    let waits = raw.send(Method::POST, "/bookings", &member.token, create(2, json!([]))).await.ok();
    has_shape("a waiting booking", &waits, BOOKING);
    assert_eq!((&waits["status"], &waits["waiting_number"]), (&json!("waiting"), &json!(1)));
    let (own, path) =
        (member.user.expect("a user"), format!("/bookings/{}", booked["id"].as_str().expect("an id")));
    let list = raw.get(&format!("/bookings/user/{own}"), &member.token).await.ok();
    are_shaped("GET /bookings/user/:userId", &list, BOOKING_WITH_EVENT);
    assert_eq!(
        (&list[0]["booking_id"], &list[1]["booking_id"]),
        (&waits["id"], &booked["id"]),
        "newest first"
    );
    has_shape("GET /bookings/:id", &raw.get(&path, &member.token).await.ok(), BOOKING);
    let seats = raw.get(&format!("{path}/seats"), &member.token).await.ok();
    are_shaped("GET /bookings/:id/seats", &seats, "seat_no:int status:booked|cancelled");
    let position = format!("/bookings/{}/waiting-position", waits["id"].as_str().expect("an id"));
    let position = raw.get(&position, &member.token).await.ok();
    has_shape("GET /bookings/:id/waiting-position", &position, POSITION);
    let kept = [("confirmedSeats", 2), ("pendingSeats", 2), ("requestedSeats", 4), ("position", 1)];
    assert!(kept.iter().all(|(name, count)| position[name] == *count), "{position}");
    let cancel = json!({ "seat_numbers": [3, 99] }).to_string();
    let some = raw.send(Method::POST, &format!("{path}/cancel-seats"), &member.token, cancel).await.ok();
    assert_eq!(some, json!({ "ok": true, "cancelled": 1 }));
    let first = bare(&raw, Method::POST, &format!("{path}/cancel"), &member.token).await;
    assert_eq!(first, json!({ "ok": true }));
    let second = bare(&raw, Method::POST, &format!("{path}/cancel"), &member.token).await;
    has_shape("the second cancel", &second, BOOKING);
    assert_eq!(second["status"], "cancelled");
    let told = raw.get(&format!("/notifications/user/{own}"), &member.token).await.ok();
    are_shaped("GET /notifications/user/:userId", &told, NOTIFICATION);
    let times: Vec<_> =
        told.as_array().expect("a list").iter().map(|row| row["created_at"].as_str()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next), "newest first: {times:?}");
}

async fn people_and_organizations_have_their_fields(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (raw, admin) = (Raw::new(&daemon), sign_in(&daemon, "admin").await);
    let found = raw.get(&format!("/users?keycloak_id={}", admin.subject), &admin.token).await.ok();
    are_shaped("GET /users?keycloak_id", &found, USER);
    are_shaped("its organizations", &found[0]["organizations"], MEMBERSHIP);
    let found = raw.get("/users?search=HAPPENING.te", &admin.token).await.ok();
    are_shaped("GET /users?search", &found, USER);
    assert_eq!(
        found.as_array().map(Vec::len),
        Some(3),
        "the people of their organizations whose address contains it"
    );
    let own =
        raw.get(&format!("/organizations/user/{}", admin.user.expect("a user")), &admin.token).await.ok();
    are_shaped("GET /organizations/user/:userId", &own, OF_USER);
    let path = format!("/organizations/{}", demo_organization(&admin).await);
    let one = raw.get(&path, &admin.token).await.ok();
    has_shape("GET /organizations/:id", &one, ORGANIZATION);
    assert_eq!((&one["name"], &one["member_count"]), (&json!("Demo"), &json!(3)));
    let members = raw.get(&format!("{path}/members"), &admin.token).await.ok();
    are_shaped("GET /organizations/:id/members", &members, MEMBER);
    assert_eq!(members[0]["role"], "orgAdmin", "orgAdmins first");
    let create = json!({ "name": "Another", "settings": { "timezone": "Asia/Tokyo" } }).to_string();
    let founded = raw.send(Method::POST, "/organizations", &admin.token, create).await;
    assert_eq!(founded.status, 201);
    has_shape("POST /organizations", &founded.ok(), ORGANIZATION);
}

/// A request as the web client sends it: without a body and without its type.
async fn bare(raw: &Raw, method: Method, path: &str, token: &str) -> Value {
    Answer::to(raw.request(method, path).bearer_auth(token)).await.ok()
}
