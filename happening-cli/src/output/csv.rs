//! CSV (RFC 4180) that a spreadsheet may open: nothing in it is taken for a formula, and each record is one line.

use super::document::Document;
use super::text::visible;

/// A header, and a line for each record.
pub fn text(fields: &[String], records: &[Document]) -> String {
    let mut out = line(fields.iter().map(|field| quoted(field)));
    for record in records {
        out.push_str(&line(fields.iter().map(|field| record.member(field).map_or_else(String::new, cell))));
    }
    out
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(",") + "\n"
}

fn cell(value: &Document) -> String {
    let text = visible(&value.text());
    // Numbers are ours. Text that a spreadsheet would calculate gets the mark by which spreadsheets know text.
    let calculates =
        matches!(value, Document::Text(_)) && text.trim_start().starts_with(['=', '+', '-', '@']);
    quoted(&if calculates { format!("'{text}") } else { text })
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let records = [
            r#"{"name":"=HYPERLINK(\"http://x\",\"y\")","free":-2,"tags":["a","b"]}"#,
            r#"{"name":"Jazz, Night","free":null}"#,
            r#"{"name":"@SUM(A1)\nline \u001b[2J\u202e"}"#,
            r#"{"name":"  =1+1"}"#,
        ]
        .map(|json| Document::parse(json).unwrap());
        insta::assert_snapshot!(text(&["name".into(), "free".into(), "tags".into()], &records), @r#"
        name,free,tags
        "'=HYPERLINK(""http://x"",""y"")",-2,"[""a"",""b""]"
        "Jazz, Night",,
        '@SUM(A1)␊line ␛[2J<U+202E>,,
        '  =1+1,,
        "#);
    }
}
