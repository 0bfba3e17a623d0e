//! The JSON that goes over the wire, as `api-contract` describes it: `snake_case`, ids as UUIDs, times as RFC 3339 UTC.
//!
//! The daemon writes these types and the client reads them, so they cannot disagree. Requests refuse members they do
//! not know (a misspelt one would be silently ignored); answers ignore them (a newer daemon may send more).

mod admin;
mod audit;
mod booking;
mod counters;
mod engine;
mod event;
mod health;
mod hold;
mod invite;
mod job;
mod live;
mod metrics;
mod notification;
mod organization;
mod personal_data;
pub(crate) mod present;
mod problem;
mod queue;
mod user;
mod waitlist;

pub use admin::*;
pub use audit::*;
pub use booking::*;
pub use counters::*;
pub use engine::*;
pub use event::*;
pub use health::*;
pub use hold::*;
pub use invite::*;
pub use job::*;
pub use live::*;
pub use metrics::*;
pub use notification::*;
pub use organization::*;
pub use personal_data::*;
pub use problem::*;
pub use queue::*;
pub use user::*;
pub use waitlist::*;

/// A list in pages: which one.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PageQuery {
    /// A page of so many, 1 to 5,000; default all, up to 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended, from its `Link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A closed set of words on the wire: `as_str`, `Display`, `FromStr` (in any case) and serde all speak the same ones.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        #[cfg(feature = "declare")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$($word),+] })
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::wire::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str().eq_ignore_ascii_case(text))
                    .ok_or_else(|| $crate::wire::UnknownWord::new(text, Self::ALL.iter().map(|known| known.as_str())))
            }
        }
    };
}
pub(crate) use words;

/// A word that is not in its set, and the set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is none of {known}")]
pub struct UnknownWord {
    word: String,
    known: String,
}

impl UnknownWord {
    pub(crate) fn new<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Self {
        Self { word: word.to_owned(), known: known.collect::<Vec<_>>().join(", ") }
    }
}
