//! Filters, as in k9s: a regular expression, `!` in front turns it around, `-f` in front looks for letters in their order.

use regex::{Regex, RegexBuilder};

/// A filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// As typed.
    pub text: String,
    /// Whether it is being typed.
    pub editing: bool,
    wanted: Wanted,
}

#[derive(Debug, Clone, Default)]
enum Wanted {
    #[default]
    Everything,
    Matching(Regex),
    NotMatching(Regex),
    Fuzzy(String),
}

impl Filter {
    /// Whether it holds anything back.
    pub fn is_active(&self) -> bool {
        !matches!(self.wanted, Wanted::Everything)
    }

    /// Sets the text. What is no regular expression is plain text.
    pub fn set(&mut self, text: String) {
        let build =
            |pattern: &str| RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
        let regex = |pattern: &str| build(pattern).or_else(|_| build(&regex::escape(pattern))).ok();
        self.wanted = match text.as_str() {
            "" | "!" | "-f" | "-f " => Wanted::Everything,
            text => match (text.strip_prefix("-f "), text.strip_prefix('!')) {
                (Some(letters), _) => Wanted::Fuzzy(letters.to_owned()),
                (None, Some(not)) => regex(not).map_or(Wanted::Everything, Wanted::NotMatching),
                (None, None) => regex(text).map_or(Wanted::Everything, Wanted::Matching),
            },
        };
        self.text = text;
    }

    /// Whether a row with this text, in these cells, is shown. Letters in their order are looked for in one cell.
    pub fn matches<'a>(&self, text: &str, mut cells: impl Iterator<Item = &'a str>) -> bool {
        match &self.wanted {
            Wanted::Everything => true,
            Wanted::Matching(pattern) => pattern.is_match(text),
            Wanted::NotMatching(pattern) => !pattern.is_match(text),
            Wanted::Fuzzy(letters) => cells.any(|cell| fuzzy(letters, cell).is_some()),
        }
    }
}

/// How well the letters are found in a text, in their order and without regard to case; `None` if they are not. Letters that
/// follow each other and beginnings of words count more, long texts less.
pub fn fuzzy(letters: &str, text: &str) -> Option<i64> {
    let mut wanted = letters.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).peekable();
    let (mut score, mut run, mut before) = (0, 0, ' ');
    for c in text.chars().flat_map(char::to_lowercase) {
        let Some(next) = wanted.peek() else { break };
        if *next == c {
            wanted.next();
            run += 1;
            score += 2 * run + if before.is_alphanumeric() { 0 } else { 6 };
        } else {
            run = 0;
        }
        before = c;
    }
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    wanted.peek().is_none().then_some(score * 64 - length.min(63))
}
