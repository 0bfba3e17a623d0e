//! What people write about themselves and each other, checked.

use super::Error;
use sha2::{Digest, Sha256};
use url::Url;

/// RFC 5321, section 4.5.3.1.3, less the brackets.
const EMAIL: usize = 254;
const NAME: usize = 255;
const PHONE: usize = 32;
const AVATAR_URL: usize = 2_048;
const MESSAGE: usize = 1_000;

/// An e-mail address as it was written. Whether it exists, only a mail to it can tell.
pub(super) fn email(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if is_email(text) {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid("email", "must be an e-mail address"))
    }
}

/// Whether a text has the form of an e-mail address.
pub(super) fn is_email(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    let is_odd =
        |letter: char| letter.is_control() || letter.is_whitespace() || matches!(letter, '<' | '>' | ',');
    text.len() <= EMAIL
        && !text.contains(is_odd)
        && parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !local.ends_with('@'))
}

/// What is left of a name without control characters and surrounding space; `None` if nothing is.
pub(super) fn plain_name(name: Option<&str>) -> Option<String> {
    let name: String = name?.trim().chars().filter(|letter| !letter.is_control()).take(NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// A telephone number.
pub(super) fn phone(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let fits = |letter: char| letter.is_ascii_digit() || " +-()./".contains(letter);
    if text.len() > PHONE || !text.contains(|letter: char| letter.is_ascii_digit()) || !text.chars().all(fits)
    {
        return Err(Error::invalid("phone", "must have digits, spaces and +-()./ only, at most 32"));
    }
    Ok(text.to_owned())
}

/// The address of a picture: one that a browser loads and that runs nothing.
pub(super) fn avatar_url(text: &str) -> Result<String, Error> {
    let url = Url::parse(text.trim()).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    match url {
        Some(url) if url.as_str().len() <= AVATAR_URL => Ok(url.into()),
        _ => {
            Err(Error::invalid("avatar_url", "must be an http or https address of at most 2,048 characters"))
        }
    }
}

/// A few words to somebody; `None` if there are none.
pub(super) fn message(text: &str) -> Result<Option<String>, Error> {
    let text = text.trim();
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if text.chars().count() > MESSAGE || text.contains(is_odd) {
        return Err(Error::invalid(
            "message",
            "must have at most 1,000 characters and no control characters",
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// SHA-256 in hexadecimal: by which something is recognized that is not kept.
pub(super) fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_name_and_a_host() {
        for good in ["ada@example.org", " ada+x@example.org ", "\u{fc}nal@example.net", "a@b"] {
            assert_eq!(email(good).expect(good), good.trim());
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in
            ["", "ada", "@example.org", "ada@", "a da@example.org", "a@b\0", "a@@b", "<a@b>", long.as_str()]
        {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_lose_what_nobody_sees() {
        assert_eq!(plain_name(Some(" Ada\u{1b}[2J\0 ")).as_deref(), Some("Ada[2J"));
        assert_eq!(plain_name(Some(" \n ")), None);
        assert_eq!(plain_name(None), None);
        assert_eq!(plain_name(Some(&"x".repeat(300))).map(|name| name.len()), Some(255));
    }

    #[test]
    fn telephones_are_numbers_and_pictures_addresses() {
        assert_eq!(phone(" +49 (30) 123-4/5 ").expect("a number"), "+49 (30) 123-4/5");
        for bad in ["", "+", "call me", "1;2", "123456789012345678901234567890123"] {
            assert!(phone(bad).is_err(), "{bad}");
        }
        assert_eq!(avatar_url("https://example.org/a.png").expect("an address"), "https://example.org/a.png");
        let long = format!("https://example.org/{}", "a".repeat(2_048));
        for bad in
            ["", "a.png", "javascript:alert(1)", "data:image/png;base64,AA", "ftp://example.org/a", &long]
        {
            assert!(avatar_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn messages_have_lines_but_no_escapes() {
        assert_eq!(message(" Come!\nSoon. ").expect("words").as_deref(), Some("Come!\nSoon."));
        assert_eq!(message("  ").expect("nothing"), None);
        assert!(message("\u{1b}[2J").is_err() && message(&"x".repeat(1_001)).is_err());
    }
}
