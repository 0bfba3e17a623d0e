//! What people write into fields, checked in one place: by the daemon for requests, and here for files.
//!
//! *Lines* (names, a contact) are shown in lists, logs and terminals: they have a character that can be seen, and none that
//! ends the line or turns its direction. *Paragraphs* (a description, the message of an invite) have line ends and tabs too.
//! *Addresses* follow RFC 5321 and 6531, less what mail systems do not deliver to and what people cannot distinguish.

use email_address::{EmailAddress, Options};
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use thiserror::Error;

/// Longest name, in characters.
pub const NAME: usize = 255;

/// Longest description of an event, in characters.
pub const DESCRIPTION: usize = 10_000;

/// Longest message of an invite, in characters.
pub const MESSAGE: usize = 1_000;

/// Longest contact of an organization, in characters.
pub const CONTACT: usize = 255;

/// Longest event whose end is not said, in minutes: 31 days.
pub const LONGEST_EVENT: u32 = 44_640;

/// Longest address, in bytes (RFC 5321, section 4.5.3.1.3, less the brackets).
const ADDRESS: usize = 254;

/// What is wrong with a text; it continues a sentence that begins with the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FieldError {
    /// Nothing, or too much, where something is needed.
    #[error("must have 1 to {0} characters")]
    Length(usize),
    /// Too much.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Nothing in it is ever shown.
    #[error("must have a character that can be seen")]
    Invisible,
    /// A line end or another control character in a line.
    #[error("must be one line without control characters")]
    Control,
    /// A character that turns the direction of the text around it.
    #[error("must not have characters that override the direction of text")]
    Direction,
    /// An address that a reader could be led to.
    #[error("must not contain a web or e-mail address")]
    HasAddress,
    /// A control character in paragraphs.
    #[error("must have no control characters but line ends and tabs")]
    ControlInParagraphs,
    /// No tag of a language.
    #[error("must be a language such as de or de-AT")]
    Language,
    /// No colour.
    #[error("must be a color such as #2f5bd7")]
    Color,
    /// No length of an event.
    #[error("must be between 1 and {LONGEST_EVENT} minutes")]
    Minutes,
    /// No e-mail address.
    #[error("must be an e-mail address such as ada@example.org")]
    Address,
}

/// One line of 1 to `most` characters, without the white space around it.
pub fn line(text: &str, most: usize) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        return Err(FieldError::Length(most));
    }
    if text.contains(ends_line) {
        return Err(FieldError::Control);
    }
    if text.contains(turns) {
        return Err(FieldError::Direction);
    }
    if !text.contains(is_visible) {
        return Err(FieldError::Invisible);
    }
    Ok(text.to_owned())
}

/// A name: one line of 1 to [`NAME`] characters.
pub fn name(text: &str) -> Result<String, FieldError> {
    line(text, NAME)
}

/// The name of an organization: a [`name`] without a web or e-mail address, since people who never heard of it see it in an
/// invite.
pub fn organization_name(text: &str) -> Result<String, FieldError> {
    let name = name(text)?;
    if name.split_whitespace().any(leads_elsewhere) { Err(FieldError::HasAddress) } else { Ok(name) }
}

/// Whether a word is an address of a page or of a mailbox. A bare host is none: many names have a dot in them.
fn leads_elsewhere(word: &str) -> bool {
    let word = word.trim_start_matches(|letter: char| !letter.is_alphanumeric()).to_ascii_lowercase();
    let is_mailbox =
        word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let is_page = word.split_once('/').is_some_and(|(host, path)| {
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        let is_top = top.len() > 1 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
        is_top && path.contains(char::is_alphanumeric)
    });
    is_mailbox || is_page || word.contains("://") || word.starts_with("www.")
}

/// A tag of a language as people write it, such as `de` or `de-AT` (BCP 47, less what is rare).
pub fn language(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    let is_primary =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_part =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_primary && text.len() <= 35 && parts.all(is_part) {
        Ok(text.to_owned())
    } else {
        Err(FieldError::Language)
    }
}

/// Minutes that an event takes: 1 to [`LONGEST_EVENT`].
pub fn event_minutes(minutes: u32) -> Result<u32, FieldError> {
    if (1..=LONGEST_EVENT).contains(&minutes) { Ok(minutes) } else { Err(FieldError::Minutes) }
}

/// A colour: `#` and six hexadecimal digits.
pub fn color(text: &str) -> Result<String, FieldError> {
    let digits = text.trim().strip_prefix('#').ok_or(FieldError::Color)?;
    let is_one = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_one { Ok(format!("#{}", digits.to_ascii_lowercase())) } else { Err(FieldError::Color) }
}

/// What can stay of a line that another system wrote, and that cannot be refused: `None` if nothing of it is ever shown.
pub fn mended_line(text: &str, most: usize) -> Option<String> {
    let kept: String = text.trim().chars().filter(|letter| !ends_line(*letter) && !turns(*letter)).collect();
    let kept: String = kept.trim().chars().take(most).collect();
    kept.contains(is_visible).then_some(kept)
}

/// Paragraphs of at most `most` characters. There may be none.
pub fn paragraphs(text: &str, most: usize) -> Result<&str, FieldError> {
    if text.chars().count() > most {
        return Err(FieldError::TooLong(most));
    }
    if text.contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
        return Err(FieldError::ControlInParagraphs);
    }
    Ok(text)
}

/// An e-mail address: as it was written, but for its domain, which becomes what the mail system asks for: small letters, and
/// what is not ASCII as an A-label (RFC 5890). So two spellings of a domain are one, nobody takes a domain for another that
/// looks like it, and addresses are compared as ASCII.
///
/// A domain beyond ASCII must be written as it is registered, in small letters: mapping others would make the Kelvin sign a
/// `k`, and with it another domain.
pub fn address(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    let options =
        Options::default().with_minimum_sub_domains(2).without_display_text().without_domain_literal();
    let (local, domain) = text.rsplit_once('@').ok_or(FieldError::Address)?;
    // Quoted local parts may have spaces and further `@`: no mail system gives such an address to people.
    if text.contains(is_hidden)
        || local.starts_with('"')
        || EmailAddress::parse_with_options(text, options).is_err()
    {
        return Err(FieldError::Address);
    }
    let domain = ascii_domain(domain).ok_or(FieldError::Address)?;
    let address = format!("{local}@{domain}");
    if address.len() > ADDRESS { Err(FieldError::Address) } else { Ok(address) }
}

/// What two spellings of an address or a username have in common if they are the same: their ASCII letters are folded, and
/// nothing else. Also for what is no address: a name that is looked up.
pub fn address_key(text: &str) -> String {
    address(text).unwrap_or_else(|_| text.trim().to_owned()).to_ascii_lowercase()
}

/// The domain as the domain name system knows it, if it is written as it is registered.
fn ascii_domain(domain: &str) -> Option<String> {
    let rules = Uts46::new();
    let small = domain.to_ascii_lowercase();
    let ascii =
        rules.to_ascii(small.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify);
    let ascii = ascii.ok()?.into_owned();
    let (registered, valid) =
        rules.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    valid.ok()?;
    // A top-level domain is not all digits (RFC 3696, section 2), and four numbers are an address of the network.
    let top = ascii.rsplit('.').next()?;
    top.bytes().any(|byte| byte.is_ascii_alphabetic()).then_some(())?;
    (ascii == small || registered == small).then_some(ascii)
}

/// A control character, or a separator of lines or paragraphs.
fn ends_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates of direction. The marks of direction stay: names in Arabic and Hebrew use them.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether the character puts something on the screen by itself.
fn is_visible(letter: char) -> bool {
    use GeneralCategory as Category;
    let is_blank = matches!(
        CodePointMapData::<GeneralCategory>::new().get(letter),
        Category::Control
            | Category::Format
            | Category::LineSeparator
            | Category::NonspacingMark
            | Category::EnclosingMark
            | Category::ParagraphSeparator
            | Category::PrivateUse
            | Category::SpaceSeparator
            | Category::Surrogate
            | Category::Unassigned
    );
    // The Braille pattern without dots is a symbol.
    !is_blank && letter != '\u{2800}' && !is_ignorable(letter)
}

/// A character that an address cannot have because nobody sees it, or sees something else for it.
fn is_hidden(letter: char) -> bool {
    let is_mark = matches!(
        CodePointMapData::<GeneralCategory>::new().get(letter),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
    );
    is_ignorable(letter) || !(is_mark || is_visible(letter))
}

fn is_ignorable(letter: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_kept_as_written_and_their_domains_as_they_are_registered() {
        for (written, kept) in [
            ("ada@example.org", "ada@example.org"),
            (" Ada+x@Example.ORG ", "Ada+x@example.org"),
            ("\u{fc}nal@example.net", "\u{fc}nal@example.net"),
            ("o'neil@mail.example.org", "o'neil@mail.example.org"),
            ("ada@m\u{fc}nchen.example", "ada@xn--mnchen-3ya.example"),
            ("ada@XN--MNCHEN-3YA.example", "ada@xn--mnchen-3ya.example"),
            ("ada@stra\u{df}e.example", "ada@xn--strae-oqa.example"),
        ] {
            assert_eq!(address(written).as_deref(), Ok(kept), "{written}");
        }
    }

    #[test]
    fn an_organizations_name_leads_nowhere() {
        for name in [
            "Win at https://evil.example",
            "(WWW.evil.example)",
            "ask ada@evil.example now",
            "x://y",
            "evil.example/x",
            "see \"sub.evil.example/?a=1\"",
        ] {
            assert_eq!(organization_name(name), Err(FieldError::HasAddress), "{name}");
        }
        for name in [
            "Jazz Club",
            "org-of-ada.lovelace",
            "Dinner @ Six",
            "A.B. & Co: music/dance",
            "me@home",
            "Node.js Meetup",
            "Verein e.V./gGmbH",
        ] {
            assert_eq!(organization_name(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("ada@{}.org", "a.".repeat(130));
        let (local, label) =
            (format!("{}@example.org", "a".repeat(65)), format!("ada@{}.org", "a".repeat(64)));
        for bad in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a da@example.org",
            "a@b",
            "a@@b.org",
            "<a@b.org>",
            "Ada <ada@example.org>",
            "ada@example.org;bob@example.org",
            "ada@example.org,bob@example.org",
            "mailto:ada@example.org",
            "a@b@c.org",
            "https://x@y.org",
            "a@x..org",
            "a@.org",
            "a@org.",
            "a@x.org.",
            "a@x.org/",
            "a@x/y.org",
            "a@-x.org",
            "a@x-.org",
            "member@happening.test.",
            "a..b@x.org",
            ".a@x.org",
            "a.@x.org",
            "\"a b\"@x.org",
            "\"a@b\"@x.org",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@example.123",
            "a@x_y.org",
            "ada\0@example.org",
            "ada@example.org\u{200b}",
            "\u{feff}ada@example.org",
            "ada\u{202e}@example.org",
            "a\u{ad}da@example.org",
            "ada@exam\u{2060}ple.org",
            "ada\u{a0}@example.org",
            "ada@\u{212a}elvin.org",
            "ada@M\u{dc}NCHEN.example",
            "ada@ex\u{ff41}mple.org",
            "ada@xn--a.org",
            "ada@example\u{3002}org",
            "a\nb@example.org",
            "a(comment)@example.org",
            long.as_str(),
            local.as_str(),
            label.as_str(),
        ] {
            assert_eq!(address(bad), Err(FieldError::Address), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_the_same_if_their_ascii_letters_are() {
        assert_eq!(address_key(" ADA@Example.org"), "ada@example.org");
        assert_eq!(address_key("ada@m\u{fc}nchen.example"), address_key("Ada@xn--mnchen-3ya.example"));
        assert_ne!(address_key("\u{212a}elvin@example.org"), address_key("kelvin@example.org"));
        assert_ne!(address_key("\u{c4}da@example.org"), address_key("\u{e4}da@example.org"));
        assert_eq!(address_key("Ada.Lovelace"), "ada.lovelace");
        assert_eq!(address_key("\u{212a}elvin"), "\u{212a}elvin");
    }

    #[test]
    fn lines_can_be_seen_and_act_on_nothing() {
        for (written, kept) in [
            (" Jazz ", "Jazz"),
            (
                "\u{645}\u{648}\u{633}\u{64a}\u{642}\u{649}\u{200f}!",
                "\u{645}\u{648}\u{633}\u{64a}\u{642}\u{649}\u{200f}!",
            ),
            ("\u{1f469}\u{200d}\u{1f680}", "\u{1f469}\u{200d}\u{1f680}"),
            ("e\u{301}", "e\u{301}"),
            ("?", "?"),
        ] {
            assert_eq!(name(written).as_deref(), Ok(kept), "{written:?}");
        }
        assert_eq!(name(&"\u{e4}".repeat(255)).map(|name| name.chars().count()), Ok(255));
        let long = "x".repeat(256);
        for (bad, why) in [
            ("", FieldError::Length(NAME)),
            (" \u{a0}\u{3000} ", FieldError::Length(NAME)),
            (long.as_str(), FieldError::Length(NAME)),
            ("a\nb", FieldError::Control),
            ("a\tb", FieldError::Control),
            ("a\0b", FieldError::Control),
            ("a\u{1b}[2Jb", FieldError::Control),
            ("a\u{85}b", FieldError::Control),
            ("a\u{2028}b", FieldError::Control),
            ("pay\u{202e}cod.exe", FieldError::Direction),
            ("a\u{2066}b", FieldError::Direction),
            ("\u{200b}", FieldError::Invisible),
            ("\u{2060}\u{feff}", FieldError::Invisible),
            ("\u{3164}", FieldError::Invisible),
            ("\u{2800}", FieldError::Invisible),
            ("\u{115f}\u{1160}\u{ffa0}", FieldError::Invisible),
            ("\u{e0041}\u{e007f}", FieldError::Invisible),
            ("\u{fe0f}", FieldError::Invisible),
            ("\u{301}", FieldError::Invisible),
            ("\u{34f}\u{180e}\u{ad}", FieldError::Invisible),
            ("\u{200f}", FieldError::Invisible),
        ] {
            assert_eq!(name(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn lines_of_other_systems_lose_what_acts() {
        assert_eq!(mended_line(" Ada\u{1b}[2J\0\u{202e} ", 255).as_deref(), Some("Ada[2J"));
        for nothing in ["", " \n ", "\u{200b}", "\u{3164}", "\u{202e}\0"] {
            assert_eq!(mended_line(nothing, 255), None, "{nothing:?}");
        }
        assert_eq!(mended_line(&"x".repeat(300), 255).map(|line| line.len()), Some(255));
    }

    #[test]
    fn paragraphs_have_line_ends_and_tabs() {
        assert_eq!(paragraphs("Come!\r\n\tSoon.\n", 20), Ok("Come!\r\n\tSoon.\n"));
        assert_eq!(paragraphs("", 20), Ok(""));
        assert_eq!(paragraphs(&"x".repeat(21), 20), Err(FieldError::TooLong(20)));
        for bad in ["\0", "a\u{1b}[2J", "\u{9b}31m", "\u{7f}", "\u{c}"] {
            assert_eq!(paragraphs(bad, 20), Err(FieldError::ControlInParagraphs), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_accepted_again_and_means_the_same(text in "[ -~\u{a0}-\u{24f}\u{3b1}-\u{3c9}]{0,12}@[a-zA-Z0-9.\u{e0}-\u{ff}-]{1,12}") {
            if let Ok(kept) = address(&text) {
                prop_assert_eq!(address(&kept), Ok(kept.clone()));
                prop_assert_eq!(address_key(&text), address_key(&kept));
                prop_assert!(kept.rsplit_once('@').is_some_and(|(_, domain)| domain.is_ascii()));
            }
        }

        #[test]
        fn what_is_mended_is_a_line(text in "\\PC{0,20}|[\\x00-\\x7f]{0,20}") {
            if let Some(kept) = mended_line(&text, 20) {
                prop_assert_eq!(line(&kept, 20), Ok(kept));
            }
        }
    }
}
