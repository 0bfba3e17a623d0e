//! Files as they are named on the command line.

use crate::exit::CliError;
use crate::output::visible;
use happening_core::declare::{self, Declaration, Flaw, LARGEST};
use std::fmt::Write as _;
use std::io::Read as _;

/// Flaws that are shown of a file; of the others it is said that they are there.
const SHOWN: usize = 20;

/// Characters of a line that are shown: enough to find it, and it fits the terminal.
const WIDTH: usize = 90;

/// Which files.
#[derive(Debug, clap::Args)]
pub struct Files {
    /// The organization, in YAML or JSON; `-` is stdin. Several files are several organizations
    #[arg(short, long = "file", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Vec<String>,
}

/// A file that says what an organization is to be.
#[derive(Debug, Clone)]
pub struct File {
    /// As it was named.
    pub name: String,
    pub declaration: Declaration,
}

impl Files {
    /// Reads all of them. What is wrong with any is told at once, before the daemon is asked anything.
    pub fn read(&self) -> Result<Vec<File>, CliError> {
        if self.file.is_empty() {
            return Err(CliError::Usage("name a file, such as -f organization.yaml".to_owned()));
        }
        let (mut files, mut told) = (Vec::new(), Vec::new());
        for name in &self.file {
            let bytes = bytes(name)?;
            match declare::read(&bytes) {
                Ok(declaration) => files.push(File { name: name.clone(), declaration }),
                Err(flaws) => told.push(all(name, &bytes, &flaws)),
            }
        }
        if told.is_empty() { Ok(files) } else { Err(CliError::Usage(told.join("\n"))) }
    }
}

fn bytes(name: &str) -> Result<Vec<u8>, CliError> {
    // One byte more than is read, so that a larger one is known.
    let most = LARGEST as u64 + 1;
    let mut bytes = Vec::new();
    let read = match name {
        "-" => std::io::stdin().lock().take(most).read_to_end(&mut bytes),
        path => std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(CliError::Usage(format!("{} cannot be read: {error}", visible(name)))),
    }
}

fn all(name: &str, bytes: &[u8], flaws: &[Flaw]) -> String {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    let lines: Vec<&str> = text.lines().collect();
    let mut told: Vec<_> = flaws.iter().take(SHOWN).map(|flaw| one(name, &lines, flaw)).collect();
    if flaws.len() > SHOWN {
        told.push(format!("and {} more", flaws.len() - SHOWN));
    }
    told.join("\n")
}

/// As compilers tell it: the place, what is wrong, and the line with a mark below.
fn one(name: &str, lines: &[&str], flaw: &Flaw) -> String {
    let name = if name == "-" { "stdin".to_owned() } else { visible(name) };
    let message = visible(&flaw.message);
    if flaw.line == 0 {
        return format!("{name}: {message}");
    }
    let mut told = format!("{name}:{}:{}: {message}", flaw.line, flaw.column);
    let Some(line) = (flaw.line as usize).checked_sub(1).and_then(|index| lines.get(index)) else {
        return told;
    };
    let column = (flaw.column as usize).saturating_sub(1);
    let begin = column.saturating_sub(WIDTH * 2 / 3);
    let shown: String = visible(line).chars().skip(begin).take(WIDTH).collect();
    let number = flaw.line;
    let margin = " ".repeat(number.to_string().len());
    // Writing to a string cannot fail.
    let _ = write!(told, "\n  {number} | {shown}\n  {margin} | {}^", " ".repeat(column - begin));
    told
}
