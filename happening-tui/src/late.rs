//! The answer of a terminal that was asked for its colours, and answers when nobody waits for it any more: over a slow line
//! it would be taken for keys. What is read of it as keys is swallowed.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

/// An answer is no longer than this.
const LONGEST: usize = 40;

/// What has been read of an answer.
#[derive(Debug, Default)]
pub struct LateAnswer {
    begun: Option<String>,
}

impl LateAnswer {
    /// Whether this event belongs to an answer: `ESC ] 11 ; rgb:…`, up to BEL or `ESC \`. No action has `alt-]` for a key, with
    /// which it begins.
    pub fn swallows(&mut self, event: &Event) -> bool {
        let Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. }) = event else {
            self.begun = None;
            return false;
        };
        if (*c, *modifiers) == (']', KeyModifiers::ALT) {
            self.begun = Some(String::new());
            return true;
        }
        let Some(mut begun) = self.begun.take() else { return false };
        let ends = matches!((*c, *modifiers), ('\\', KeyModifiers::ALT) | ('g', KeyModifiers::CONTROL));
        if ends {
            return true;
        }
        begun.push(*c);
        let belongs = !modifiers.intersects(KeyModifiers::ALT | KeyModifiers::CONTROL) && is_answer(&begun);
        if belongs {
            self.begun = Some(begun);
        }
        belongs
    }
}

/// Whether an answer begins like this.
fn is_answer(begun: &str) -> bool {
    let named = ["10;rgb", "11;rgb"].iter().any(|name| match begun.strip_prefix(name) {
        Some(rest) => rest.chars().all(|c| c.is_ascii_hexdigit() || ":/".contains(c)),
        None => name.starts_with(begun),
    });
    named && begun.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))
    }

    /// What is left of these keys, where those after ESC are held with alt.
    fn left(text: &str) -> String {
        let (mut late, mut left, mut escaped) = (LateAnswer::default(), String::new(), false);
        for c in text.chars() {
            let event = match (c, escaped) {
                ('\u{1b}', _) => {
                    escaped = true;
                    continue;
                }
                ('\u{7}', _) => key('g', KeyModifiers::CONTROL),
                (c, true) => key(c, KeyModifiers::ALT),
                (c, false) => key(c, KeyModifiers::NONE),
            };
            escaped = false;
            if !late.swallows(&event) {
                left.push(c);
            }
        }
        left
    }

    #[test]
    fn an_answer_that_comes_late_is_no_key() {
        for end in ["\u{1b}\\", "\u{7}"] {
            assert_eq!(left(&format!("q\u{1b}]11;rgb:1c1c/1c1c/1c1c{end}q")), "qq");
            assert_eq!(left(&format!("\u{1b}]10;rgba:ff/ff/ff/ff{end}")), "");
        }
        let both = "\u{1b}]10;rgb:0000/0000/0000\u{1b}\\\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\n";
        assert_eq!(left(both), "n");
    }

    #[test]
    fn what_is_no_answer_is_left_alone() {
        assert_eq!(left("11;rgb:ff/ff/ff"), "11;rgb:ff/ff/ff");
        assert_eq!(left("\u{1b}]q1"), "q1");
        assert_eq!(left(&format!("\u{1b}]11;rgb:{}", "f".repeat(100))).len(), 100 - (LONGEST - 7));
    }
}
