//! `--jq`: the answer through a filter in jq's language, without jq.

use super::document::Document;
use super::json::escaped;
use super::text::visible;
use crate::exit::CliError;
use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader, lex, parse};
use jaq_core::{Compiler, Ctx, Native, Vars, compile, load, unwrap_valr};
use jaq_json::{Val, read};

/// A filter that has been understood.
pub struct Filter(compile::Filter<Native<JustLut<Val>>>);

impl Filter {
    /// Understands `code`, or says where not.
    pub fn parse(code: &str) -> Result<Self, CliError> {
        let refuse = |why: String| CliError::Usage(format!("--jq: {why}"));
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules = Loader::new(definitions)
            .load(&arena, File { code, path: () })
            .map_err(|errors| refuse(errors.first().map_or_else(String::new, |(_, error)| misread(error))))?;
        let filter = Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
            let unknown = errors.iter().flat_map(|(_, unknown)| unknown).next();
            refuse(unknown.map_or_else(String::new, |(name, what)| {
                format!("there is no {} `{}`", what.as_str(), visible(name))
            }))
        })?;
        Ok(Self(filter))
    }

    /// What the filter makes of `document`, a line for each result: text as it is, the rest as compact JSON.
    pub fn run(&self, document: &Document) -> Result<String, CliError> {
        let failed = |why: String| CliError::Filter(visible(&why));
        let input =
            read::parse_single(document.to_string().as_bytes()).map_err(|error| failed(error.to_string()))?;
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut out = String::new();
        for result in self.0.id.run((context, input)).map(unwrap_valr) {
            match result.map_err(|error| failed(error.to_string()))? {
                Val::TStr(text) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    let lines: Vec<_> = text.split('\n').map(visible).collect();
                    out.push_str(&lines.join("\n"));
                }
                other => out.push_str(&escaped(&other.to_string())),
            }
            out.push('\n');
        }
        Ok(out)
    }
}

fn misread(error: &load::Error<&str>) -> String {
    let at = |rest: &str| match rest.trim() {
        "" => "at the end".to_owned(),
        rest => format!("at `{}`", visible(rest)),
    };
    match error {
        load::Error::Io(errors) => {
            errors.first().map_or_else(String::new, |(module, why)| format!("{}: {why}", visible(module)))
        }
        load::Error::Lex(errors) => {
            errors.first().map_or_else(String::new, |(expected, rest): &lex::Error<&str>| {
                format!("expected {} {}", expected.as_str(), at(rest))
            })
        }
        load::Error::Parse(errors) => {
            errors.first().map_or_else(String::new, |(expected, rest): &parse::Error<&str>| {
                format!("expected {} {}", expected.as_str(), at(rest))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(code: &str, json: &str) -> Result<String, String> {
        let filter = Filter::parse(code).map_err(|error| error.to_string())?;
        filter.run(&Document::parse(json).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn answers_like_jq_with_raw_output() {
        let events = r#"[{"name":"Jazz","free":2},{"name":"Rust\u001b[2J\nNight","free":0}]"#;
        assert_eq!(run(".[].name", events).unwrap(), "Jazz\nRust␛[2J\nNight\n");
        assert_eq!(run("map(select(.free > 0)) | length", events).unwrap(), "1\n");
        assert_eq!(run(".[0]", events).unwrap(), "{\"name\":\"Jazz\",\"free\":2}\n");
        assert_eq!(
            run(r#".[] | select(.name | test("^J")) | "\(.name): \(.free)""#, events).unwrap(),
            "Jazz: 2\n"
        );
        assert_eq!(run(".[1]", events).unwrap(), "{\"name\":\"Rust\\u001b[2J\\nNight\",\"free\":0}\n");
        assert_eq!(run("empty", events).unwrap(), "");
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(run(".[", "[]").unwrap_err(), "--jq: expected closing bracket at the end");
        assert!(run(".a |", "[]").unwrap_err().contains("at the end"));
        assert_eq!(run("nosuch(1)", "[]").unwrap_err(), "--jq: there is no filter `nosuch`");
        assert_eq!(
            run("error(\"x\u{1b}\")", "[]").unwrap_err(),
            "the command was carried out, but --jq failed on its answer: \"x\\u001b\""
        );
        assert!(run(".a", "[]").unwrap_err().contains("cannot index"));
    }
}
