//! The command of `happening` that does the same as a request, so that what was done here can be put into a script.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::fmt::Write as _;

/// The command for a request of this method, path (with its query) and body.
pub fn command(method: &str, path_and_query: &str, body: Option<&str>) -> String {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let json: Value = body.and_then(|body| serde_json::from_str(body).ok()).unwrap_or(Value::Null);
    let dry = if query.split('&').any(|one| one == "dry_run=true") { " --dry-run" } else { "" };
    let known = match method {
        "GET" => reads(&segments, query),
        _ => writes(method, &segments, query, &json),
    };
    if let Some(command) = known {
        return format!("happening {command}{dry}");
    }
    let data = body.map(|body| format!(" -d {}", quoted(body))).unwrap_or_default();
    format!("happening api {method} {}{data}", quoted(path_and_query))
}

fn reads(segments: &[&str], query: &str) -> Option<String> {
    let asked = |name: &str| parameter(query, name);
    Some(match segments {
        ["events"] => "event list".to_owned(),
        ["events", id] => format!("event get {id}"),
        ["events", id, "seats"] => format!("event seats {id}"),
        ["events", id, "stream"] => format!("event watch {id}"),
        ["events", id, "waitlist"] => format!("waitlist list {id}"),
        ["events", id, "bookings"] => format!("booking export --event {id}"),
        ["bookings", id] => format!("booking get {id}"),
        ["bookings", id, "history"] => format!("booking history {id}"),
        ["bookings", id, "why"] => format!("waitlist why {id}"),
        ["bookings", "user", id] => format!("booking list --user {id}"),
        ["notifications", "user", id] => format!("notification list --user {id}"),
        ["organizations"] => "org list".to_owned(),
        ["organizations", id] => format!("org get {id}"),
        ["organizations", id, "members"] => format!("org members {id}"),
        ["organizations", id, "service-accounts"] => format!("org service-accounts {id}"),
        ["organizations", id, "invites"] => format!("invite list --org {id}"),
        ["organizations", id, "audit"] => format!("org audit {id}"),
        ["users"] => match (asked("search"), asked("keycloak_id")) {
            (Some(text), _) => format!("user list --search {}", quoted(&text)),
            (None, Some(_)) => "whoami".to_owned(),
            (None, None) => "user list".to_owned(),
        },
        ["users", id] => format!("user get {id}"),
        ["admin", "status"] => "status".to_owned(),
        ["admin", "queue"] => "queue status".to_owned(),
        ["admin", "queue", "parked"] => "queue parked".to_owned(),
        ["admin", "notifications", "undelivered"] => "notification undelivered".to_owned(),
        ["admin", "redis", "events", id] => format!("redis inspect {id}"),
        ["admin", "redis", "keys"] => match asked("match") {
            Some(pattern) => format!("redis keys --match {}", quoted(&pattern)),
            None => "redis keys".to_owned(),
        },
        ["admin", "reconcile"] => match asked("event_id") {
            Some(event) => format!("reconcile {event}"),
            None => "reconcile".to_owned(),
        },
        ["admin", "jobs"] => "reconcile status".to_owned(),
        ["admin", "jobs", id] => format!("reconcile status {id}"),
        ["admin", "audit"] => audit(query),
        _ => return None,
    })
}

fn audit(query: &str) -> String {
    let mut command = "audit".to_owned();
    for name in ["action", "actor", "target"] {
        if let Some(value) = parameter(query, name) {
            let _infallible = write!(command, " --{name} {}", quoted(&value));
        }
    }
    command
}

fn writes(method: &str, segments: &[&str], query: &str, body: &Value) -> Option<String> {
    let text = |name: &str| body[name].as_str().map(quoted).unwrap_or_default();
    Some(match (method, segments) {
        ("POST", ["bookings"]) => booking(body),
        ("POST", ["bookings", id, "cancel"]) if query.contains("only_waiting=true") => {
            format!("waitlist remove {id} --yes")
        }
        ("POST", ["bookings", id, "cancel"]) => format!("booking cancel {id} --yes"),
        ("POST", ["bookings", id, "cancel-seats"]) => {
            format!("booking cancel-seats {id} --seat {} --yes", seats(body))
        }
        ("POST", ["bookings", id, "move"]) => format!("booking move {id} --seat {}", seats(body)),
        ("POST", ["events"]) => event_create(body),
        ("PUT", ["events", id]) => event_update(id, body),
        ("DELETE", ["events", id]) => format!("event delete {id} --yes"),
        ("POST", ["events", id, "reassign"]) => {
            format!("event reassign {id} --to {}", text("new_created_by"))
        }
        ("POST", ["events", id, "resize", "plan"]) => {
            format!("event resize {id} --seats {} --plan", body["total_slots"])
        }
        ("POST", ["events", id, "waitlist", "simulate"]) => {
            format!("waitlist simulate {id}{}", supposed(body))
        }
        ("POST", ["events", id, "waitlist", "promote"]) => match body["booking_id"].as_str() {
            Some(booking) => format!("waitlist promote {id} --booking {booking}"),
            None => format!("waitlist promote {id}"),
        },
        ("POST", ["admin", "queue", "parked", id, "requeue"]) => format!("queue requeue {id}"),
        ("DELETE", ["admin", "queue", "parked", id]) => format!("queue discard {id} --yes"),
        ("POST", ["admin", "notifications", id, "resend"]) => format!("notification resend {id}"),
        ("POST", ["admin", "reconcile"]) => match parameter(query, "event_id") {
            Some(event) => format!("reconcile {event} --fix"),
            None => "reconcile --fix".to_owned(),
        },
        ("POST", ["admin", "jobs", id, "cancel"]) => format!("reconcile cancel {id}"),
        _ => return governs(method, segments, body),
    })
}

/// What concerns organizations and accounts.
fn governs(method: &str, segments: &[&str], body: &Value) -> Option<String> {
    let text = |name: &str| body[name].as_str().map(quoted).unwrap_or_default();
    Some(match (method, segments) {
        ("PUT", ["organizations", id, "members", user]) => {
            format!("org set-role {id} {user} {}", text("role"))
        }
        ("DELETE", ["organizations", id, "members", user]) => format!("org remove-member {id} {user} --yes"),
        ("POST", ["org-invites"]) => {
            let message = match body["message"].as_str() {
                Some(message) => format!(" --message {}", quoted(message)),
                None => String::new(),
            };
            format!(
                "invite send {} --org {} --role {}{message}",
                text("email"),
                text("organization_id"),
                text("role")
            )
        }
        ("PUT", ["users", id, "status"]) => status("user", id, body),
        ("PUT", ["organizations", id, "status"]) => status("org", id, body),
        ("PUT", ["organizations", id]) => org_update(id, body),
        ("POST", ["organizations", id, "transfer"]) => {
            format!("org transfer {id} --to {} --yes", text("user_id"))
        }
        ("POST", ["organizations", id, "service-accounts"]) => {
            format!("org map-service-account {id} {} {}", text("client_id"), text("role"))
        }
        ("DELETE", ["organizations", id, "service-accounts", client]) => {
            format!("org unmap-service-account {id} {} --yes", quoted(&decoded(client)))
        }
        ("POST", ["org-invites", id, "resend"]) => format!("invite resend {id}"),
        ("DELETE", ["org-invites", id]) => format!("invite revoke {id}"),
        _ => return None,
    })
}

fn status(noun: &str, id: &str, body: &Value) -> String {
    match body["status"].as_str() {
        Some("suspended") => format!("{noun} suspend {id} --yes"),
        _ => format!("{noun} resume {id}"),
    }
}

/// Options of `org update`, by the settings of its body.
const SETTINGS: [(&str, &str); 3] =
    [("timezone", "timezone"), ("waitlist_policy", "waitlist-policy"), ("contact", "contact")];

fn org_update(id: &str, body: &Value) -> String {
    let mut command = format!("org update {id}");
    if let Some(name) = body["name"].as_str() {
        let _infallible = write!(command, " --name {}", quoted(name));
    }
    let mut cleared = Vec::new();
    for (member, option) in SETTINGS {
        match body["settings"].get(member) {
            Some(Value::String(value)) => {
                let _infallible = write!(command, " --{option} {}", quoted(value));
            }
            Some(Value::Null) => cleared.push(option),
            _ => {}
        }
    }
    if !cleared.is_empty() {
        let _infallible = write!(command, " --clear {}", cleared.join(","));
    }
    command
}

fn supposed(body: &Value) -> String {
    let cancelled: Vec<&str> = match &body["cancel"] {
        Value::String(booking) => vec![booking],
        Value::Array(bookings) => bookings.iter().filter_map(Value::as_str).collect(),
        _ => return format!(" --free {}", body["free"]),
    };
    let mut options = String::new();
    for booking in cancelled {
        let _infallible = write!(options, " --cancel {booking}");
    }
    if body["seat_numbers"].is_array() {
        let _infallible = write!(options, " --seat {}", seats(body));
    }
    options
}

fn booking(body: &Value) -> String {
    let event = body["event_id"].as_str().unwrap_or_default();
    let user = body["user_id"].as_str().map(|user| format!(" --user {}", quoted(user))).unwrap_or_default();
    if body["seat_numbers"].is_array() {
        return format!("booking create {event} --seat {}{user}", seats(body));
    }
    let adjacent = match &body["adjacent"] {
        Value::Bool(true) => " --adjacent preferred",
        Value::String(_) => " --adjacent required",
        _ => "",
    };
    format!("booking create {event} --seats {}{adjacent}{user}", body["seats"])
}

/// Options of `event create` and `event update`, by the members of their bodies.
const EVENT_OPTIONS: [(&str, &str); 12] = [
    ("name", "--name"),
    ("event_date", "--date"),
    ("event_end", "--end"),
    ("bookings_close_at", "--bookings-close-at"),
    ("total_slots", "--seats"),
    ("description", "--description"),
    ("category", "--category"),
    ("status", "--status"),
    ("waitlist_policy", "--waitlist-policy"),
    ("bypass_limit", "--bypass-limit"),
    ("waitlist_limit", "--waitlist-limit"),
    ("max_seats_per_booking", "--max-seats-per-booking"),
];

fn event_create(body: &Value) -> String {
    format!("event create --org {}{}", body["org_id"].as_str().unwrap_or_default(), options(body))
}

fn event_update(id: &str, body: &Value) -> String {
    let changes = body.as_object().map_or(0, serde_json::Map::len);
    match (&body["status"], &body["total_slots"]) {
        (Value::String(status), _) if status == "cancelled" && changes == 1 => {
            format!("event cancel {id} --yes")
        }
        (_, Value::Number(seats)) if changes == 1 => format!("event resize {id} --seats {seats}"),
        _ => format!("event update {id}{}{}{}", options(body), cleared(body), sales(body)),
    }
}

/// What an update clears: members that are `null`.
fn cleared(body: &Value) -> String {
    let is_cleared = |member: &str| body.get(member).is_some_and(Value::is_null);
    let names = EVENT_OPTIONS.iter().filter(|(member, _)| is_cleared(member));
    let names: Vec<&str> = names.map(|(_, option)| option.trim_start_matches('-')).collect();
    if names.is_empty() { String::new() } else { format!(" --clear {}", names.join(",")) }
}

fn sales(body: &Value) -> &'static str {
    match body["sales_paused"].as_bool() {
        Some(true) => " --pause-sales",
        Some(false) => " --resume-sales",
        None => "",
    }
}

fn options(body: &Value) -> String {
    EVENT_OPTIONS.iter().fold(String::new(), |mut options, (member, option)| {
        match &body[*member] {
            Value::Null => {}
            Value::String(text) => {
                let _infallible = write!(options, " {option} {}", quoted(text));
            }
            other => {
                let _infallible = write!(options, " {option} {other}");
            }
        }
        options
    })
}

fn seats(body: &Value) -> String {
    let numbers: Vec<u32> = serde_json::from_value(body["seat_numbers"].clone()).unwrap_or_default();
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A parameter of a query, decoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A segment of a path, decoded. `+` is itself there.
fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,+=%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
