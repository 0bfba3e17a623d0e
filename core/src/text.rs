//! Text that others wrote, where it leaves for a terminal or a file.

use std::fmt::Write as _;

/// Makes visible what would otherwise act or hide, for the command line, the terminal client and CSV alike: an event's name may not move the cursor, ring, or turn the line around.
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

/// Characters beyond ASCII that do something to the text around them, or hide in it. The joiners U+200C and U+200D are part
/// of ordinary Persian and of ordinary emoji, and variation selectors of emoji: they are left alone.
pub fn acts(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'                         // C1: some terminals obey them
        | '\u{61c}' | '\u{200e}' | '\u{200f}'       // marks of direction
        | '\u{2028}'..='\u{202e}'                   // separators of lines, embeddings and overrides of direction
        | '\u{2060}'..='\u{206f}'                   // isolates, and operators that nothing shows
        | '\u{ad}' | '\u{34f}' | '\u{180e}'         // hyphens and joiners that nothing shows
        | '\u{200b}' | '\u{feff}'                   // spaces without width
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // fillers: letters that nothing shows
        | '\u{fff9}'..='\u{fffb}'                   // annotations
        | '\u{fdd0}'..='\u{fdef}'                   // no characters
        | '\u{1d173}'..='\u{1d17a}'                 // beams and slurs of music
        | '\u{e0000}'..='\u{e0fff}'                 // tags and selectors, which nothing shows
    ) || u32::from(c) & 0xfffe == 0xfffe // the last two of each plane are no characters
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
        assert_eq!(visible("x\u{ffff}\u{10fffe}\u{fdd0}\u{ad}"), "x<U+FFFF><U+10FFFE><U+FDD0><U+00AD>");
        for c in (0..=0x9f).chain(0x2000..0x2070).chain(0xe0000..0xe0080).filter_map(char::from_u32) {
            let shown = visible(&c.to_string());
            assert!(!shown.chars().any(|c| c.is_control() || acts(c)), "{c:?}");
        }
    }
}
