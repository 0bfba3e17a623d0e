//! An answer without the ids and secrets that were drawn for it: values that are one of them are null instead.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::Number;
use std::collections::HashSet;
use std::fmt;

/// The same JSON, with null for each text that is one of `drawn`. Members keep their order and their names.
pub(super) fn without(json: &[u8], drawn: &[String]) -> serde_json::Result<Vec<u8>> {
    let drawn: HashSet<&str> = drawn.iter().map(String::as_str).collect();
    let value: Value = serde_json::from_slice(json)?;
    serde_json::to_vec(&Shown { value: &value, drawn: &drawn })
}

/// JSON whose members are in the order in which they were written.
enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        // JSON has no number that is none.
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Value::Object(object))
    }
}

struct Shown<'a> {
    value: &'a Value,
    drawn: &'a HashSet<&'a str>,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = |value| Shown { value, drawn: self.drawn };
        match self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(value) => value.serialize(serializer),
            Value::Text(text) if self.drawn.contains(text.as_str()) => serializer.serialize_unit(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&shown(item))?;
                }
                list.end()
            }
            Value::Object(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    object.serialize_entry(name, &shown(value))?;
                }
                object.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_is_left_out_wherever_it_is_a_value() {
        let drawn = ["one".to_owned(), "two".to_owned()];
        let said = r#"{"z":"one","a":["two",{"one":"three"}],"text":"say \"one\"","n":[1,-2,2.5,true,null]}"#;
        let left = r#"{"z":null,"a":[null,{"one":"three"}],"text":"say \"one\"","n":[1,-2,2.5,true,null]}"#;
        let shown = without(said.as_bytes(), &drawn).expect("JSON");
        assert_eq!(String::from_utf8(shown).expect("text"), left);
        assert!(without(b"", &drawn).is_err());
    }
}
