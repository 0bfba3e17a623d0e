//! The form in which a command's answer is printed, settled before the command asks anything of the daemon: a field that
//! does not exist is a mistake of the command line, and must not come to light after seats were booked.

use super::document::Document;
use super::filter::Filter;
use super::{Cell, Console, Format, Record, Style, csv, json, pager, print, table, yaml};
use crate::exit::CliError;

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
        if let Some(wanted) = &selection.fields {
            let known = T::fields();
            // Where only the answer tells, it is looked at when it is there.
            if !known.is_empty() {
                known_or_told(wanted, &known)?;
            }
        }
        let filter = selection.jq.as_deref().map(Filter::parse).transpose()?;
        Ok(Self { console, fields: selection.fields.clone(), filter })
    }

    /// Prints an answer.
    pub fn show<T: Record>(&self, answer: Answer<T>) -> anyhow::Result<()> {
        match answer.body {
            Body::Nothing => {}
            Body::Item(item) => self.put(&self.item(&*item)?)?,
            Body::List { rows, none } if rows.is_empty() && self.is_table() => self.console.note(none),
            Body::List { rows, .. } => self.put(&self.list(&rows)?)?,
        }
        if let Some(note) = answer.note {
            self.console.note(&note);
        }
        answer.failure.map_or(Ok(()), Err)
    }

    /// Prints one of many things that come one after the other, in one line, at once.
    pub fn show_line<T: Record>(&self, item: &T) -> anyhow::Result<()> {
        let text = match (&self.filter, self.console.format, &self.fields) {
            (Some(filter), ..) => filter.run(&self.document(item)?)?,
            (None, Format::Table, None) => {
                let cells: Vec<_> = item.cells().iter().map(|cell| cell.text(self.console.style)).collect();
                cells.join("  ") + "\n"
            }
            (None, Format::Name, _) => line(&item.name()),
            (None, Format::Table | Format::Json | Format::Jsonl, _) => json::line(&self.document(item)?)?,
            (None, Format::Yaml | Format::Csv, _) => {
                let why = "what goes on and on is printed as table, json, jsonl or name".to_owned();
                return Err(CliError::Usage(why).into());
            }
        };
        Ok(print(&text)?)
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
        if let Some(filter) = &self.filter {
            return Ok(filter.run(&self.document(item)?)?);
        }
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
        let documents = || rows.iter().map(|row| self.document(row)).collect::<anyhow::Result<Vec<_>>>();
        if let Some(filter) = &self.filter {
            return Ok(filter.run(&Document::List(documents()?))?);
        }
        Ok(match (self.console.format, &self.fields) {
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
        csv::text(&self.columns::<T>(documents.first()), documents)
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
