//! The form of a CSV file: its encoding, what separates its cells, and where its lines end.

use super::Mistake;
use crate::exit::CliError;

/// The records whose quotes are closed. A quote that is not takes all that follows into its cell: that is told instead of
/// what would be read there.
pub(super) fn closed(text: &str, delimiter: u8, before: u64) -> (&str, Option<Mistake>) {
    let bytes = text.as_bytes();
    let (mut record, mut is_new, mut opened) = (0, true, None);
    for (at, &byte) in bytes.iter().enumerate() {
        match opened {
            // A doubled quote closes and opens again.
            Some(_) if byte == b'"' => opened = None,
            Some(_) => {}
            None if byte == b'"' && (is_new || bytes[at - 1] == b'"') => opened = Some(at),
            None if matches!(byte, b'\r' | b'\n') => (record, is_new) = (at + 1, true),
            None => is_new = byte == delimiter,
        }
    }
    let Some(opened) = opened else { return (text, None) };
    let line = before + 1 + line_ends(&bytes[..opened]);
    let why = "has a quote that is not closed: all that follows is in its cell".to_owned();
    (&text[..record], Some(Mistake { line, column: None, why }))
}

/// Where records begin, in their order. The reader counts no lines that end with CR alone, and of the empty lines before a
/// record it says that they are the record's.
pub(super) struct Place<'a> {
    text: &'a [u8],
    /// So far was counted.
    at: usize,
    /// The line of that, from 1.
    line: u64,
}

impl<'a> Place<'a> {
    /// At the beginning of `text`, which is in this line.
    pub(super) fn new(text: &'a str, line: u64) -> Self {
        Self { text: text.as_bytes(), at: 0, line }
    }

    pub(super) fn line_of(&mut self, position: &csv::Position) -> u64 {
        let begun = usize::try_from(position.byte()).unwrap_or(usize::MAX).clamp(self.at, self.text.len());
        let empty = self.text[begun..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line += line_ends(&self.text[self.at..begun + empty]);
        self.at = begun + empty;
        self.line
    }
}

/// Ends of lines, be they CR, LF or both.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let ends = bytes.iter().enumerate().filter(|&(at, &byte)| match byte {
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        byte => byte == b'\r',
    });
    ends.count() as u64
}

/// What follows Excel's line `sep=;`, which is no part of the table, and the separator that it names.
pub(super) fn without_separator(text: &str) -> (&str, Option<u8>) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let named = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="));
    // Saved again as CSV, the line has the empty cells of the others.
    let named = named.and_then(|named| named.bytes().next()).filter(|byte| b",;\t|".contains(byte));
    match named {
        Some(delimiter) => (text[line.len()..].trim_start_matches(['\r', '\n']), Some(delimiter)),
        None => (text, None),
    }
}

/// UTF-8, without its mark.
pub(super) fn decoded(bytes: &[u8]) -> Result<&str, CliError> {
    let wrong = |what: &str| CliError::Usage(format!("{what}: save the file as CSV in UTF-8"));
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(wrong("this is UTF-16"));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + line_ends(&bytes[..error.valid_up_to()]);
        wrong(&format!("line {line} is no UTF-8"))
    })
}

/// What separates cells, as the header shows it: whichever there is most of outside of quotes.
pub(super) fn delimiter(header: &str) -> u8 {
    let count = |wanted: u8| {
        let mut is_quoted = false;
        let outside = header.bytes().filter(|&byte| {
            is_quoted ^= byte == b'"';
            !is_quoted && byte == wanted
        });
        outside.count()
    };
    // Of two that are as many, the first.
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}
