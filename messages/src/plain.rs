//! Text that people wrote, on its way into headers, mails and calendars.

use happening_core::text::acts;

/// Longest name in a message, in characters.
const LONGEST: usize = 250;

/// The text as one line: control characters, line ends and characters that turn or hide text become spaces, spaces are
/// joined, and at most 250 characters are left. So it fits into a header (RFC 5322, section 2.2) whatever it was.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut length = 0;
    let words = text.split(|c: char| c.is_control() || c.is_whitespace() || is_harmful(c));
    for word in words.filter(|word| !word.is_empty()) {
        let space = if line.is_empty() { "" } else { " " };
        for c in space.chars().chain(word.chars()) {
            if length + 1 == LONGEST {
                line.push('…');
                return line;
            }
            line.push(c);
            length += 1;
        }
    }
    line
}

/// Marks of direction are part of Arabic and Hebrew names; overrides, isolates and what nothing shows are not.
fn is_harmful(c: char) -> bool {
    acts(c) && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

/// Runs of white space become one space.
pub(crate) fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Seat numbers as people say them: runs of three and more by their ends, the last one after `and`.
pub(crate) fn listed(seats: &[u32], and: &str) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &seat in seats {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(seat) => *last = seat,
            _ => runs.push((seat, seat)),
        }
    }
    let parts: Vec<String> = runs
        .into_iter()
        .flat_map(|(first, last)| match last - first {
            0 => vec![first.to_string()],
            1 => vec![first.to_string(), last.to_string()],
            _ => vec![format!("{first}–{last}")],
        })
        .collect();
    match parts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {and} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_a_line() {
        assert_eq!(one_line("Jazz\r\nBcc: all@example.org\0\u{1b}[2J"), "Jazz Bcc: all@example.org [2J");
        assert_eq!(one_line("pay\u{202e}cod.exe\u{2066}\u{2028}\u{85}x"), "pay cod.exe x");
        assert_eq!(one_line("  a \t b\u{a0}c  "), "a b c");
        assert_eq!(one_line("שלום\u{200f} עולם"), "שלום\u{200f} עולם");
        let long = one_line(&"ä".repeat(1_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (250, true));
        assert_eq!(one_line(&"ä ".repeat(1_000)).chars().count(), 250);
    }

    #[test]
    fn seats_read_as_people_say_them() {
        let say = |seats: &[u32]| listed(seats, "and");
        assert_eq!(say(&[]), "");
        assert_eq!(say(&[4]), "4");
        assert_eq!(say(&[4, 5]), "4 and 5");
        assert_eq!(say(&[4, 5, 6]), "4–6");
        assert_eq!(say(&[1, 4, 5, 6, 9, 10]), "1, 4–6, 9 and 10");
        assert_eq!(say(&[u32::MAX - 1, u32::MAX]), "4294967294 and 4294967295");
    }
}
