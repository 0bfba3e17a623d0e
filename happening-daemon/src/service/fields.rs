//! What people write, checked: `happening_core::fields` has the rules, here are the names of the fields.

use super::Error;
use happening_core::date;
use happening_core::fields::{self, FieldError};
use happening_core::wire::{OrganizationSettings, UpdateSettings};
use sha2::{Digest, Sha256};
use url::Url;

const PHONE: usize = 32;
const AVATAR_URL: usize = 2_048;

/// Longest text of a search, in characters.
const SEARCHED: usize = 200;

/// A checked field, or an error that names it.
fn named<T>(field: &'static str, checked: Result<T, FieldError>) -> Result<T, Error> {
    checked.map_err(|error| Error::invalid(field, error.to_string()))
}

/// An e-mail address. Whether it exists, only a mail to it shows.
pub(super) fn email(text: &str) -> Result<String, Error> {
    named("email", fields::address(text))
}

/// A name: one line of 1 to 255 characters.
pub(super) fn name(field: &'static str, text: &str) -> Result<String, Error> {
    named(field, fields::name(text))
}

/// The name of an organization: a name that leads nowhere.
pub(super) fn organization_name(text: &str) -> Result<String, Error> {
    named("name", fields::organization_name(text))
}

/// What an event is about; `None` if that is empty.
pub(super) fn description(text: &str) -> Result<Option<String>, Error> {
    let text = named("description", fields::paragraphs(text, fields::DESCRIPTION))?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What an organization decides.
pub(super) fn settings(settings: OrganizationSettings) -> Result<OrganizationSettings, Error> {
    let timezone = settings.timezone.map(timezone).transpose()?;
    let contact = settings.contact.as_deref().map(contact).transpose()?;
    let language = settings.language.as_deref().map(language).transpose()?;
    let color = settings.color.as_deref().map(color).transpose()?;
    settings.event_minutes.map(event_minutes).transpose()?;
    Ok(OrganizationSettings { timezone, contact, language, color, ..settings })
}

/// What an organization decides otherwise.
pub(super) fn settings_update(update: UpdateSettings) -> Result<UpdateSettings, Error> {
    let timezone = update.timezone.map(|zone| zone.map(timezone).transpose()).transpose()?;
    let contact = update.contact.map(|text| text.as_deref().map(contact).transpose()).transpose()?;
    let language = update.language.map(|text| text.as_deref().map(language).transpose()).transpose()?;
    let color = update.color.map(|text| text.as_deref().map(color).transpose()).transpose()?;
    update.event_minutes.flatten().map(event_minutes).transpose()?;
    Ok(UpdateSettings { timezone, contact, language, color, ..update })
}

fn timezone(zone: String) -> Result<String, Error> {
    if date::is_zone(&zone) {
        return Ok(zone);
    }
    Err(Error::invalid("settings.timezone", "must be an IANA time zone such as Europe/Berlin"))
}

fn contact(text: &str) -> Result<String, Error> {
    named("settings.contact", fields::line(text, fields::CONTACT))
}

fn language(text: &str) -> Result<String, Error> {
    named("settings.language", fields::language(text))
}

fn event_minutes(minutes: u32) -> Result<u32, Error> {
    named("settings.event_minutes", fields::event_minutes(minutes))
}

fn color(text: &str) -> Result<String, Error> {
    named("settings.color", fields::color(text))
}

/// The first or last name of somebody who signs up: `claimed` by their issuer, which nobody here can correct, else `given`
/// by themselves.
pub(super) fn name_of_person(
    field: &'static str,
    claimed: Option<&str>,
    given: Option<&str>,
) -> Result<Option<String>, Error> {
    if let Some(claimed) = claimed_name(claimed) {
        return Ok(Some(claimed));
    }
    given.filter(|given| !given.trim().is_empty()).map(|given| name(field, given)).transpose()
}

/// A name from a token.
pub(super) fn claimed_name(claimed: Option<&str>) -> Option<String> {
    fields::mended_line(claimed?, fields::NAME)
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
    let text = named("message", fields::paragraphs(text.trim(), fields::MESSAGE))?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What is searched for: at most 200 characters, so that no database has to look for more. Nothing is nothing to search for.
pub(super) fn searched(field: &'static str, text: Option<String>) -> Result<Option<String>, Error> {
    if text.as_ref().is_some_and(|text| text.chars().count() > SEARCHED) {
        return Err(Error::invalid(field, format!("must have at most {SEARCHED} characters")));
    }
    Ok(text)
}

/// SHA-256 in hexadecimal: by which something is recognized that is not kept.
pub(super) fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<T: std::fmt::Debug>(checked: Result<T, Error>) -> String {
        checked.expect_err("refused").detail
    }

    #[test]
    fn what_is_wrong_is_told_with_the_fields_name() {
        assert_eq!(email(" ada@example.org ").expect("an address"), "ada@example.org");
        assert_eq!(words(email("a@b")), "email: must be an e-mail address such as ada@example.org");
        assert_eq!(words(name("name", "\u{200b}")), "name: must have a character that can be seen");
        let contact = OrganizationSettings { contact: Some("a\nb".to_owned()), ..Default::default() };
        assert_eq!(words(settings(contact)), "settings.contact: must be one line without control characters");
        assert_eq!(words(searched("q", Some("\u{e4}".repeat(201)))), "q: must have at most 200 characters");
        assert!(searched("q", Some("\u{e4}".repeat(200))).is_ok());
    }

    #[test]
    fn names_from_a_token_are_mended_and_others_refused() {
        let read = |claimed, given| name_of_person("first_name", claimed, given);
        assert_eq!(read(Some(" Ada\u{1b}[2J\0 "), Some("x")).expect("read").as_deref(), Some("Ada[2J"));
        assert_eq!(read(Some("\u{200b}"), Some(" Ada ")).expect("read").as_deref(), Some("Ada"));
        assert_eq!(read(None, Some("  ")).expect("read"), None);
        assert_eq!(read(None, None).expect("read"), None);
        assert!(read(None, Some("\u{200b}")).is_err() && read(None, Some("A\nda")).is_err());
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
        assert_eq!(description("").expect("nothing"), None);
        assert_eq!(description(" a\n").expect("words").as_deref(), Some(" a\n"));
    }
}
