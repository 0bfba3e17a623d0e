//! Text as a person reads it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
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

/// A time in a zone, and saying so.
pub fn instant(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// The zone of whoever looks: `TZ`, else what the machine is set to, else UTC.
pub fn local_zone(tz: Option<&str>) -> Tz {
    let named = |name: &str| name.trim_start_matches(':').parse().ok();
    // A variable that names no zone, such as `CET-1CEST`, is not a wish for the machine's.
    match tz.filter(|tz| !tz.is_empty()) {
        Some(tz) => named(tz).unwrap_or(Tz::UTC),
        None => iana_time_zone::get_timezone().ok().and_then(|name| named(&name)).unwrap_or(Tz::UTC),
    }
}

/// Seat numbers with runs drawn together: `1-3, 7`.
pub fn seat_ranges(seats: &[u32]) -> String {
    let mut parts = Vec::new();
    let mut rest = seats;
    while let Some(&first) = rest.first() {
        let run = rest.windows(2).take_while(|pair| pair[1] == pair[0] + 1).count();
        let last = rest[run];
        parts.push(match run {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}-{last}"),
        });
        rest = &rest[run + 1..];
    }
    parts.join(", ")
}

/// A code in groups that the eye can keep, if the issuer has not grouped it.
pub fn grouped(code: &str) -> String {
    let length = code.chars().count();
    if length < 6 || !code.chars().all(|c| c.is_ascii_alphanumeric()) {
        return code.to_owned();
    }
    let size = if length.is_multiple_of(4) || !length.is_multiple_of(3) { 4 } else { 3 };
    let code: Vec<char> = code.chars().collect();
    code.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
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

    #[test]
    fn other_writing_is_left_alone() {
        for text in ["Ünïcödé", "日本語", "مرحبا", "שלום", "👩‍💻 🇩🇪", "نمی\u{200c}خواهم"]
        {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn runs_of_seats_are_drawn_together() {
        assert_eq!(seat_ranges(&[]), "");
        assert_eq!(seat_ranges(&[4]), "4");
        assert_eq!(seat_ranges(&[1, 2, 4, 5, 6, 9]), "1, 2, 4-6, 9");
        assert_eq!(seat_ranges(&[5, 4]), "5, 4");
        assert_eq!(seat_ranges(&(1..=100_000).collect::<Vec<_>>()), "1-100000");
    }

    #[test]
    fn codes_are_grouped_once() {
        assert_eq!(grouped("ABCDEFGH"), "ABCD-EFGH");
        assert_eq!(grouped("ABCD-EFGH"), "ABCD-EFGH");
        assert_eq!(grouped("123456789"), "123-456-789");
        assert_eq!(grouped("1234"), "1234");
    }

    #[test]
    fn times_name_their_zone() {
        let at = "2026-12-01T19:00:59Z".parse().unwrap();
        assert_eq!(instant(at, Tz::UTC), "2026-12-01 19:00 UTC");
        assert_eq!(instant(at, local_zone(Some("Europe/Berlin"))), "2026-12-01 20:00 CET");
        assert_eq!(instant(at, local_zone(Some(":America/New_York"))), "2026-12-01 14:00 EST");
        assert_eq!(local_zone(Some("nowhere")), Tz::UTC);
    }
}
