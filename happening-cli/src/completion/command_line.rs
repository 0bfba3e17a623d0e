//! The words of a command line that is being typed, as shells hand them over.

use std::ffi::OsString;

/// Whether every shell takes it for one word and nothing else: nothing to quote, and no option.
pub fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-');
    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
}

/// Words that are whole again, and where among them the cursor is.
pub struct Whole {
    pub words: Vec<OsString>,
    /// The word that is completed.
    pub index: usize,
    /// With what that word begins before the part that the shell will replace.
    pub begun: String,
}

/// Joins what bash has split at `=` and `:` (its `COMP_WORDBREAKS`): `--server=http://x` comes in five words.
pub fn whole(words: Vec<OsString>, index: usize) -> Whole {
    let mut joined = Whole { words: Vec::new(), index: 0, begun: String::new() };
    let mut goes_on = false;
    for (place, word) in words.into_iter().enumerate() {
        let is_break = !word.is_empty() && word.as_encoded_bytes().iter().all(|byte| b"=:".contains(byte));
        let begun = match joined.words.last_mut() {
            Some(last) if goes_on || is_break => {
                let begun = last.to_string_lossy().into_owned();
                last.push(word);
                begun
            }
            _ => {
                joined.words.push(word);
                String::new()
            }
        };
        if place <= index {
            joined.index = joined.words.len() - 1;
            joined.begun = begun;
        }
        goes_on = is_break;
    }
    joined
}

/// What was typed, of the shell that runs us: its words stand behind `--`.
pub fn typed() -> Vec<String> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    whole(words, 0).words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

/// The value of an option among them, without the quotes that a shell leaves there.
pub fn value_of(words: &[String], option: &str) -> Option<String> {
    let mut values =
        words.iter().enumerate().filter_map(|(index, word)| match word.strip_prefix(option)? {
            "" => words.get(index + 1).map(String::as_str),
            rest => rest.strip_prefix('='),
        });
    values
        .next_back()
        .map(|value| value.trim_matches(['"', '\'']).to_owned())
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(words: &[&str], index: usize) -> (Vec<String>, usize, String) {
        let whole = whole(words.iter().map(OsString::from).collect(), index);
        let words = whole.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        (words, whole.index, whole.begun)
    }

    #[test]
    fn what_bash_splits_is_joined() {
        let (words, index, begun) =
            joined(&["happening", "--server", "=", "http", ":", "//x", ":", "5", "org", "get", "a"], 10);
        assert_eq!(words, ["happening", "--server=http://x:5", "org", "get", "a"]);
        assert_eq!((index, begun.as_str()), (4, ""));
        let (words, index, begun) = joined(&["happening", "--context", "=", "pr", "org"], 3);
        assert_eq!(words, ["happening", "--context=pr", "org"]);
        assert_eq!((index, begun.as_str()), (1, "--context="));
        let (words, index, begun) = joined(&["happening", "event", ""], 2);
        assert_eq!((words.len(), index, begun.as_str()), (3, 2, ""));
    }

    #[test]
    fn the_last_value_counts() {
        let words =
            ["--server", "http://a", "--server='http://b'", "--servers=c", "--context"].map(str::to_owned);
        assert_eq!(value_of(&words, "--server").as_deref(), Some("http://b"));
        assert_eq!(value_of(&words, "--context"), None);
    }

    #[test]
    fn nothing_that_a_shell_acts_upon_is_plain() {
        assert!(["Demo", "a.b_c-d", "ada@example.org", "0197a1b2-0000"].into_iter().all(is_plain));
        for text in [
            "", "-x", "a b", "x;y", "$(x)", "`x`", "a'b", "a\"b", "a\\b", "~", "a*", "a\nb", "é", "a&b", "#a",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
