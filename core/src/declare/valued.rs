//! Members that have a value wherever they stand. serde takes `null` for absence, and what is absent stays: `null` here is an
//! error instead, with the member's name. To add a member: its name in the list below, and `deserialize_with` at its field.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

macro_rules! members {
    (required: $($required:ident)*; optional: $($optional:ident)*) => {
        /// Members that must be there.
        pub(super) mod required {
            use super::{Deserialize, Deserializer, value};
            $(pub(in super::super) fn $required<'de, D, T>(deserializer: D) -> Result<T, D::Error>
            where
                D: Deserializer<'de>,
                T: Deserialize<'de>,
            {
                value(deserializer, stringify!($required), "it has a value")
            })*
        }

        /// Members that may be left out.
        pub(super) mod optional {
            use super::{Deserialize, Deserializer, value};
            $(pub(in super::super) fn $optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
            where
                D: Deserializer<'de>,
                T: Deserialize<'de>,
            {
                value(deserializer, stringify!($optional), "leave it out to keep what is there").map(Some)
            })*
        }
    };
}

members! {
    required: happening name who role email client_id date seats;
    optional: members invites service_accounts events id end status organizer waitlist_policy bypass_limit sales_paused
}

fn value<'de, D, T>(deserializer: D, member: &str, hint: &str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let value = Option::deserialize(deserializer)?;
    value.ok_or_else(|| D::Error::custom(format!("`{member}` cannot be null: {hint}")))
}
