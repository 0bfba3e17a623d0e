//! Where templates come from, and how a message is made of them.
//!
//! There are three levels: the organization's folder, the installation's folder, and the templates that are built in. A
//! level sees its own files first and those of the levels below it otherwise, so one file can be replaced. If a message
//! cannot be made at one level, for whatever reason, it is made at the next: a mistake in a template is logged once and
//! delays no message.
//!
//! The files of the folders are read for each message: a change counts at once. They may name no file outside of their
//! folder, and run for a bounded number of steps.

use crate::Message;
use crate::calendar::{Entry, Invitation, Method};
use crate::facts::Facts;
use crate::moment::Moment;
use crate::plain::{joined, listed, one_line};
use happening_core::wire::BookingStatus;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, context};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use thiserror::Error as ThisError;

/// Largest template, and largest text that is made of one, in bytes.
const LARGEST: usize = 256 * 1024;

/// Steps that one template may take.
const STEPS: u64 = 100_000;

/// The language in which every message can be written.
const ENGLISH: &str = "en";

/// The colour of organizations that chose none.
const COLOR: &str = "#2f5bd7";

/// What `labels.txt` of a language must have, one block each.
const LABELS: [&str; 12] = [
    "direction",
    "greeting",
    "date",
    "seat_list",
    "seat_phrase",
    "event",
    "when",
    "seats",
    "place",
    "open",
    "reason",
    "unsubscribe",
];

/// A message cannot be made, not even of the templates that are built in.
#[derive(Debug, ThisError)]
#[error("{0:#}")]
pub struct ComposeError(#[from] Error);

/// Makes messages.
#[derive(Debug)]
pub struct Messages {
    built_in: Environment<'static>,
    folder: Option<PathBuf>,
    language: Option<String>,
    /// Mistakes in templates that are in the log already.
    logged: Mutex<HashSet<String>>,
}

impl Messages {
    /// With the templates of `folder` before those that are built in, and the installation's language for people of whom
    /// neither they themselves nor the organization chose one. In the folder, `de/booking_confirmed.txt` and the like
    /// replace templates, and the same below a folder named as an organization's id for that organization alone.
    #[must_use]
    pub fn new(folder: Option<PathBuf>, language: Option<String>) -> Self {
        let mut built_in = environment();
        minijinja_embed::load_templates!(&mut built_in);
        Self { built_in, folder, language, logged: Mutex::default() }
    }

    /// Languages in which every message is built in, and those that the installation's folder adds, in order.
    #[must_use]
    pub fn languages(&self) -> Vec<String> {
        let built_in = self.built_in.templates().filter_map(|(name, _)| name.strip_suffix("/labels.txt"));
        let mut all: Vec<String> = built_in.map(ToOwned::to_owned).collect();
        let entries = self.folder.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_language(&name) && entry.path().join("labels.txt").is_file() {
                all.push(name);
            }
        }
        all.sort();
        all.dedup();
        all
    }

    /// Makes a message.
    pub fn compose(&self, facts: &Facts) -> Result<Message, ComposeError> {
        for folders in self.levels(facts) {
            match self.compose_at(&folders, facts) {
                Ok(message) => return Ok(message),
                Err(error) => self.log_once(&folders[0], &error),
            }
        }
        Ok(compose_with(&self.built_in, &self.language_of(&[], facts), facts)?)
    }

    /// The folders of each level above the built-in one, from the top.
    fn levels(&self, facts: &Facts) -> Vec<Vec<PathBuf>> {
        let Some(folder) = &self.folder else { return Vec::new() };
        let own = folder.join(facts.organization.id.to_string());
        let installation = vec![folder.clone()];
        if own.is_dir() { vec![vec![own, folder.clone()], installation] } else { vec![installation] }
    }

    fn compose_at(&self, folders: &[PathBuf], facts: &Facts) -> Result<Message, Error> {
        let (mut environment, built_in, folders) = (environment(), self.built_in.clone(), folders.to_vec());
        let language = self.language_of(&folders, facts);
        environment.set_loader(move |name| {
            for folder in &folders {
                if let Some(text) = read(folder, name)? {
                    return Ok(Some(text));
                }
            }
            Ok(built_in.get_template(name).ok().map(|template| template.source().to_owned()))
        });
        compose_with(&environment, &language, facts)
    }

    /// The first language that is wanted and there: the person's, the organization's, the installation's, English.
    fn language_of(&self, folders: &[PathBuf], facts: &Facts) -> String {
        let is_there = |language: &str| {
            let labels = format!("{language}/labels.txt");
            self.built_in.get_template(&labels).is_ok()
                || folders.iter().any(|folder| folder.join(&labels).is_file())
        };
        let wanted = [&facts.recipient.language, &facts.organization.language, &self.language];
        let all = wanted.into_iter().flatten().map(|wanted| wanted.replace('_', "-").to_ascii_lowercase());
        for language in all.filter(|language| is_language(language)) {
            let primary = language.split('-').next().unwrap_or_default();
            if let Some(found) = [language.as_str(), primary].into_iter().find(|found| is_there(found)) {
                return found.to_owned();
            }
        }
        ENGLISH.to_owned()
    }

    fn log_once(&self, folder: &Path, error: &Error) {
        let mistake = format!("{error:#}");
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        // Bounded: what an error says may depend on the message.
        if logged.len() < 1_000 && logged.insert(format!("{}{mistake}", folder.display())) {
            tracing::warn!(folder = %folder.display(), %mistake, "a template cannot be used: a lower level is used instead");
        }
    }
}

/// What all levels have in common.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(STEPS));
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(|name| {
        let is_html = Path::new(name).extension().is_some_and(|extension| extension == "html");
        if is_html { AutoEscape::Html } else { AutoEscape::None }
    });
    environment.add_filter("listed", |seats: Vec<u32>, and: String| listed(&seats, &and));
    environment
}

/// A tag of a language (BCP 47) that is safe as the name of a folder.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// A file of a folder, if it is there. A name that leads elsewhere is an error.
fn read(folder: &Path, name: &str) -> Result<Option<String>, Error> {
    let is_plain =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']);
    if !name.split('/').all(is_plain) {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("{name:?} is no name of a template")));
    }
    let cannot = |what: String| Error::new(ErrorKind::InvalidOperation, format!("{name}: {what}"));
    let path = folder.join(name);
    let size = match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(error.to_string())),
    };
    if size > LARGEST as u64 {
        return Err(cannot(format!("has more than {LARGEST} bytes")));
    }
    std::fs::read_to_string(&path).map(Some).map_err(|error| cannot(error.to_string()))
}

fn compose_with(environment: &Environment<'_>, language: &str, facts: &Facts) -> Result<Message, Error> {
    let base = base(language, facts);
    let labels = blocks(environment, &format!("{language}/labels.txt"), &base, &LABELS)?;
    let labels: BTreeMap<&str, String> = LABELS.into_iter().zip(labels).collect();
    let base = context! { labels => Value::from(labels), ..base };
    let own = format!("{language}/{}.txt", facts.kind);
    let [subject, headline, lead, next] =
        <[String; 4]>::try_from(blocks(environment, &own, &base, &["subject", "headline", "lead", "next"])?)
            .unwrap_or_default();
    let subject = one_line(&subject);
    if subject.is_empty() {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("{own}: the subject is empty")));
    }
    let invitation = invitation(facts, &lead);
    let whole = context! { subject => subject.as_str(), headline, lead, next, ..base };
    let text = rendered(environment, "mail.txt", &whole)?;
    let html = rendered(environment, "mail.html", &whole)?;
    Ok(Message { language: language.to_owned(), subject, text: tidy(&text), html, invitation })
}

/// What every template knows.
fn base(language: &str, facts: &Facts) -> Value {
    let booking = facts.booking.as_ref();
    let seats = booking.map_or(&facts.seats, |booking| &booking.seats);
    let color = facts.organization.color.as_deref().filter(|color| is_color(color)).unwrap_or(COLOR);
    context! {
        language,
        type => facts.kind.as_str(),
        text => one_line(&facts.text),
        count => facts.count.unwrap_or(0),
        by_other => facts.by_other,
        seats,
        waiting => facts.waiting,
        person => context! { name => facts.recipient.name.as_deref().map(one_line) },
        event => context! {
            id => facts.event.id.to_string(),
            name => one_line(&facts.event.name),
            off => facts.event.is_off,
            capacity => facts.event.capacity,
        },
        when => Value::from(Serde(Moment::of(facts.event.starts_at, facts.organization.timezone.as_deref()))),
        organization => context! {
            id => facts.organization.id.to_string(),
            name => one_line(&facts.organization.name),
            contact => facts.organization.contact.as_deref().map(one_line),
            color,
            ink => ink(color),
        },
        booking => context! {
            status => booking.map_or("none", |booking| booking.status.as_str()),
            size => booking.map_or(0, |booking| booking.size),
            place => booking.filter(|booking| booking.status == BookingStatus::Waiting).and_then(|booking| booking.place),
        },
        links => context! {
            event => facts.links.event.as_deref().map(one_line),
            unsubscribe => facts.links.unsubscribe.as_deref(),
        },
    }
}

/// Blocks of a template, each as one paragraph.
fn blocks(
    environment: &Environment<'_>,
    name: &str,
    context: &Value,
    blocks: &[&str],
) -> Result<Vec<String>, Error> {
    let template = environment.get_template(name)?;
    // Blocks are rendered one by one: of the template itself there is nothing but blocks.
    let mut captured = template.render_captured(context.clone())?;
    let render = |state: &mut State<'_, '_>| {
        blocks.iter().map(|block| bounded(state.render_block(block)?).map(|text| joined(&text))).collect()
    };
    captured.with_state_mut(render)
}

fn rendered(environment: &Environment<'_>, name: &str, context: &Value) -> Result<String, Error> {
    bounded(environment.get_template(name)?.render(context.clone())?)
}

fn bounded(text: String) -> Result<String, Error> {
    if text.len() > LARGEST {
        let what = format!("the text has more than {LARGEST} bytes");
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    Ok(text)
}

/// At most one empty line in a row, and no NUL: whatever a template writes, a mail can carry it.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.replace('\0', "").trim().lines() {
        // RFC 3676, section 4.3: the line before a signature ends with a space.
        let line = if line == "-- " { line } else { line.trim_end() };
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// What the message means for the recipient's calendar.
fn invitation(facts: &Facts, lead: &str) -> Option<Invitation> {
    let event = &facts.event;
    let takes_part = !facts.seats.is_empty() && !event.is_off;
    if !takes_part && !facts.had_seats {
        return None;
    }
    Some(Invitation {
        method: if takes_part { Method::Request } else { Method::Cancel },
        entry: Entry {
            event: event.id,
            version: event.version,
            name: event.name.clone(),
            description: Some(lead.to_owned()),
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            updated_at: event.updated_at,
            is_off: event.is_off,
            link: facts.links.event.clone(),
        },
        organizer: facts.organization.name.clone(),
    })
}

/// `#rrggbb`.
fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The colour of text on `color`: white or nearly black, whichever can be read (by relative luminance, WCAG 2.2).
fn ink(color: &str) -> &'static str {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap_or(0)) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    if luminance > 0.179 { "#171a21" } else { "#ffffff" }
}
