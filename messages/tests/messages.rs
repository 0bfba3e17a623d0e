//! Every message in every language, as snapshots and read back by a second library.

use chrono::{DateTime, Utc};
use happening_core::id::{BookingId, EventId, OrganizationId};
use happening_core::wire::{BookingStatus, NotificationType};
use happening_messages::{BookingFacts, Entry, Facts, Links, Message, Messages, Method, calendar, one_line};
use ical::parser::ical::component::IcalCalendar;
use std::fs;
use std::path::Path;
use uuid::Uuid;

const ORGANIZATION: Uuid = Uuid::from_u128(0xA11CE);

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn now() -> DateTime<Utc> {
    time("2026-11-02T08:30:00Z")
}

/// A notification of this type as it usually is.
fn facts(kind: NotificationType, language: &str) -> Facts {
    let mut facts = Facts::example(kind, time("2026-11-02T08:29:59Z"));
    facts.recipient.language = Some(language.to_owned());
    (facts.event.id, facts.event.starts_at) =
        (EventId(Uuid::from_u128(0xE7E47)), time("2026-12-01T18:30:00Z"));
    facts.organization.id = OrganizationId(ORGANIZATION);
    facts.organization.timezone = Some("Europe/Berlin".to_owned());
    facts.organization.contact = Some("box-office@example.org".to_owned());
    facts.links = Links {
        event: Some("https://tickets.example.org/events/e7e47".to_owned()),
        unsubscribe: Some("https://tickets.example.org/unsubscribe/abc".to_owned()),
    };
    facts
}

fn compose(facts: &Facts) -> Message {
    Messages::new(None, None).compose(facts).expect("a message")
}

fn rendered_calendar(message: &Message) -> Option<String> {
    let invitation = message.invitation.as_ref()?;
    Some(invitation.render("tickets@example.org", (Some("Ada"), "ada@example.org"), now()))
}

/// Reads a calendar by another library, which drops more white space at a fold than it should (RFC 5545, section 3.1): so
/// the lines are unfolded before.
fn read_back(text: &str) -> IcalCalendar {
    let text = text.replace("\r\n ", "");
    let mut calendars: Vec<_> =
        ical::IcalParser::new(text.as_bytes()).collect::<Result<_, _>>().expect("iCalendar");
    assert_eq!(calendars.len(), 1);
    calendars.remove(0)
}

/// The value of a property of the first event.
fn property(calendar: &IcalCalendar, name: &str) -> Option<String> {
    let found = calendar.events[0].properties.iter().find(|property| property.name == name);
    found.and_then(|property| property.value.clone())
}

#[test]
fn every_type_in_every_language_is_as_it_was() {
    let languages = Messages::new(None, None).languages();
    assert_eq!(languages, ["de", "en"]);
    for language in &languages {
        for &kind in NotificationType::ALL {
            let message = compose(&facts(kind, language));
            assert_eq!(&message.language, language);
            let name = format!("{kind}.{language}");
            insta::assert_snapshot!(format!("{name}.html"), message.html);
            let calendar = rendered_calendar(&message).unwrap_or_default().replace("\r\n", "\n");
            let whole = format!("Subject: {}\n\n{}\n\n{calendar}", message.subject, message.text);
            insta::assert_snapshot!(format!("{name}.txt"), whole);
        }
    }
}

#[test]
fn every_state_can_be_told_in_every_language() {
    let messages = Messages::new(None, None);
    for language in messages.languages() {
        for &kind in NotificationType::ALL {
            for (status, seats) in [
                (Some(BookingStatus::Confirmed), vec![7]),
                (Some(BookingStatus::Waiting), vec![]),
                (Some(BookingStatus::Cancelled), vec![]),
                (None, vec![1, 2]),
                (None, vec![]),
            ] {
                for (is_off, waiting, by_other) in [(false, 0, false), (true, 3, false), (false, 3, true)] {
                    let mut facts = facts(kind, &language);
                    facts.booking = status.map(|status| BookingFacts {
                        id: BookingId(Uuid::nil()),
                        status,
                        size: 1,
                        seats: seats.clone(),
                        place: None,
                    });
                    (facts.seats, facts.waiting, facts.by_other) = (seats.clone(), waiting, by_other);
                    (facts.event.is_off, facts.count, facts.recipient.name) = (is_off, None, None);
                    let message = messages.compose(&facts).expect("a message");
                    assert!(
                        !message.text.contains("{{") && !message.text.contains("undefined"),
                        "{}",
                        message.text
                    );
                    // Nothing is said of seats that there are none of.
                    assert!(!message.text.contains("have seats ."), "{}", message.text);
                }
            }
        }
    }
}

#[test]
fn the_language_is_the_person_s_then_the_organization_s_then_the_installation_s() {
    let language = |person: Option<&str>, organization: Option<&str>, installation: Option<&str>| {
        let mut facts = facts(NotificationType::BookingConfirmed, "en");
        facts.recipient.language = person.map(ToOwned::to_owned);
        facts.organization.language = organization.map(ToOwned::to_owned);
        let messages = Messages::new(None, installation.map(ToOwned::to_owned));
        messages.compose(&facts).expect("a message").language
    };
    assert_eq!(language(Some("de-AT"), Some("en"), None), "de");
    assert_eq!(language(Some("DE_de"), None, None), "de");
    assert_eq!(language(Some("fr"), Some("de"), Some("en")), "de");
    assert_eq!(language(None, None, Some("de")), "de");
    assert_eq!(language(Some("../de"), Some(""), Some("klingon")), "en");
    assert_eq!(language(None, None, None), "en");
}

#[test]
fn what_people_wrote_breaks_neither_headers_nor_html_nor_the_calendar() {
    let hostile = "Jazz\r\nBcc: all@example.org\0\u{202e}<script>alert(1)</script>\";,\\n\u{2028}{{ 7 * 7 }}";
    for &kind in NotificationType::ALL {
        let mut facts = facts(kind, "en");
        facts.event.name = hostile.to_owned();
        facts.organization.name = hostile.to_owned();
        facts.organization.contact = Some(hostile.to_owned());
        facts.organization.color = Some("red;background:url(//evil.test)".to_owned());
        facts.recipient.name = Some(hostile.to_owned());
        facts.text = hostile.to_owned();
        let message = compose(&facts);
        assert_eq!(message.subject, one_line(&message.subject));
        assert!(!message.html.contains("<script>") && message.html.contains("&lt;script&gt;"));
        assert!(!message.html.contains("evil.test"));
        for part in [&message.text, &message.html] {
            assert!(!part.contains(['\r', '\0', '\u{202e}', '\u{2028}']), "{part}");
            assert!(part.contains("{{ 7 * 7 }}"), "data is no template");
        }
        let Some(text) = rendered_calendar(&message) else { continue };
        assert!(!text.contains("\nBcc"), "{text}");
        let calendar = read_back(&text);
        assert_eq!(calendar.events.len(), 1);
        let summary = property(&calendar, "SUMMARY").expect("a summary");
        let expected = one_line(hostile).replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
        assert_eq!(summary, expected);
    }
}

#[test]
fn a_calendar_entry_follows_the_seats() {
    let seen = |change: fn(&mut Facts)| {
        let mut facts = facts(NotificationType::EventUpdated, "en");
        change(&mut facts);
        let text = rendered_calendar(&compose(&facts))?;
        let calendar = read_back(&text);
        let method = calendar.properties.iter().find(|property| property.name == "METHOD")?.value.clone()?;
        Some((
            method,
            property(&calendar, "STATUS")?,
            property(&calendar, "SEQUENCE")?,
            property(&calendar, "UID")?,
        ))
    };
    let uid = Uuid::from_u128(0xE7E47).to_string();
    let expected = |method: &str, status: &str, sequence: &str| {
        Some((method.to_owned(), status.to_owned(), sequence.to_owned(), uid.clone()))
    };
    assert_eq!(seen(|_| {}), expected("REQUEST", "CONFIRMED", "17"));
    assert_eq!(seen(|facts| facts.event.is_off = true), expected("CANCEL", "CANCELLED", "17"));
    assert_eq!(seen(|facts| facts.seats.clear()), expected("CANCEL", "CANCELLED", "17"));
    assert_eq!(seen(|facts| facts.event.version = u64::MAX), expected("REQUEST", "CONFIRMED", "2147483647"));
    let waits = |facts: &mut Facts| {
        facts.seats.clear();
        facts.had_seats = false;
    };
    assert_eq!(seen(waits), None, "who never had seats has no entry to cancel");
}

#[test]
fn an_invitation_names_who_invites_whom_and_the_moment_in_utc() {
    let message = compose(&facts(NotificationType::BookingConfirmed, "de"));
    let invitation = message.invitation.expect("an invitation");
    let to = (Some("Ada \"the first\"; Countess"), "ada+x%y@example.org");
    let calendar = read_back(&invitation.render("tickets@example.org", to, now()));
    assert_eq!(property(&calendar, "DTSTART").as_deref(), Some("20261201T183000Z"));
    assert_eq!(property(&calendar, "DTSTAMP").as_deref(), Some("20261102T083000Z"));
    assert_eq!(property(&calendar, "ORGANIZER").as_deref(), Some("mailto:tickets@example.org"));
    assert_eq!(property(&calendar, "ATTENDEE").as_deref(), Some("mailto:ada+x%25y@example.org"));
    assert_eq!(property(&calendar, "DTEND"), None);
    let attendee = calendar.events[0].properties.iter().find(|property| property.name == "ATTENDEE");
    let parameters = attendee.expect("an attendee").params.clone().expect("parameters");
    let name = parameters.iter().find(|(name, _)| name == "CN").expect("a name");
    assert_eq!(name.1, ["Ada 'the first'; Countess"]);
}

#[test]
fn lines_of_a_calendar_are_folded_between_characters() {
    for length in 0..400 {
        for letter in ["a", "ä", "☂", "𝄞", "a b"] {
            let entry = Entry {
                event: EventId(Uuid::nil()),
                version: 1,
                name: "x".to_owned(),
                description: Some(letter.repeat(length).chars().take(200).collect()),
                starts_at: now(),
                ends_at: Some(now() + chrono::TimeDelta::hours(2)),
                updated_at: now(),
                is_off: false,
                link: Some(format!("https://example.org/{}", "p".repeat(length % 200))),
            };
            let text = calendar(Method::Publish, Some("Mine"), &[entry.clone(), entry.clone()], None, now());
            assert!(text.ends_with("END:VCALENDAR\r\n"));
            for line in text.split("\r\n") {
                assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line:?}");
            }
            let calendar = read_back(&text);
            assert_eq!(calendar.events.len(), 2);
            let description = property(&calendar, "DESCRIPTION").unwrap_or_default();
            assert_eq!(description, one_line(&entry.description.expect("set")), "{letter} {length}");
            assert_eq!(property(&calendar, "DTEND").as_deref(), Some("20261102T103000Z"));
        }
    }
}

/// An installation's folder with these files.
fn installation(files: &[(&str, &str)]) -> (tempfile::TempDir, Messages) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
    let messages = Messages::new(Some(folder.path().to_owned()), None);
    (folder, messages)
}

const SUBJECT: &str = "{% block subject %}SUBJECT {{ event.name }}{% endblock %}{% block headline %}h{% endblock %}\
    {% block lead %}l{% endblock %}{% block next %}n{% endblock %}";

#[test]
fn an_installation_and_an_organization_replace_single_templates() {
    let own = format!("{ORGANIZATION}/en/booking_confirmed.txt");
    let (_folder, messages) = installation(&[
        ("en/booking_confirmed.txt", &SUBJECT.replace("SUBJECT", "installation")),
        (&own, &SUBJECT.replace("SUBJECT", "organization")),
        ("mail.txt", "{{ headline }} by {{ organization.name }}"),
    ]);
    let mut facts = facts(NotificationType::BookingConfirmed, "en");
    let message = messages.compose(&facts).expect("a message");
    assert_eq!(
        (message.subject.as_str(), message.text.as_str()),
        ("organization Winter concert", "h by Town hall\n")
    );
    facts.organization.id = OrganizationId(Uuid::nil());
    assert_eq!(messages.compose(&facts).expect("a message").subject, "installation Winter concert");
    facts.recipient.language = Some("de".to_owned());
    let message = messages.compose(&facts).expect("a message");
    assert_eq!(message.subject, "Buchung bestätigt: Winter concert");
    assert_eq!(message.text, "Ihre Buchung ist bestätigt by Town hall\n");
}

#[test]
fn a_folder_adds_a_language() {
    let labels = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/en/labels.txt"));
    let labels = labels.expect("labels").replace("Hello", "Bonjour");
    let (_folder, messages) = installation(&[
        ("fr/labels.txt", &labels),
        ("fr/booking_confirmed.txt", &SUBJECT.replace("SUBJECT", "Oui")),
    ]);
    assert_eq!(messages.languages(), ["de", "en", "fr"]);
    let message = messages.compose(&facts(NotificationType::BookingConfirmed, "fr-CA")).expect("a message");
    assert_eq!((message.language.as_str(), message.subject.as_str()), ("fr", "Oui Winter concert"));
    assert!(message.text.contains("Bonjour Ada,"), "{}", message.text);
    // What it does not have is told in another language.
    let message = messages.compose(&facts(NotificationType::BookingMoved, "fr")).expect("a message");
    assert_eq!(message.language, "en");
}

#[test]
fn a_template_that_cannot_be_used_is_replaced_by_the_one_built_in() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    fs::write(secret.path(), "hush").expect("written");
    let outside = secret.path().display().to_string();
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    let large = "x".repeat(300_000);
    let swelling = "{% set a = 'x' * 100000 %}{{ a }}{{ a }}{{ a }}";
    let deep = "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}";
    let outside_above = "{% include '../../../../etc/passwd' %}".to_owned();
    let bodies = [
        "{% block subject %}".to_owned(),
        "{{ nobody.knows }}".to_owned(),
        format!("{{% include '{outside}' %}}"),
        outside_above,
        "{% include 'mail.txt' %}".to_owned(),
        endless.to_owned(),
        large,
        swelling.to_owned(),
        deep.to_owned(),
        String::new(),
    ];
    for body in bodies {
        let template = if body.is_empty() {
            "{% block subject %} {% endblock %}{% block headline %}{% endblock %}{% block lead %}{% endblock %}\
             {% block next %}{% endblock %}"
                .to_owned()
        } else {
            SUBJECT.replace("SUBJECT", &body)
        };
        let (_folder, messages) = installation(&[("en/booking_confirmed.txt", &template)]);
        let message = messages.compose(&facts(NotificationType::BookingConfirmed, "en")).expect("a message");
        let start: String = template.chars().take(80).collect();
        assert_eq!(message.subject, "Booking confirmed: Winter concert", "{start}");
        assert!(!message.text.contains("hush"));
    }
    // So is one that is no text, or no file.
    let (folder, messages) = installation(&[]);
    fs::create_dir_all(folder.path().join("en")).expect("a folder");
    fs::write(folder.path().join("en/booking_confirmed.txt"), b"\xFF\xFE").expect("written");
    fs::create_dir(folder.path().join("mail.html")).expect("a folder");
    let message = messages.compose(&facts(NotificationType::BookingConfirmed, "en")).expect("a message");
    assert_eq!(message.subject, "Booking confirmed: Winter concert");
}

#[test]
fn the_colour_of_an_organization_keeps_its_button_readable() {
    let html = |color: &str| {
        let mut facts = facts(NotificationType::BookingConfirmed, "en");
        facts.organization.color = Some(color.to_owned());
        compose(&facts).html
    };
    assert!(html("#ffe45c").contains("font-weight:600;color:#171a21;text-decoration:none"));
    assert!(html("#7a1020").contains("font-weight:600;color:#ffffff;text-decoration:none"));
    assert!(html("nonsense").contains("background:#2f5bd7"));
}
