//! Parses bodies, and explains what is wrong with one: which member, and what it should be.

use super::error::Error;
use crate::service;
use happening_core::wire::ErrorCode;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

/// Reads a JSON object, or `null` where that is meant. Lists and plain values are none, though derived readers would take a
/// list for one.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    // Of other systems' files: it is no part of the text (RFC 8259, section 8.1).
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| !b"{n".contains(first)) {
        return Err(Error::new(ErrorCode::ValidationFailed, "The body must be a JSON object."));
    }
    let value = serde_json::from_slice(body).map_err(|first| explain::<T>(body, &first))?;
    no_nul(body)?;
    Ok(value)
}

/// Refuses a NUL in any text, also where nobody reads it: PostgreSQL takes none, and nobody means one. Within JSON it can
/// only be written as an escape.
fn no_nul(body: &[u8]) -> Result<(), Error> {
    const ESCAPED: &[u8] = b"\\u0000";
    if !body.windows(ESCAPED.len()).any(|bytes| bytes == ESCAPED) {
        return Ok(());
    }
    let value = serde_json::from_slice(body).unwrap_or_default();
    nul_in(&value, "").map_or(Ok(()), |path| Err(problem_at(&path, "must not contain NUL")))
}

/// Where the first text with a NUL is.
fn nul_in(value: &Value, path: &str) -> Option<String> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::String(text) => text.contains('\0').then(|| path.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(place, item)| nul_in(item, &format!("{path}[{place}]")))
        }
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            if name.contains('\0') {
                Some(below(&name.replace('\0', "\u{2400}")))
            } else {
                nul_in(value, &below(name))
            }
        }),
        _ => None,
    }
}

/// Reads it once more, to find out at which member it fails: few requests do, and only they pay for it.
fn explain<T: DeserializeOwned>(body: &[u8], first: &serde_json::Error) -> Error {
    // The reader of a number calls it a fault of the syntax when it finds something else.
    if !first.is_data() && serde_json::from_slice::<IgnoredAny>(body).is_err() {
        return Error::new(ErrorCode::ValidationFailed, format!("The body is no JSON: {first}."));
    }
    let again = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body));
    let (path, error) = match again.err() {
        Some(error) => (error.path().to_string(), error.into_inner().to_string()),
        None => (".".to_owned(), first.to_string()),
    };
    member_error("body", &path, &error)
}

/// An error at the member `path` of the `whole`, from what a reader says of it.
pub(super) fn member_error(whole: &str, path: &str, said: &str) -> Error {
    let said = said.split_once(" at line ").map_or(said, |(said, _)| said);
    let quoted = || said.split('`').nth(1).unwrap_or_default();
    let inner = |name: &str| if path == "." { name.to_owned() } else { format!("{path}.{name}") };
    let (member, words) = if said.starts_with("missing field") {
        (inner(quoted()), "is missing".to_owned())
    } else if said.starts_with("duplicate field") {
        (inner(quoted()), "is there twice".to_owned())
    } else if let Some(known) = said.strip_prefix("unknown field").and_then(|rest| rest.split_once(", ")) {
        let known = match known.1.strip_prefix("expected one of ") {
            Some(several) => format!("known are {several}"),
            None => known.1.replace("expected", "known is").replace(" or ", " and "),
        };
        let name = quoted();
        (if path.ends_with(name) { path.to_owned() } else { inner(name) }, format!("is not known; {known}"))
    } else {
        (path.to_owned(), in_words(said))
    };
    if member == "." || member.is_empty() {
        return Error::new(ErrorCode::ValidationFailed, format!("The {whole} {words}."));
    }
    problem_at(&member, &words)
}

/// An error at a member or parameter.
pub(super) fn problem_at(member: &str, words: &str) -> Error {
    let mut error = service::Error::new(ErrorCode::ValidationFailed, format!("{member}: {words}."));
    error.members.push(("field", member.into()));
    error.into()
}

fn in_words(said: &str) -> String {
    let wrong = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "));
    if let Some((found, expected)) = wrong.and_then(|wrong| wrong.rsplit_once(", expected ")) {
        return format!("must be {}, not {}", what(expected), found_in_words(found));
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        return rest.replace(", expected one of ", " is none of ").replace(", expected ", " is not ");
    }
    // The reader of words stops at anything that is no text.
    if said == "expected value" {
        return "must be a text, and one of the words that are known here".to_owned();
    }
    if said.contains("UUID") {
        return "must be an id (a UUID)".to_owned();
    }
    if said.contains("invalid digit")
        || said.contains("cannot parse integer")
        || said.contains("number too large")
    {
        return "must be a whole number, 0 or more".to_owned();
    }
    said.to_owned()
}

fn what(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "a boolean" => "true or false",
        "a string" | "string or map" => "text",
        "a sequence" => "a list",
        other if other.contains("UUID") => "an id (a UUID)",
        other if other.starts_with("struct ") || other == "a map" => "an object",
        other => other,
    }
}

fn found_in_words(found: &str) -> String {
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    match kind {
        "integer" | "boolean" => value.trim_matches('`').to_owned(),
        "floating" => value.trim_start_matches("point ").trim_matches('`').to_owned(),
        "string" => value.to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        _ => found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use happening_core::wire::{CreateBooking, CreateOrganization, UpdateEvent};

    async fn told<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> String {
        let response = read::<T>(body.as_bytes()).expect_err("refused").into_response();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
        let problem: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(problem["code"], "validation_failed");
        problem["detail"].as_str().expect("a sentence").to_owned()
    }

    #[tokio::test]
    async fn the_member_and_what_it_should_be_are_told() {
        let event = "01900000-0000-7000-8000-000000000001";
        assert_eq!(told::<CreateBooking>(r#"{"seats": 1}"#).await, "event_id: is missing.");
        assert_eq!(
            told::<CreateBooking>(&format!(r#"{{"event_id": "{event}", "seats": "x"}}"#)).await,
            "seats: must be a whole number, 0 or more, not \"x\"."
        );
        assert_eq!(
            told::<UpdateEvent>(r#"{"status": null}"#).await,
            "status: must be a text, and one of the words that are known here."
        );
        assert_eq!(
            told::<CreateBooking>(r#"{"event_id": "nope", "seats": 1}"#).await,
            "event_id: must be an id (a UUID)."
        );
        assert_eq!(
            told::<UpdateEvent>(r#"{"category": "party"}"#).await,
            "category: `party` is none of `webinar`, `concert`, `hackathon`."
        );
        assert_eq!(
            told::<UpdateEvent>(r#"{"total_slots": -1}"#).await,
            "total_slots: must be a whole number, 0 or more, not -1."
        );
        let unknown = told::<CreateOrganization>(r#"{"name": "x", "nmae": "y"}"#).await;
        assert_eq!(unknown, "nmae: is not known; known is `name` and `settings`.");
    }

    #[tokio::test]
    async fn lists_are_no_objects() {
        for body in ["[]", r#"["x"]"#, " [1]", "7", "\"x\""] {
            assert_eq!(told::<CreateOrganization>(body).await, "The body must be a JSON object.");
        }
        assert_eq!(told::<CreateOrganization>("null").await, "The body must be an object, not null.");
        assert!(read::<Option<CreateOrganization>>(b"null").is_ok_and(|read| read.is_none()));
        let settings = told::<CreateOrganization>(r#"{"name": "x", "settings": []}"#).await;
        assert_eq!(settings, "settings: must be an object, not a list.");
        assert!(told::<CreateOrganization>("").await.starts_with("The body is no JSON: "));
        assert!(told::<CreateOrganization>("{\"name\": ").await.starts_with("The body is no JSON: "));
    }
}
