//! Patterns as Redis has them in SCAN: `*`, `?`, `[abc]`, `[a-c]`, `[^a]`, and `\` before what is meant as it is.
//!
//! The counters in process answer as Redis does, byte by byte. Crates for patterns match paths: in `globset` `{a,b}`
//! has a meaning, and a pattern with an open bracket is an error where Redis reads it to its end.

/// Whether a pattern matches the whole of a text.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    // Where to go on after the last star: it takes one byte more each time that the rest does not fit.
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, from));
            at += 1;
        } else if let Some(next) = one(pattern, at, text[from]) {
            at = next;
            from += 1;
        } else if let Some((after, taken)) = star {
            at = after;
            from = taken + 1;
            star = Some((after, from));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// Where the pattern goes on if its next element is this byte.
fn one(pattern: &[u8], at: usize, byte: u8) -> Option<usize> {
    match *pattern.get(at)? {
        b'?' => Some(at + 1),
        b'[' => {
            let (fits, next) = class(pattern, at + 1, byte);
            fits.then_some(next)
        }
        b'\\' if at + 1 < pattern.len() => (pattern[at + 1] == byte).then_some(at + 2),
        plain => (plain == byte).then_some(at + 1),
    }
}

fn class(pattern: &[u8], mut at: usize, byte: u8) -> (bool, usize) {
    let negated = pattern.get(at) == Some(&b'^');
    at += usize::from(negated);
    let mut fits = false;
    while let Some(&first) = pattern.get(at) {
        match first {
            b']' => return (fits != negated, at + 1),
            b'\\' if at + 1 < pattern.len() => {
                fits |= pattern[at + 1] == byte;
                at += 2;
            }
            first if pattern.get(at + 1) == Some(&b'-') && at + 2 < pattern.len() => {
                let last = pattern[at + 2];
                fits |= (first.min(last)..=first.max(last)).contains(&byte);
                at += 3;
            }
            first => {
                fits |= first == byte;
                at += 1;
            }
        }
    }
    (fits != negated, at)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_they_do_in_redis() {
        let fits = |pattern: &str, text: &str| matches(pattern.as_bytes(), text.as_bytes());
        for (pattern, text) in [
            ("*", ""),
            ("*", "event:1:slots"),
            ("event:*", "event:1"),
            ("*:slots", "event:1:slots"),
            ("a*b*c", "axxbxbyc"),
            ("h?llo", "hello"),
            ("h[ae]llo", "hallo"),
            ("h[^e]llo", "hallo"),
            ("h[a-c]llo", "hbllo"),
            ("\\*", "*"),
            ("h[\\]]llo", "h]llo"),
            ("", ""),
            ("a**", "a"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("event:*", "evening"),
            ("h?llo", "hllo"),
            ("h[^e]llo", "hello"),
            ("h[a-c]llo", "hdllo"),
            ("\\*", "a"),
            ("a*b", "abc"),
            ("[", "a"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
        // Stars that could be tried in too many ways.
        assert!(!fits(&"*a".repeat(30), &"a".repeat(29)));
    }
}
