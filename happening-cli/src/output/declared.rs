//! What becomes of the things in a declaration, and declarations themselves.

use super::document::Document;
use super::{Cell, Column, Record, Style, Tone, yaml};
use crate::declare::Taken;
use happening_core::client::ClientError;
use happening_core::declare::{Declaration, Difference, Kind, State, Step};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What was done with a thing, or would be.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// `created`, `changed`, `invited` (and has to accept), `unchanged`, `removed` or `failed`; where nothing was done yet `create`, `change` and so on.
    pub state: &'static str,
    kind: &'static str,
    name: String,
    changes: Vec<Difference>,
    note: Option<String>,
    file: Option<String>,
    line: Option<u32>,
}

impl Outcome {
    /// What would be done, or why the daemon would refuse it.
    pub fn planned(step: &Step, refusal: Option<&String>, file: &str) -> Self {
        let state = if refusal.is_some() { State::Impossible } else { step.state };
        Self::new(step, state.as_str(), refusal.or(step.note.as_ref()).cloned(), file)
    }

    /// What was done, or why not.
    pub fn done(step: &Step, taken: &Result<Taken, ClientError>, file: &str) -> Self {
        let error = taken.as_ref().err();
        let state = match step.state {
            _ if error.is_some() => "failed",
            // An invite that was declared is there; a member is not.
            State::Create | State::Change
                if *taken.as_ref().unwrap_or(&Taken::Done) == Taken::Asked && step.kind != Kind::Invite =>
            {
                "invited"
            }
            State::Unchanged => "unchanged",
            State::Create => "created",
            State::Change => "changed",
            State::Remove => "removed",
            State::Impossible => "failed",
        };
        let note = error.map(ToString::to_string).or_else(|| step.note.clone());
        Self::new(step, state, note, file)
    }

    fn new(step: &Step, state: &'static str, note: Option<String>, file: &str) -> Self {
        Self {
            state,
            kind: step.kind.as_str(),
            name: step.name.clone(),
            changes: step.differences.clone(),
            note,
            file: step.line.map(|_| file.to_owned()),
            line: step.line,
        }
    }

    /// Whether what is declared is so now, or would be.
    pub fn is_failed(&self) -> bool {
        matches!(self.state, "failed" | "impossible")
    }

    fn is_new(&self) -> bool {
        matches!(self.state, "create" | "created" | "invited")
    }

    /// The changes and the note in a few words.
    fn told(&self) -> String {
        let change = |change: &Difference| {
            let (old, new) = (shown(&change.old), shown(&change.new));
            if self.is_new() {
                format!("{} {new}", change.field)
            } else {
                format!("{} {old} → {new}", change.field)
            }
        };
        // What a thing is called stands beside it.
        let told =
            self.changes.iter().filter(|change| !(self.is_new() && change.field == "name")).map(change);
        told.chain(self.note.clone()).collect::<Vec<_>>().join("; ")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.chars().count() > 40 => {
            format!("{}…", text.chars().take(40).collect::<String>())
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Record for Outcome {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("STATE"), Column::whole("KIND"), Column::text("NAME"), Column::text("WHAT")];

    fn fields() -> Vec<&'static str> {
        vec!["state", "kind", "name", "changes", "note", "file", "line"]
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.state {
            "failed" | "impossible" => Tone::Bad,
            "remove" | "removed" | "invited" => Tone::Attention,
            "unchanged" => Tone::Faint,
            _ => Tone::Good,
        };
        vec![
            Cell::new(self.state).tone(tone),
            Cell::new(self.kind.replace('_', " ")),
            Cell::new(&self.name),
            Cell::new(self.told()),
        ]
    }
}

/// An organization, to be kept in a file.
#[derive(Debug)]
pub struct Exported(pub Declaration);

impl Serialize for Exported {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Record for Exported {
    const COLUMNS: &'static [Column<'static>] = &[Column::text("ORGANIZATION")];

    fn fields() -> Vec<&'static str> {
        vec!["happening", "organization", "members", "invites", "service_accounts", "events"]
    }

    fn name(&self) -> String {
        self.0.organization.name.value.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(self.name())]
    }

    /// YAML, which is what the file is written in.
    fn portrait(&self, _style: Style) -> String {
        Document::of(self).map(|document| yaml::text(&document)).unwrap_or_default()
    }
}
