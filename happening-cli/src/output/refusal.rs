//! What clap says of a command line that it does not understand, to whoever wants it as data.
//!
//! The options are not parsed then: whether data is wanted is read from the words.

use super::failure::Failure;
use super::{json, tell};
use clap::error::ErrorKind;
use serde_json::Value;
use std::ffi::OsString;
use std::io;

/// Options of one letter that take no value, and may stand before `o` in one word.
const SWITCHES: &[char] = &['q', 'v', 'h', 'V'];

/// Tells it as a problem document, if the command line asks for data. `false` if it was not told.
pub fn refused(refusal: &clap::Error) -> bool {
    if !refusal.use_stderr() {
        return false;
    }
    let Some(text) = wanted(std::env::args_os().skip(1)) else { return false };
    let told = text(&document(refusal));
    if let Ok(told) = &told {
        tell(told);
    }
    told.is_ok()
}

/// How the words ask for documents, if they do; the last one that says how counts.
fn wanted(words: impl Iterator<Item = OsString>) -> Option<fn(&Value) -> io::Result<String>> {
    let mut words = words.map(|word| word.to_string_lossy().into_owned()).take_while(|word| word != "--");
    let mut format = None;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--output") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => match short(&word) {
                Some("") => words.next(),
                value => value.map(str::to_owned),
            },
        };
        format = value.or(format);
    }
    match format?.as_str() {
        "json" => Some(json::text),
        "jsonl" => Some(json::line),
        _ => None,
    }
}

/// The value in a word such as `-ojson`, `-o=json` or `-qo`.
fn short(word: &str) -> Option<&str> {
    let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'))?;
    let value = letters.trim_start_matches(SWITCHES).strip_prefix('o')?;
    Some(value.strip_prefix('=').unwrap_or(value))
}

/// The message without what is about it: how the command is used, and where there is help. What clap proposes is a hint.
fn document(refusal: &clap::Error) -> Value {
    let missing = [ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, ErrorKind::MissingSubcommand];
    if missing.contains(&refusal.kind()) {
        let hint = "`--help` shows them".to_owned();
        return Failure::usage("a command is missing".to_owned(), Some(hint)).document();
    }
    let text = refusal.render().to_string();
    let parts: Vec<&str> = text.split("\n\n").map(str::trim).collect();
    let message = parts.first().map_or("", |message| message.strip_prefix("error: ").unwrap_or(message));
    let tips: Vec<&str> = parts.iter().filter_map(|part| part.strip_prefix("tip: ")).collect();
    let hint = (!tips.is_empty()).then(|| tips.join("; "));
    Failure::usage(message.to_owned(), hint).document()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_whether_data_is_wanted() {
        let lines = |words: &str| {
            let text = wanted(words.split(' ').map(OsString::from))?;
            text(&serde_json::json!({"a": 1})).ok().map(|text| text.lines().count())
        };
        for words in [
            "-o json",
            "-ojson",
            "-o=json",
            "--output json",
            "--output=json",
            "-qo json",
            "-vvojson",
            "-o csv -o json",
        ] {
            assert_eq!(lines(words), Some(3), "{words}");
        }
        assert_eq!(lines("event list --limit 0 -o jsonl"), Some(1));
        for words in
            ["", "-o table", "-o", "event list", "-- -o json", "--org json", "-o json -o yaml", "-d json"]
        {
            assert_eq!(lines(words), None, "{words}");
        }
    }
}
