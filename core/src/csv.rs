//! CSV (RFC 4180) that a spreadsheet may open: nothing in it is taken for a formula, and each record is one line.
//!
//! What the daemon answers and what the command line prints are made of the same cells.

use crate::text::visible;
use serde_json::Value;

/// A record: its cells and the end of the line.
pub fn line(cells: impl IntoIterator<Item = String>) -> String {
    cells.into_iter().collect::<Vec<_>>().join(",") + "\n"
}

/// A cell of text that somebody wrote. What a spreadsheet would calculate gets the mark by which spreadsheets know text:
/// an apostrophe in front.
pub fn text(text: &str) -> String {
    let calculates = text.trim_start().starts_with(['=', '+', '-', '@']);
    plain(&if calculates { format!("'{text}") } else { text.to_owned() })
}

/// A cell of what is ours: numbers, ids, times.
pub fn plain(text: &str) -> String {
    let text = visible(text);
    if text.contains(['"', ',', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A cell of a JSON value: lists and objects as JSON, null as nothing.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(written) => text(written),
        other => plain(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_cell_is_a_formula_and_no_text_leaves_its_cell() {
        for (written, cell) in [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\u{2409}=1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("a;b", "\"a;b\""),
            ("two\r\nlines", "two\u{240d}\u{240a}lines"),
            (" x", "\" x\""),
            ("x = y", "x = y"),
        ] {
            assert_eq!(text(written), cell, "{written:?}");
        }
    }

    #[test]
    fn numbers_stay_numbers() {
        let cells = [json!(-2), json!(null), json!("a"), json!([1, 2]), json!(true)];
        assert_eq!(line(cells.iter().map(value)), "-2,,a,\"[1,2]\",true\n");
    }
}
