//! The format of the file.

use super::valued::{optional, required};
use crate::id::{EventId, OrganizationId};
use crate::wire::present::present;
use crate::wire::{Category, EventStatus, Role, WaitlistPolicy};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// The version of the format that is read and written here.
pub const VERSION: u32 = 1;

/// A value, and where in the file it stands.
#[derive(Debug, Clone, Copy)]
pub struct At<T> {
    /// What stands there.
    pub value: T,
    /// From 1; 0 for what comes from no file.
    pub line: u32,
    /// From 1, in characters; 0 for what comes from no file.
    pub column: u32,
}

impl<T> From<T> for At<T> {
    fn from(value: T) -> Self {
        Self { value, line: 0, column: 0 }
    }
}

/// Where it stands does not count.
impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for At<T> {}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let (line, column) = (small(spanned.referenced.line()), small(spanned.referenced.column()));
        Ok(Self { value: spanned.value, line, column })
    }
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// An organization of Happening, declared. What is left out stays as it is; `null` clears what may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    #[serde(deserialize_with = "required::happening")]
    pub happening: At<u32>,
    /// The organization itself.
    pub organization: DeclaredOrganization,
    /// Who belongs to it. Whoever has no account yet is invited.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::members")]
    pub members: Option<Vec<At<DeclaredMember>>>,
    /// Who is invited to it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::invites")]
    pub invites: Option<Vec<At<DeclaredInvite>>>,
    /// Clients of the issuer that act in it by themselves.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "optional::service_accounts"
    )]
    pub service_accounts: Option<Vec<At<DeclaredServiceAccount>>>,
    /// What it publishes.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::events")]
    pub events: Option<Vec<At<DeclaredEvent>>>,
}

/// The organization itself. It is the one with this `id`, else the one of this name, else it is founded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredOrganization {
    /// Its id: needed to rename it, and where several have the name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::id")]
    pub id: Option<At<OrganizationId>>,
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    #[serde(deserialize_with = "required::name")]
    pub name: At<String>,
    /// IANA name such as `Europe/Berlin`; dates without an offset are read in it. UTC for a new organization.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub timezone: Option<Option<At<String>>>,
    /// How waitlists of its new events are served. `split` for a new organization.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub waitlist_policy: Option<Option<WaitlistPolicy>>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(length(max = 255))]
    pub contact: Option<Option<At<String>>>,
    /// The language of messages to people of whom none is known, such as `de`. The installation's for a new organization.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub language: Option<Option<At<String>>>,
    /// Of messages, such as `#2f5bd7`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub color: Option<Option<At<String>>>,
    /// How long its events take that do not say when they end, in minutes. 480 for a new organization.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(range(min = 1, max = 44_640))]
    pub event_minutes: Option<Option<At<u32>>>,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredMember {
    /// An e-mail address, a username or a user's id.
    #[schemars(length(min = 1))]
    #[serde(deserialize_with = "required::who")]
    pub who: At<String>,
    /// What the member may do.
    #[serde(deserialize_with = "required::role")]
    pub role: Role,
}

/// An invite that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredInvite {
    /// The address of the invited person.
    #[serde(deserialize_with = "required::email")]
    pub email: At<String>,
    /// What they will be.
    #[serde(deserialize_with = "required::role")]
    pub role: Role,
    /// A few words for them; those of an invite that is under way stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub message: Option<String>,
}

/// A client of the issuer that acts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredServiceAccount {
    /// The client's id at the issuer.
    #[schemars(length(min = 1, max = 255))]
    #[serde(deserialize_with = "required::client_id")]
    pub client_id: At<String>,
    /// What it may do.
    #[serde(deserialize_with = "required::role")]
    pub role: Role,
}

/// An event. It is the one with this `id`, else the one with this name and date, else the only one that has this name and
/// is not over, else it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredEvent {
    /// Its id: needed to rename it, and where several are meant by the name.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::id")]
    pub id: Option<At<EventId>>,
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    #[serde(deserialize_with = "required::name")]
    pub name: At<String>,
    /// When it starts: `2027-05-01T19:00` in the organization's time zone, or with an offset.
    #[serde(deserialize_with = "required::date")]
    pub date: At<String>,
    /// How many seats there are.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[serde(deserialize_with = "required::seats")]
    pub seats: At<u32>,
    /// When it ends, written like its date; a new one takes as long as the organization says.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::end")]
    pub end: Option<At<String>>,
    /// Until when it takes bookings, written like its date; `null` is until it starts.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub bookings_close_at: Option<Option<At<String>>>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(length(max = 10_000))]
    pub description: Option<Option<At<String>>>,
    /// Its kind.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub category: Option<Option<Category>>,
    /// Where it is in its life; a new one is upcoming.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::status")]
    pub status: Option<EventStatus>,
    /// Whose it is, named like a member; a new one is whoever applies the file.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::organizer")]
    pub organizer: Option<At<String>>,
    /// How its waitlist is served; for a new one the organization decides.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "optional::waitlist_policy"
    )]
    pub waitlist_policy: Option<WaitlistPolicy>,
    /// How often a smaller party may pass the head of a `whole` waitlist; 3 for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::bypass_limit")]
    pub bypass_limit: Option<u32>,
    /// How many parties may wait; no limit for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub waitlist_limit: Option<Option<u32>>,
    /// The most seats that one booking may have; the installation's limit for a new one. `null` takes it off again.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(range(min = 1))]
    pub max_seats_per_booking: Option<Option<u32>>,
    /// Whether new bookings and holds are refused for the time being; a new one sells.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional::sales_paused")]
    pub sales_paused: Option<bool>,
}

/// The JSON Schema (draft 2020-12) of a [`Declaration`].
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Declaration>()
}
