//! Text from outside on its way into a column: a webhook's or the broker's error, what Keycloak answered, a reason that
//! quotes a message.
//!
//! PostgreSQL refuses a text with U+0000 and with it the whole statement; SQLite stores it, and its functions stop there.
//! What people wrote is validated where it arrives. What other programs say is not, and must not stop the statement that
//! keeps it: it passes [`storable`] or, where it is one line for people to read, [`Reason`].

use happening_core::text::visible;
use std::borrow::Cow;

/// Longest reason kept, in bytes.
const LONGEST: usize = 500;

/// The text with U+0000 replaced by its picture, U+2400.
pub fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{2400}")) } else { Cow::Borrowed(text) }
}

/// Why something failed, as one line: both databases store it, and no terminal obeys it. At most 500 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Makes control characters, line ends and marks of direction visible, and cuts what is too long.
    pub fn new(text: &str) -> Self {
        // What is cut anyway need not be made visible: each character becomes a byte at least.
        let mut line = visible(&text[..text.floor_char_boundary(LONGEST)]);
        line.truncate(line.floor_char_boundary(LONGEST));
        Self(line)
    }

    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use happening_core::text::acts;
    use proptest::prelude::*;

    #[test]
    fn a_nul_is_replaced_and_everything_else_is_kept() {
        assert_eq!(storable("a\0b\n\u{202e}"), "a\u{2400}b\n\u{202e}");
        assert!(matches!(storable("plain"), Cow::Borrowed("plain")));
    }

    proptest! {
        #[test]
        fn a_reason_is_one_harmless_line_of_bounded_length(text in ".{0,900}", odd in any::<Vec<char>>()) {
            let odd: String = odd.into_iter().chain(text.chars()).collect();
            let reason = Reason::new(&odd);
            prop_assert!(reason.as_str().len() <= LONGEST);
            prop_assert!(!reason.as_str().contains(|c: char| c.is_control() || acts(c)));
            prop_assert_eq!(odd.is_empty(), reason.as_str().is_empty());
        }
    }
}
