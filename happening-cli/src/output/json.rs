//! JSON, which may go to a terminal too.

use super::text::acts;
use serde::Serialize;
use std::fmt::Write as _;
use std::io;

/// A document with a newline at its end.
pub fn text(document: &impl Serialize) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string_pretty(document)?) + "\n")
}

/// A document on one line.
pub fn line(document: &impl Serialize) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string(document)?) + "\n")
}

/// JSON in which what a terminal might obey is escaped: it is the same document to a parser.
pub fn escaped(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len() + 1);
    for c in plain.chars() {
        // serde_json escapes C0 itself, and beyond ASCII there is nothing outside of strings.
        if c == '\u{7f}' || acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_the_same_document() {
        let name = "Jazz \u{1b}[2J\u{9b}\u{202e}\u{7f}\u{e0041} 日本語";
        let text = text(&serde_json::json!({ "name": name })).unwrap();
        assert_eq!(text, "{\n  \"name\": \"Jazz \\u001b[2J\\u009b\\u202e\\u007f\\udb40\\udc41 日本語\"\n}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["name"], name);
    }
}
