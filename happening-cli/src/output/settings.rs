//! Contexts and settings.

use super::{Cell, Column, Record, Tone};
use happening_core::signin::Settings;
use serde::Serialize;
use url::Url;

/// A context.
#[derive(Debug, Serialize)]
pub struct ContextRow {
    name: String,
    server: Url,
    /// It is the one in use, unless something outranks it.
    current: bool,
}

impl ContextRow {
    /// The context of this name.
    pub fn of(settings: &Settings, name: &str) -> Option<Self> {
        let context = settings.contexts.get(name)?;
        let current = settings.current.as_deref() == Some(name);
        Some(Self { name: name.to_owned(), server: context.server.clone(), current })
    }
}

impl Record for ContextRow {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::text("NAME"), Column::text("SERVER"), Column::whole("CURRENT")];

    fn fields() -> Vec<&'static str> {
        vec!["name", "server", "current"]
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        let current =
            if self.current { Cell::new("yes").tone(Tone::Good) } else { Cell::maybe(None::<&str>) };
        vec![Cell::new(&self.name), Cell::new(self.server.as_str().trim_end_matches('/')), current]
    }
}

/// A setting that is in force.
#[derive(Debug, Serialize)]
pub struct InForce {
    name: &'static str,
    value: String,
    from: String,
}

impl InForce {
    pub fn new(name: &'static str, value: String, from: String) -> Self {
        Self { name, value, from }
    }
}

impl Record for InForce {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("NAME"), Column::text("VALUE"), Column::text("FROM")];

    fn fields() -> Vec<&'static str> {
        vec!["name", "value", "from"]
    }

    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(self.name), Cell::new(&self.value), Cell::new(&self.from)]
    }
}

/// Something that was to be removed.
#[derive(Debug, Serialize)]
pub struct Deleted {
    /// What it was called.
    pub id: String,
    /// False if there was no such thing.
    pub deleted: bool,
}

impl Record for Deleted {
    const COLUMNS: &'static [Column<'static>] = &[Column::text("ID"), Column::whole("DELETED")];

    fn fields() -> Vec<&'static str> {
        vec!["id", "deleted"]
    }

    fn name(&self) -> String {
        self.id.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(&self.id), Cell::new(if self.deleted { "yes" } else { "no: there was none" })]
    }
}
