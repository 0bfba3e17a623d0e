//! A list that comes in parts: each is printed when it is there and then forgotten, so that the list may be longer than
//! the memory.

use super::document::Document;
use super::{Console, Format, Record, View, csv, json, print, yaml};
use crate::exit::CliError;
use indicatif::ProgressBar;

/// Prints a list part by part. On a terminal each part is a table of its own; where nobody asked for a table and it would go
/// elsewhere, it is CSV.
pub struct Parts<'a> {
    view: View<'a>,
    format: Format,
    /// Whether anything was printed.
    is_begun: bool,
}

impl<'a> Parts<'a> {
    /// As the options want things of type `T`.
    pub fn of<T: Record>(console: &'a Console) -> Result<Self, CliError> {
        let view = View::of::<T>(console)?;
        let format = match console.format {
            Format::Table if console.style.width.is_none() && !console.is_format_asked => Format::Csv,
            format => format,
        };
        Ok(Self { view, format, is_begun: false })
    }

    /// Prints the next part, over a spinner that is shown meanwhile.
    pub async fn put<T: Record>(&mut self, rows: &[T], spinner: &ProgressBar) -> anyhow::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.view.filter.is_some() {
            let documents = rows.iter().map(|row| self.view.document(row)).collect::<anyhow::Result<_>>()?;
            return self.view.filtered(documents).await;
        }
        let text = self.text(rows)?;
        self.is_begun = true;
        Ok(spinner.suspend(|| print(&text))?)
    }

    /// There are no more. That there were none is a note to people; machines get an empty list.
    pub fn end<T: Record>(self, none: &str) -> anyhow::Result<()> {
        let text = match (&self.view.filter, self.format, self.is_begun) {
            (None, Format::Json, true) => "\n]\n".to_owned(),
            (None, Format::Json, false) => "[]\n".to_owned(),
            (None, Format::Yaml, false) => yaml::text(&Document::List(Vec::new())),
            (None, Format::Csv, false) => {
                self.view.csv_text(csv::header(&self.view.columns::<T>(None)), true)
            }
            (None, Format::Table, false) => {
                self.view.console.note(none);
                return Ok(());
            }
            _ => return Ok(()),
        };
        Ok(print(&text)?)
    }

    fn text<T: Record>(&self, rows: &[T]) -> anyhow::Result<String> {
        let documents = || rows.iter().map(|row| self.view.document(row)).collect::<anyhow::Result<Vec<_>>>();
        Ok(match self.format {
            Format::Table => self.view.list(rows)?,
            Format::Csv => {
                let (rows, columns) = (documents()?, self.view.columns::<T>(None));
                let header = if self.is_begun { String::new() } else { csv::header(&columns) };
                self.view.csv_text(header + &csv::rows(&columns, &rows), !self.is_begun)
            }
            Format::Json => self.members(&documents()?)?,
            Format::Jsonl => documents()?.iter().map(json::line).collect::<Result<_, _>>()?,
            Format::Yaml => yaml::text(&Document::List(documents()?)),
            Format::Name => rows.iter().map(|row| super::visible(&row.name()) + "\n").collect(),
        })
    }

    /// Members of one array, whose brackets are printed by the first part and by the end.
    fn members(&self, documents: &[Document]) -> anyhow::Result<String> {
        let mut out = String::new();
        for (index, document) in documents.iter().enumerate() {
            out += if index == 0 && !self.is_begun { "[\n" } else { ",\n" };
            let text = json::text(document)?;
            let indented: Vec<String> = text.trim_end().lines().map(|line| format!("  {line}")).collect();
            out += &indented.join("\n");
        }
        Ok(out)
    }
}
