//! What is printed, as the machine formats see it: a JSON value whose members keep their order.

use super::text::visible;
use super::{Cell, Column, Record, Style, json, table};
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor, value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;
use std::collections::HashSet;
use std::fmt;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Members(Vec<(String, Self)>),
}

impl Document {
    /// A thing as it serializes.
    pub fn of(thing: &impl Serialize) -> serde_json::Result<Self> {
        Self::parse(&serde_json::to_string(thing)?)
    }

    /// A document as it was written.
    pub fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    /// The member of this name.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Members(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The name of a member that an object has more than once: readers differ in which of them counts.
    pub fn repeated(&self) -> Option<&str> {
        match self {
            Self::List(items) => items.iter().find_map(Self::repeated),
            Self::Members(members) => {
                let mut names = HashSet::new();
                members.iter().find_map(|(name, value)| {
                    if names.insert(name) { value.repeated() } else { Some(name.as_str()) }
                })
            }
            _ => None,
        }
    }

    /// These members alone, in this order; what is missing is null.
    pub fn pick(&self, names: &[String]) -> Self {
        let picked = |name: &String| (name.clone(), self.member(name).cloned().unwrap_or(Self::Null));
        Self::Members(names.iter().map(picked).collect())
    }

    /// In one cell or line: text as it is, nothing for null, and compact JSON for what has members.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// Whatever a route answered, where nothing more is known of it.
impl Record for Document {
    const COLUMNS: &'static [Column<'static>] = &[Column::text("ANSWER")];

    fn fields() -> Vec<&'static str> {
        Vec::new()
    }

    fn name(&self) -> String {
        ["id", "name"].into_iter().find_map(|name| self.member(name)).unwrap_or(self).text()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(self.text())]
    }

    /// As JSON, which is what people expect who ask for a route; text line by line.
    fn portrait(&self, _style: Style) -> String {
        if let Self::Text(text) = self {
            return text.lines().map(|line| visible(line) + "\n").collect();
        }
        json::text(self).unwrap_or_default()
    }

    fn portraits(rows: &[Self], _style: Style) -> String {
        json::text(&rows).unwrap_or_default()
    }

    /// What is no list and no object, by name. Where there is nothing of that, or something that is no object, as JSON.
    fn tabulated(rows: &[Self], style: Style) -> String {
        let mut names: Vec<String> = Vec::new();
        for row in rows {
            let Self::Members(members) = row else { return Self::portraits(rows, style) };
            for (name, value) in members {
                if !matches!(value, Self::List(_) | Self::Members(_)) && !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        if names.is_empty() { Self::portraits(rows, style) } else { table::members(&names, rows, style) }
    }
}

/// Compact JSON.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Members(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Document, E> {
        Ok(Document::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Document, E> {
        Ok(Document::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Document, E> {
        Ok(Document::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Document, E> {
        Ok(Number::from_f64(value).map_or(Document::Null, Document::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Document, E> {
        Ok(Document::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Document, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Document::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Document, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Document::Members(all))
    }
}

/// The members of a type on the wire, in their order: what `--fields` may name, known before anything is asked of the
/// daemon. For structs that serde reads member by member, not for flattened ones.
pub fn members_of<T: DeserializeOwned>() -> Vec<&'static str> {
    let mut members: &'static [&'static str] = &[];
    // It only looks at what is expected of it, and then fails.
    let _ = T::deserialize(Introspection(&mut members));
    members.to_vec()
}

struct Introspection<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Introspection<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("nothing but the names is read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order() {
        let json = r#"{"z":1,"a":{"y":-2.5,"b":[true,null,"x"]},"m":18446744073709551615}"#;
        let document = Document::parse(json).unwrap();
        assert_eq!(document.to_string(), json);
        let picked = document.pick(&["m".into(), "gone".into(), "z".into()]);
        assert_eq!(picked.to_string(), r#"{"m":18446744073709551615,"gone":null,"z":1}"#);
    }

    #[test]
    fn types_of_the_wire_tell_their_members() {
        let members = members_of::<happening_core::wire::Notification>();
        assert_eq!(
            members,
            [
                "id",
                "user_id",
                "event_id",
                "booking_id",
                "type",
                "message",
                "status",
                "booked_by",
                "booked_by_username",
                "created_at",
                "read_at",
            ]
        );
        assert_eq!(members_of::<u32>(), [""; 0]);
    }
}
