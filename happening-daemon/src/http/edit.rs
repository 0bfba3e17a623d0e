//! The body of an edit: the members to change, or the whole row as it was read.
//!
//! Clients that read a row, change a member and put all of it back send members that no edit changes. A body with the row's
//! `id` is such a row. Of its members beyond the edit's own, those that change by themselves (figures, times, the
//! organizer's name) are ignored, and the others must be as they are: another value means a change, and is
//! refused, since it is not made here. Without the `id`, or for what no row has, a member that is not of the edit is not known.

use super::error::Error;
use super::{body_error, json};
use crate::service::Fixed;
use axum::extract::{FromRequest, Request};
use happening_core::wire::{UpdateEvent, UpdateOrganization, UpdateUser};
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::fmt;

/// An edit, and what the body says of members that it does not change.
pub struct Edit<T>(pub T, pub Vec<Fixed>);

/// An edit of a row, with the row's other members.
pub trait OfRow {
    /// Members that must be as they are, and where they are changed.
    const FIXED: &'static [(&'static str, &'static str)];

    /// Members that change by themselves.
    const IGNORED: &'static [&'static str];
}

impl OfRow for UpdateEvent {
    const FIXED: &'static [(&'static str, &'static str)] = &[
        ("id", "an event keeps its id"),
        ("org_id", "an event stays in its organization"),
        ("created_by", "POST /events/:id/reassign hands an event to another organizer"),
    ];
    const IGNORED: &'static [&'static str] = &[
        "available_slots",
        "waiting",
        "version",
        "created_at",
        "updated_at",
        "organizer_username",
        "organizer_first_name",
        "organizer_last_name",
        "organizer_email",
    ];
}

impl OfRow for UpdateOrganization {
    const FIXED: &'static [(&'static str, &'static str)] = &[
        ("id", "an organization keeps its id"),
        ("owner_id", "POST /organizations/:id/transfer gives an organization to another owner"),
        ("status", "PUT /organizations/:id/status suspends an organization"),
    ];
    // The last two are of the membership of whom the row was read for, `GET /organizations/user/:id`.
    const IGNORED: &'static [&'static str] = &[
        "keycloak_org_id",
        "created_at",
        "member_count",
        "owner_username",
        "deleted_at",
        "role",
        "joined_at",
    ];
}

impl OfRow for UpdateUser {
    const FIXED: &'static [(&'static str, &'static str)] = &[
        ("id", "a user keeps its id"),
        ("keycloak_id", "it comes from the issuer"),
        ("username", "it is given at the first sign-in"),
        ("email", "it comes from the issuer"),
        ("first_name", "it comes from the issuer"),
        ("last_name", "it comes from the issuer"),
        ("status", "PUT /users/:id/status suspends a user"),
    ];
    const IGNORED: &'static [&'static str] = &["created_at", "updated_at", "organizations"];
}

impl<T: DeserializeOwned + OfRow, S: Send + Sync> FromRequest<S> for Edit<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        read(&json::body(request, state).await?)
    }
}

/// Few bodies are rows: only where one is no edit is it looked at as a row.
fn read<T: DeserializeOwned + OfRow>(body: &[u8]) -> Result<Edit<T>, Error> {
    body_error::read(body).map(|update| Edit(update, Vec::new())).or_else(|error| {
        let (rest, fixed) = split::<T>(body).ok_or(error)?;
        Ok(Edit(body_error::read(&rest)?, fixed))
    })
}

/// The edit in a row, and its fixed members; `None` if the body is no row.
fn split<T: OfRow>(body: &[u8]) -> Option<(Vec<u8>, Vec<Fixed>)> {
    let Members(mut members) = serde_json::from_slice(body).ok()?;
    members.contains_key("id").then_some(())?;
    members.retain(|name, _| !T::IGNORED.contains(&name.as_str()));
    let fixed = T::FIXED
        .iter()
        .filter_map(|(name, instead)| Some(Fixed { name, value: members.remove(*name)?, instead }))
        .collect();
    Some((serde_json::to_vec(&members).ok()?, fixed))
}

/// An object in which no member stands twice: which of the two counted, nobody would know.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Distinct).map(Self)
    }
}

struct Distinct;

impl<'de> Visitor<'de> for Distinct {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            if members.insert(name.clone(), value).is_some() {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn edit(body: &Value) -> Result<Edit<UpdateEvent>, Error> {
        read(body.to_string().as_bytes())
    }

    #[test]
    fn a_row_is_an_edit_with_claims() {
        let row = json!({ "id": "x", "created_by": "y", "name": "Gala", "version": 7, "organizer_email": "a@b.org" });
        let Edit(update, fixed) = edit(&row).expect("an edit");
        assert_eq!(update, UpdateEvent { name: Some("Gala".to_owned()), ..UpdateEvent::default() });
        let named: Vec<_> = fixed.iter().map(|fixed| (fixed.name, fixed.value.clone())).collect();
        assert_eq!(named, [("id", json!("x")), ("created_by", json!("y"))]);
    }

    #[test]
    fn what_is_of_no_row_or_twice_is_refused() {
        for body in [
            json!({ "available_slots": 5 }),
            json!({ "created_by": "y" }),
            json!({ "id": "x", "price": 5 }),
            json!({ "id": "x", "name": null }),
        ] {
            assert!(edit(&body).is_err(), "{body}");
        }
        assert!(read::<UpdateEvent>(br#"{"id": "x", "name": "a", "name": "b"}"#).is_err());
        assert!(read::<UpdateEvent>(br#"{"id": "x", "id": "x", "name": "b"}"#).is_err());
    }
}
