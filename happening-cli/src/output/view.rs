//! The form in which a command's answer is printed, settled before the command asks anything of the daemon: a field that
//! does not exist is a mistake of the command line, and must not come to light after seats were booked.

use super::document::Document;
use super::filter::Filter;
use super::{Cell, Console, Format, Record, Style, csv, json, pager, print, table, yaml};
use crate::exit::CliError;
use std::cell::Cell as Flag;

/// What a command has to say.
pub struct Answer<T> {
    body: Body<T>,
    /// What is no data, to be told after it.
    note: Option<String>,
    /// What is wrong all the same, to be told after the data.
    failure: Option<anyhow::Error>,
}

enum Body<T> {
    Nothing,
    Item(Box<T>),
    List { rows: Vec<T>, none: &'static str },
}

impl<T: Record> Answer<T> {
    /// Nothing that is data.
    pub fn nothing() -> Self {
        Self { body: Body::Nothing, note: None, failure: None }
    }

    /// One thing, with all that is known of it.
    pub fn item(item: T) -> Self {
        Self { body: Body::Item(Box::new(item)), note: None, failure: None }
    }

    /// Things as rows. That there are none is a note: a script sees no rows.
    pub fn list(rows: Vec<T>, none: &'static str) -> Self {
        Self { body: Body::List { rows, none }, note: None, failure: None }
    }

    /// What it is about.
    pub fn records(&self) -> &[T] {
        match &self.body {
            Body::Nothing => &[],
            Body::Item(item) => std::slice::from_ref(&**item),
            Body::List { rows, .. } => rows,
        }
    }

    /// As a person sees it who asks for nothing in particular.
    pub fn portrait(&self, style: Style) -> String {
        match &self.body {
            Body::Nothing => String::new(),
            Body::Item(item) => item.portrait(style),
            Body::List { rows, none } if rows.is_empty() => format!("{none}\n"),
            Body::List { rows, .. } => T::portraits(rows, style),
        }
    }

    /// As data.
    pub fn document(&self) -> serde_json::Result<Document> {
        match &self.body {
            Body::Nothing => Ok(Document::Null),
            Body::Item(item) => Document::of(&**item),
            Body::List { rows, .. } => Document::of(rows),
        }
    }

    /// With something that is no data. Whoever stops reading is not told.
    pub fn noting(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }

    /// Printed, and yet the command fails.
    pub fn but(self, failure: impl Into<anyhow::Error>) -> Self {
        Self { failure: Some(failure.into()), ..self }
    }
}

/// How to print things of one kind.
pub struct View<'a> {
    pub(super) console: &'a Console,
    fields: Option<Vec<String>>,
    pub(super) filter: Option<Filter>,
    /// Whether a stream has its header.
    is_begun: Flag<bool>,
}

impl<'a> View<'a> {
    /// What the options ask for, if things of type `T` have it.
    pub fn of<T: Record>(console: &'a Console) -> Result<Self, CliError> {
        let selection = &console.selection;
        if selection.jq.is_some() && !matches!(console.format, Format::Table | Format::Json | Format::Jsonl) {
            return Err(CliError::Usage(
                "--jq prints what the filter makes of the JSON: it goes with no other format".to_owned(),
            ));
        }
        if console.bom && console.format != Format::Csv {
            return Err(CliError::Usage("--bom is for spreadsheets: it goes with -o csv alone".to_owned()));
        }
        if selection.fields.is_some() && console.format == Format::Name {
            let why = "-o name prints what other commands take, and nothing else: it goes without --fields";
            return Err(CliError::Usage(why.to_owned()));
        }
        if let Some(wanted) = &selection.fields {
            let known = T::fields();
            // Where only the answer tells, it is looked at when it is there.
            if !known.is_empty() {
                known_or_told(wanted, &known)?;
            }
        }
        let filter = selection.jq.as_deref().map(Filter::parse).transpose()?;
        Ok(Self { console, fields: selection.fields.clone(), filter, is_begun: Flag::new(false) })
    }

    /// Prints an answer.
    pub async fn show<T: Record>(&self, answer: Answer<T>) -> anyhow::Result<()> {
        match answer.body {
            Body::Nothing => {}
            Body::Item(item) if self.filter.is_some() => self.filtered(vec![self.document(&*item)?]).await?,
            Body::Item(item) => self.put(&self.item(&*item)?)?,
            Body::List { rows, .. } if self.filter.is_some() => {
                self.filtered(vec![Document::List(self.documents(&rows)?)]).await?;
            }
            Body::List { rows, none } if rows.is_empty() && self.is_table() => self.console.note(none),
            Body::List { rows, .. } => self.put(&self.list(&rows)?)?,
        }
        if let Some(note) = answer.note {
            self.console.note(&note);
        }
        answer.failure.map_or(Ok(()), Err)
    }

    /// Prints what the filter makes of each of these.
    pub(super) async fn filtered(&self, documents: Vec<Document>) -> anyhow::Result<()> {
        let Some(filter) = &self.filter else { return Ok(()) };
        self.console.is_filtering.set(true);
        let ended = filter.print(documents, self.console.limit).await;
        self.console.is_filtering.set(false);
        ended
    }

    /// Prints one of many things that come one after the other, in one line but for YAML, at once.
    pub async fn show_line<T: Record>(&self, item: &T) -> anyhow::Result<()> {
        if self.filter.is_some() {
            return self.filtered(vec![self.document(item)?]).await;
        }
        Ok(print(&self.streamed(item)?)?)
    }

    fn streamed<T: Record>(&self, item: &T) -> anyhow::Result<String> {
        let style = self.console.style;
        let row = |cells: Vec<Cell>| {
            cells.iter().map(|cell| cell.text(style)).collect::<Vec<_>>().join("  ") + "\n"
        };
        Ok(match (self.console.format, &self.fields) {
            (Format::Table, None) => row(item.cells()),
            (Format::Table, Some(fields)) => {
                let document = self.document(item)?;
                row(fields.iter().map(|field| table::member(&document, field)).collect())
            }
            (Format::Name, _) => line(&item.name()),
            (Format::Json | Format::Jsonl, _) => json::line(&self.document(item)?)?,
            (Format::Yaml, _) => format!("---\n{}", yaml::text(&self.document(item)?)),
            (Format::Csv, _) => {
                let document = self.document(item)?;
                let columns = self.columns::<T>(Some(&document));
                let goes_on = self.is_begun.replace(true);
                let header = if goes_on { String::new() } else { csv::header(&columns) };
                self.csv_text(header + &csv::rows(&columns, &[document]), !goes_on)
            }
        })
    }

    fn is_table(&self) -> bool {
        self.console.format == Format::Table && self.filter.is_none()
    }

    fn put(&self, text: &str) -> std::io::Result<()> {
        if self.is_table() && self.console.pages && pager::show(text, self.console.style) {
            return Ok(());
        }
        print(text)
    }

    fn item<T: Record>(&self, item: &T) -> anyhow::Result<String> {
        let style = self.console.style;
        Ok(match (self.console.format, &self.fields) {
            (Format::Table, None) => item.portrait(style),
            (Format::Table, Some(fields)) => {
                let document = self.document(item)?;
                let members: Vec<(&String, Cell)> =
                    fields.iter().map(|field| (field, table::member(&document, field))).collect();
                table::details(&members, style)
            }
            (Format::Name, _) => line(&item.name()),
            (Format::Json, None) => json::text(item)?,
            (Format::Json, Some(_)) => json::text(&self.document(item)?)?,
            (Format::Jsonl, _) => json::line(&self.document(item)?)?,
            (Format::Yaml, _) => yaml::text(&self.document(item)?),
            (Format::Csv, _) => self.csv::<T>(&[self.document(item)?]),
        })
    }

    pub(super) fn list<T: Record>(&self, rows: &[T]) -> anyhow::Result<String> {
        let documents = || self.documents(rows);
        Ok(match (self.console.format, &self.fields) {
            (Format::Table, None) if self.console.is_format_asked => T::tabulated(rows, self.console.style),
            (Format::Table, None) => T::portraits(rows, self.console.style),
            (Format::Table, Some(fields)) => table::members(fields, &documents()?, self.console.style),
            (Format::Name, _) => rows.iter().map(|row| line(&row.name())).collect(),
            (Format::Json, None) => json::text(&rows)?,
            (Format::Json, Some(_)) => json::text(&documents()?)?,
            (Format::Jsonl, _) => documents()?.iter().map(json::line).collect::<Result<_, _>>()?,
            (Format::Yaml, _) => yaml::text(&Document::List(documents()?)),
            (Format::Csv, _) => self.csv::<T>(&documents()?),
        })
    }

    fn documents<T: Record>(&self, rows: &[T]) -> anyhow::Result<Vec<Document>> {
        rows.iter().map(|row| self.document(row)).collect()
    }

    /// A thing as data, reduced to the wanted fields.
    pub(super) fn document<T: Record>(&self, thing: &T) -> anyhow::Result<Document> {
        let whole = Document::of(thing)?;
        let known = T::fields();
        let has = names(&whole);
        debug_assert!(
            known.is_empty() || has.iter().all(|name| known.contains(name)),
            "`fields` knows {known:?}, and there are {has:?}"
        );
        let Some(fields) = &self.fields else { return Ok(whole) };
        if known.is_empty() {
            known_or_told(fields, &has)?;
        }
        Ok(whole.pick(fields))
    }

    fn csv<T: Record>(&self, documents: &[Document]) -> String {
        self.csv_text(csv::text(&self.columns::<T>(documents.first()), documents), true)
    }

    /// CSV in the form that was asked for.
    pub(super) fn csv_text(&self, text: String, is_first: bool) -> String {
        if self.console.bom { csv::for_excel(&text, is_first) } else { text }
    }

    /// The columns of CSV.
    pub(super) fn columns<T: Record>(&self, first: Option<&Document>) -> Vec<String> {
        self.fields.clone().unwrap_or_else(|| {
            let known = T::fields();
            // Where only the answer tells, its first row speaks for all.
            let known = if known.is_empty() { first.map(names).unwrap_or_default() } else { known };
            known.into_iter().map(str::to_owned).collect()
        })
    }
}

fn names(document: &Document) -> Vec<&str> {
    match document {
        Document::Members(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn known_or_told(wanted: &[String], known: &[&str]) -> Result<(), CliError> {
    match wanted.iter().find(|field| !known.contains(&field.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(CliError::Usage(format!(
            "there is no field `{}` here: the fields are {}",
            super::visible(unknown),
            known.join(", ")
        ))),
    }
}

fn line(name: &str) -> String {
    super::visible(name) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use crate::output::Moment;
    use clap::Parser as _;
    use happening_core::wire::LiveMessage;

    /// What two messages of a stream are printed as.
    fn streamed(options: &str) -> String {
        let id = "0197a1b2-0000-7000-8000-000000000001";
        let words = ["happening", "event", "watch", id].into_iter().chain(options.split_whitespace());
        let console = Console::new(&Cli::try_parse_from(words).unwrap().global);
        let view = View::of::<Moment>(&console).unwrap();
        let (event_id, at) = (id.parse().unwrap(), chrono::DateTime::UNIX_EPOCH);
        let messages = [
            LiveMessage::Holds { event_id, held: vec![3, 4] },
            LiveMessage::Promotion { event_id, version: 7, seats: vec![1], waiting_number: 2, rest: 0 },
        ];
        messages.into_iter().map(|message| view.streamed(&Moment { at, message }).unwrap()).collect()
    }

    #[test]
    fn what_goes_on_is_printed_in_every_format() {
        let csv = streamed("-o csv");
        assert!(csv.starts_with("type,event_id,version,total,taken,held,"), "{csv}");
        assert_eq!(csv.lines().count(), 3, "{csv}");
        assert_eq!(
            streamed("-o csv --fields type,held,rest"),
            "type,held,rest\nholds,\"[3,4]\",\npromotion,,0\n"
        );
        insta::assert_snapshot!(streamed("-o yaml --fields type,held"), @"
        ---
        type: holds
        held:
          - 3
          - 4
        ---
        type: promotion
        held: null
        ");
        assert_eq!(streamed("--fields type,waiting_number"), "holds  -\npromotion  2\n");
        assert_eq!(streamed("-o name"), "holds\npromotion\n");
        assert!(streamed("-o jsonl").lines().all(|line| line.starts_with("{\"type\":")));
    }
}
