//! What a dry run would have been answered.

use super::record::Record;
use super::{Cell, Column, Document, Style, table};
use anyhow::Context as _;
use serde::Serialize;

/// The daemon's words, whatever they are about.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct DryRunAnswer(Document);

impl DryRunAnswer {
    /// Reads them.
    pub fn parse(json: &str) -> anyhow::Result<Self> {
        Document::parse(json).map(Self).context("the daemon's answer is no JSON")
    }
}

impl Record for DryRunAnswer {
    const COLUMNS: &'static [Column<'static>] = <Document as Record>::COLUMNS;

    fn fields() -> Vec<&'static str> {
        Vec::new()
    }

    fn name(&self) -> String {
        let known = ["id", "name"].into_iter().filter_map(|name| self.0.member(name));
        known.map(Document::text).find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn cells(&self) -> Vec<Cell> {
        self.0.cells()
    }

    /// Member by member, as things are shown; what is nested as JSON.
    fn portrait(&self, style: Style) -> String {
        let Document::Members(members) = &self.0 else { return self.0.portrait(style) };
        let cells: Vec<_> = members.iter().map(|(name, _)| (name, table::member(&self.0, name))).collect();
        table::details(&cells, style)
    }
}
