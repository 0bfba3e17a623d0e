//! Text that others wrote, where it leaves for a terminal or a file.

use std::fmt::Write as _;

/// Makes visible what would otherwise act: an event's name may not move the cursor, ring, or turn the line around.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Control pictures: U+2400 and up stand for C0 in the same order.
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('?')),
            '\u{7f}' => out.push('\u{2421}'),
            c if acts(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "<U+{:04X}>", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// Characters beyond ASCII that do something to the text around them, or hide in it.
pub fn acts(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'                         // C1: some terminals obey them
        | '\u{61c}' | '\u{200e}' | '\u{200f}'       // marks of direction
        | '\u{202a}'..='\u{202e}'                   // embeddings and overrides of direction
        | '\u{2066}'..='\u{2069}'                   // isolates
        | '\u{2028}' | '\u{2029}'                   // separators of lines and paragraphs
        | '\u{200b}' | '\u{2060}' | '\u{feff}'      // spaces without width
        | '\u{e0000}'..='\u{e007f}'                 // tags, which nothing shows
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_seen_and_not_obeyed() {
        assert_eq!(visible("Jazz\u{1b}[2J\r\n\t\u{7}"), "Jazz␛[2J␍␊␉␇");
        assert_eq!(visible("a\u{7f}\u{9b}31m"), "a␡<U+009B>31m");
        assert_eq!(visible("pay\u{202e}cod.exe\u{2066}"), "pay<U+202E>cod.exe<U+2066>");
        assert_eq!(visible("a\u{200b}b\u{feff}"), "a<U+200B>b<U+FEFF>");
        for c in (0..=0x9f).chain(0x2000..0x2070).chain(0xe0000..0xe0080).filter_map(char::from_u32) {
            let shown = visible(&c.to_string());
            assert!(!shown.chars().any(|c| c.is_control() || acts(c)), "{c:?}");
        }
    }
}
