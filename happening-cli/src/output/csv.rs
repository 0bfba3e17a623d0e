//! CSV, see [`happening_core::csv`].

use super::document::Document;
use happening_core::csv;

/// A header, and a line for each record.
pub fn text(fields: &[String], records: &[Document]) -> String {
    header(fields) + &rows(fields, records)
}

/// The names of the columns.
pub fn header(fields: &[String]) -> String {
    csv::line(fields.iter().map(|field| csv::plain(field)))
}

/// A line for each record.
pub fn rows(fields: &[String], records: &[Document]) -> String {
    let row = |record: &Document| {
        csv::line(fields.iter().map(|field| record.member(field).map_or_else(String::new, cell)))
    };
    records.iter().map(row).collect()
}

/// The same for Excel, which takes UTF-8 without a byte order mark for the code page of its machine. Cells have no line ends.
pub fn for_excel(text: &str, is_first: bool) -> String {
    let mark = if is_first { "\u{feff}" } else { "" };
    format!("{mark}{}", text.replace('\n', "\r\n"))
}

fn cell(value: &Document) -> String {
    // Numbers are ours.
    if matches!(value, Document::Text(_)) { csv::text(&value.text()) } else { csv::plain(&value.text()) }
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
