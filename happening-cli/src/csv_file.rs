//! A CSV file as people save it: with or without a byte order mark, with commas, semicolons or tabs, with any kind of line
//! end, with Excel's line `sep=;` and its empty columns at the end. What is wrong with it is told by line and column.

mod form;

use crate::exit::CliError;
use crate::output::visible;
use form::{Place, closed, decoded, delimiter, line_ends, without_separator};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

/// So much is read and no more: nobody has a list of a million events.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Mistakes that are told one by one.
const TOLD: usize = 20;

/// A file, or `-` for standard input.
#[derive(Debug, Clone)]
pub struct Source(PathBuf);

impl From<&str> for Source {
    fn from(path: &str) -> Self {
        Self(path.into())
    }
}

impl Source {
    /// As it is called in messages.
    pub fn name(&self) -> String {
        if self.is_stdin() { "standard input".to_owned() } else { visible(&self.0.display().to_string()) }
    }

    fn is_stdin(&self) -> bool {
        self.0 == Path::new("-")
    }

    /// All of it, read by a thread that may be left behind: a read cannot be called off, and must not keep Ctrl-C waiting.
    pub async fn read(&self) -> Result<Vec<u8>, CliError> {
        let (done, read) = oneshot::channel();
        let source = self.clone();
        let reader = std::thread::Builder::new().name("reader".to_owned());
        // Nobody waits any more after a Ctrl-C.
        let started = reader.spawn(move || drop(done.send(source.read_all())));
        let failed = || CliError::Usage(format!("{} cannot be read", self.name()));
        started.map_err(|_| failed())?;
        read.await.map_err(|_| failed())?
    }

    fn read_all(&self) -> Result<Vec<u8>, CliError> {
        let failed = |error: io::Error| CliError::Usage(format!("{} cannot be read: {error}", self.name()));
        let mut bytes = Vec::new();
        let read = if self.is_stdin() {
            io::stdin().take(LARGEST + 1).read_to_end(&mut bytes)
        } else {
            std::fs::File::open(&self.0).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        };
        read.map_err(failed)?;
        if bytes.len() as u64 > LARGEST {
            return Err(CliError::Usage(format!("{} is larger than 64 MiB", self.name())));
        }
        Ok(bytes)
    }
}

/// A line below the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// As many as the header has.
    pub cells: Vec<String>,
}

/// What is wrong with a cell, or with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line.
    pub line: u64,
    /// The column, if it is a cell's.
    pub column: Option<&'static str>,
    /// What is wrong, the value within.
    pub why: String,
}

impl Mistake {
    /// A mistake in a cell.
    pub fn in_cell(line: u64, column: &'static str, value: &str, why: &str) -> Self {
        Self { line, column: Some(column), why: format!("`{}` {why}", visible(value)) }
    }
}

/// The whole file.
#[derive(Debug)]
pub struct CsvFile {
    delimiter: u8,
    header: Vec<String>,
    /// For each column of the file its place among the known ones.
    columns: Vec<usize>,
    known: &'static [&'static str],
    pub rows: Vec<Row>,
    /// Of lines that are no rows. Whoever reads the rows finds more, and tells them together.
    pub mistakes: Vec<Mistake>,
}

impl CsvFile {
    /// Reads a file whose first line names its columns, in any order: each of `known` at most once, and all of `required`.
    pub fn read(bytes: &[u8], known: &'static [&'static str], required: &[&str]) -> Result<Self, CliError> {
        let whole = decoded(bytes)?;
        let (text, separator) = without_separator(whole);
        let mut lines = text.split(['\r', '\n']);
        let delimiter = separator
            .unwrap_or_else(|| delimiter(lines.find(|line| !line.trim().is_empty()).unwrap_or_default()));
        let before = line_ends(&whole.as_bytes()[..whole.len() - text.len()]);
        let (text, open) = closed(text, delimiter, before);
        let mut place = Place::new(text, before + 1);
        let mut mistakes: Vec<Mistake> = open.into_iter().collect();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut header: Option<(Vec<String>, Vec<usize>)> = None;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| CliError::Usage(format!("this is no CSV: {error}")))?;
            let cells = cells_of(&record, header.as_ref().map_or(0, |(names, _)| names.len()));
            if cells.iter().all(String::is_empty) {
                continue;
            }
            let line = record.position().map_or(0, |position| place.line_of(position));
            match &header {
                None => header = Some(columns_named(cells, known, required)?),
                Some((names, _)) if cells.len() != names.len() => {
                    mistakes.push(Mistake { line, column: None, why: miscounted(cells.len(), names.len()) });
                }
                Some(_) => rows.push(Row { line, cells }),
            }
        }
        let Some((header, columns)) = header else {
            if !mistakes.is_empty() {
                return Err(refusal(&mistakes));
            }
            return Err(CliError::Usage(format!(
                "there is no line that names the columns: {}",
                known.join(", ")
            )));
        };
        Ok(Self { delimiter, header, columns, known, rows, mistakes })
    }

    /// The cell of a row in this column; nothing if it is empty or there is no such column.
    pub fn cell<'a>(&self, row: &'a Row, column: &str) -> Option<&'a str> {
        let place = self.columns.iter().position(|&known| self.known[known] == column)?;
        row.cells.get(place).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// A file of these rows alone, to be read again.
    pub fn only(&self, rows: &[&Row]) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new().delimiter(self.delimiter).from_writer(Vec::new());
        writer.write_record(&self.header)?;
        for row in rows {
            writer.write_record(&row.cells)?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}

/// The cells of a line, less the empty ones at its end that are more than the `columns`: Excel writes as many as were ever
/// used.
fn cells_of(record: &csv::StringRecord, columns: usize) -> Vec<String> {
    let mut cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
    while cells.len() > columns && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    cells
}

/// Everything that is wrong, as far as a person reads.
pub fn refusal(mistakes: &[Mistake]) -> CliError {
    let count = mistakes.len();
    let told = mistakes.iter().take(TOLD).map(|mistake| {
        let column = mistake.column.map_or_else(String::new, |column| format!(", column {column}"));
        format!("  line {}{column}: {}", mistake.line, mistake.why)
    });
    let mut lines: Vec<String> = told.collect();
    if count > TOLD {
        lines.push(format!("  and {} more", count - TOLD));
    }
    let things = if count == 1 { "one mistake".to_owned() } else { format!("{count} mistakes") };
    CliError::Usage(format!("{things} in the file, nothing was sent:\n{}", lines.join("\n")))
}

fn miscounted(cells: usize, columns: usize) -> String {
    let cells = if cells == 1 { "one cell".to_owned() } else { format!("{cells} cells") };
    let columns = if columns == 1 { "is one column".to_owned() } else { format!("are {columns} columns") };
    format!("has {cells}, and there {columns}")
}

/// The columns that a header names.
fn columns_named(
    header: Vec<String>,
    known: &'static [&'static str],
    required: &[&str],
) -> Result<(Vec<String>, Vec<usize>), CliError> {
    let listed = || known.join(", ");
    let mut columns = Vec::new();
    for name in &header {
        let Some(place) = known.iter().position(|known| known.eq_ignore_ascii_case(name)) else {
            let name = visible(name);
            return Err(CliError::Usage(format!(
                "there is no column `{name}`: the columns are {}",
                listed()
            )));
        };
        if columns.contains(&place) {
            return Err(CliError::Usage(format!("the column `{}` is there twice", known[place])));
        }
        columns.push(place);
    }
    match required.iter().find(|name| !columns.iter().any(|&place| known[place] == **name)) {
        Some(missing) => {
            Err(CliError::Usage(format!("the column `{missing}` is missing: the columns are {}", listed())))
        }
        None => Ok((header, columns)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["name", "date", "seats"];

    /// Line, name and seats.
    type Read = (u64, Option<String>, Option<String>);

    fn read(bytes: &[u8]) -> Result<Vec<Read>, String> {
        let csv_file = CsvFile::read(bytes, KNOWN, &["name", "date"]).map_err(|error| error.to_string())?;
        if !csv_file.mistakes.is_empty() {
            return Err(refusal(&csv_file.mistakes).to_string());
        }
        let cell = |row: &Row, column| csv_file.cell(row, column).map(str::to_owned);
        Ok(csv_file.rows.iter().map(|row| (row.line, cell(row, "name"), cell(row, "seats"))).collect())
    }

    #[test]
    fn files_are_read_as_programs_save_them() {
        let expected = vec![
            (2, Some("Gala, late".to_owned()), Some("5".to_owned())),
            (4, Some("Jazz".to_owned()), None),
        ];
        for file in [
            "name,date,seats\n\"Gala, late\",d,5\n\nJazz,d,\n",
            "\u{feff}Name;Date;Seats\r\nGala, late;d;5\r\n;;\r\nJazz;d;",
            "seats\tdate\tNAME\n5\td\tGala, late\n \t\t\n\td\tJazz\n",
        ] {
            assert_eq!(read(file.as_bytes()), Ok(expected.clone()), "{file:?}");
        }
    }

    #[test]
    fn files_are_read_as_excel_saves_them() {
        let expected =
            vec![(3, Some("Gala".to_owned()), Some("5".to_owned())), (4, Some("Jazz".to_owned()), None)];
        for file in [
            "\u{feff}sep=;\r\nname;date;seats;;\r\nGala;d;5;;\r\nJazz;d;;;\r\n",
            "sep=|\nname|date|seats\nGala|d|5\nJazz|d|\n",
            "sep=,,,\rname,date,seats,,\rGala,d,5,,\rJazz,d,,,\r",
            "\nname,date,seats\nGala,d,5,,,,\nJazz,d,\n",
        ] {
            assert_eq!(read(file.as_bytes()), Ok(expected.clone()), "{file:?}");
        }
        let wrong = read(b"name,date\rGala,d\r\rJazz,d,5\r\"x,d\r").expect_err("mistakes");
        assert!(wrong.contains("line 4: has 3 cells") && wrong.contains("line 5: has a quote"), "{wrong}");
        let latin = read(b"sep=;\rname;date\rcaf\xe9;d\r").expect_err("no UTF-8");
        assert!(latin.contains("line 3 is no UTF-8"), "{latin}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (file, told) in [
            (&b""[..], "no line that names the columns: name, date, seats"),
            (b"name,seats\n", "the column `date` is missing: the columns are name, date, seats"),
            (b"name,date,room\n", "there is no column `room`: the columns are name, date, seats"),
            (b"name,date,Name\n", "the column `name` is there twice"),
            (
                b"name,date\na,b,c\nd\n",
                "line 2: has 3 cells, and there are 2 columns\n  line 3: has one cell,",
            ),
            (
                b"name,date\na,b\n\"c,d\ne,f\n",
                "one mistake in the file, nothing was sent:\n  line 3: has a quote that",
            ),
            (b"name,\"date\n", "line 1: has a quote that is not closed"),
            (b"name,date\na,\xff\n", "line 2 is no UTF-8"),
            (b"\xff\xfen\0", "this is UTF-16"),
        ] {
            let error = read(file).expect_err("a mistake");
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_quoted_cell_may_have_lines_and_the_next_one_is_counted_after_it() {
        let rows = read(b"name,date\n\"two\nlines\",d\nJazz,d\n").expect("rows");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn quotes_within_cells_are_closed() {
        for file in [
            "name,date\n5\" pipe,d\n",
            "name,date\n\"say \"\"hi\"\"\",d\n",
            "name,date\n\"\",d\n\"\"\"\",\"x\"\n",
        ] {
            assert!(read(file.as_bytes()).is_ok(), "{file:?}");
        }
    }

    #[test]
    fn what_failed_is_written_as_it_was() {
        let file = "seats;name;date\n5;\"a;b\";d\n6;c;d\n";
        let csv_file = CsvFile::read(file.as_bytes(), KNOWN, &[]).expect("a CSV file");
        let written = csv_file.only(&[&csv_file.rows[0]]).expect("written");
        assert_eq!(String::from_utf8(written).expect("text"), "seats;name;date\n5;\"a;b\";d\n");
    }
}
