//! YAML 1.2, and in a form that a reader of YAML 1.1 reads as the same document.
//!
//! The writer is ours because it escapes what acts on a terminal, where a serializer of YAML writes it as it is or as base64.

use super::document::Document;
use super::text::acts;
use std::fmt::Write as _;

/// Words that some version of YAML takes for something other than text.
const NOT_TEXT: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A document with a newline at its end.
pub fn text(document: &Document) -> String {
    let mut out = String::new();
    block(&mut out, document, 0);
    out
}

/// Writes a value at the end of a line that has been begun, with what belongs to it on further lines.
fn block(out: &mut String, value: &Document, depth: usize) {
    match value {
        Document::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                indent(out, depth, index);
                out.push('-');
                nested(out, item, depth + 1);
            }
        }
        Document::Members(members) if !members.is_empty() => {
            for (index, (name, value)) in members.iter().enumerate() {
                indent(out, depth, index);
                scalar(out, name);
                out.push(':');
                // Items of a list stand below their name, indented like it or more; more reads better.
                if matches!(value, Document::List(items) if !items.is_empty())
                    || matches!(value, Document::Members(members) if !members.is_empty())
                {
                    out.push('\n');
                    pad(out, depth + 1);
                    block(out, value, depth + 1);
                } else {
                    nested(out, value, depth + 1);
                }
            }
        }
        leaf => {
            match leaf {
                Document::Text(text) => scalar(out, text),
                Document::List(_) => out.push_str("[]"),
                Document::Members(_) => out.push_str("{}"),
                // Null, numbers and truth are written as in JSON.
                other => out.push_str(&other.to_string()),
            }
            out.push('\n');
        }
    }
}

fn nested(out: &mut String, value: &Document, depth: usize) {
    out.push(' ');
    block(out, value, depth);
}

/// The first line of a block goes on where the caller is.
fn indent(out: &mut String, depth: usize, index: usize) {
    if index > 0 {
        pad(out, depth);
    }
}

fn pad(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Bare where nobody could take it for anything else, else in double quotes.
fn scalar(out: &mut String, text: &str) {
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | '/' | '-' | '+');
    let is_word = !NOT_TEXT.iter().any(|word| text.eq_ignore_ascii_case(word));
    if begins_well && text.chars().all(bare) && !text.ends_with(' ') && is_word {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = match c {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\t' => write!(out, "\\t"),
            // Of what is no printable character (YAML 1.2, section 5.1), `acts` and the controls have all.
            c if c.is_control() || acts(c) => match c as u32 {
                code @ ..=0xff => write!(out, "\\x{code:02x}"),
                code @ ..=0xffff => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            },
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// Text as people send it who want to break something: any character, the delicate ones more often.
    pub fn any_text() -> impl Strategy<Value = String> {
        let delicate: Vec<char> = "\u{ffff}\u{fffe}\u{feff}\u{85}\u{2028}\u{2029}\r\n\t\0\u{1b}\u{7f}\u{ad}\u{fdd0}\u{1ffff}\u{10ffff}'\"\\#:-?&*!|>%@`{}[], \u{a0}\u{3000}~=<nyeN01.+_"
            .chars()
            .collect();
        let one = prop_oneof![3 => prop::sample::select(delicate), 1 => any::<char>()];
        let words = prop::sample::select(vec![
            "yes",
            "No",
            "null",
            "~",
            "1e3",
            "0x1f",
            "1_000",
            ".inf",
            "NaN",
            "---",
            "...",
            "<<",
            "2030-06-01",
            "12:30:45",
            "- a",
            "? a",
            "a: b",
            "a #b",
            "!!str x",
            "&a",
            "*a",
            "{}",
            "[]",
            "|",
            ">-",
            "\u{feff}x",
            "true ",
            " x",
            "x\n",
            "x\r",
            "y\u{2028}z",
            "0o14",
            "+1",
            "-0",
        ]);
        prop_oneof![
            4 => prop::collection::vec(one, 0..12).prop_map(|all| all.into_iter().collect()),
            1 => words.prop_map(str::to_owned),
        ]
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_it_was(name in any_text(), key in any_text()) {
            let value = json!([{ "name": name, "nested": { key: [name, { "x": name }] } }, name]);
            let document = Document::of(&value).unwrap();
            let yaml = text(&document);
            let read: Value = serde_saphyr::from_str(&yaml).map_err(|error| TestCaseError::fail(format!("{yaml}: {error}")))?;
            prop_assert_eq!(read, value.clone(), "{}", yaml);
            let json = super::super::json::text(&document).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
            for printed in [yaml, json] {
                prop_assert!(!printed.contains(|c: char| (c.is_control() && c != '\n') || acts(c)), "{:?}", printed);
            }
        }
    }

    #[test]
    fn what_is_nested_is_indented() {
        let json = r#"[{"id":"0197","name":"Jazz Night","seats":[1,2],"of":{"a":null,"b":[]},"free":0},{"name":"x","list":[[1],{"k":"v"}]}]"#;
        insta::assert_snapshot!(text(&Document::parse(json).unwrap()), @r#"
        - id: "0197"
          name: Jazz Night
          seats:
            - 1
            - 2
          of:
            a: null
            b: []
          free: 0
        - name: x
          list:
            - - 1
            - k: v
        "#);
    }

    #[test]
    fn text_stays_text() {
        for (text, written) in [
            ("plain", "plain"),
            ("two words", "two words"),
            ("yes", "\"yes\""),
            ("Null", "\"Null\""),
            ("", "\"\""),
            ("1e3", "\"1e3\""),
            ("- x", "\"- x\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("say \"hi\"\\", "\"say \\\"hi\\\"\\\\\""),
            ("two\nlines\t", "\"two\\nlines\\t\""),
            ("\u{1b}[2J\u{9b}\u{202e}\u{e0041}", "\"\\x1b[2J\\x9b\\u202e\\U000e0041\""),
            ("日本", "\"日本\""),
        ] {
            let mut out = String::new();
            scalar(&mut out, text);
            assert_eq!(out, written);
        }
    }
}
