//! `--jq`: the answer through a filter in jq's language, without jq.
//!
//! A filter may never end, and may make more than the memory holds. So it runs in a thread of its own, which Ctrl-C and
//! `--timeout` leave behind, and each result is printed when it is there.

mod value;

use super::document::Document;
use super::text::visible;
use crate::exit::CliError;
use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader, lex, parse};
use jaq_core::native::{run as native, v};
use jaq_core::{Compiler, Ctx, Exn, Native, ValT as _, Vars, compile, load};
use jaq_json::{Val, read};
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// What jq has and jaq's crates do not.
const FORMATS: &str = include_str!("formats.jq");

/// The environment, as jq calls it.
const ENVIRONMENT: &str = "$ENV";

/// Of the thread, in bytes: filters that call themselves need some.
const STACK: usize = 64 * 1024 * 1024;

/// Of an error's message, in characters.
const LONGEST_BEGINNING: usize = 80;
const LONGEST_END: usize = 60;

/// A filter that has been understood.
#[derive(Clone)]
pub struct Filter(Arc<compile::Filter<Native<JustLut<Val>>>>);

impl Filter {
    /// Understands `code`, or says where not.
    pub fn parse(code: &str) -> Result<Self, CliError> {
        let refuse = |why: String| CliError::Usage(format!("--jq: {why}"));
        let formats = load::parse(FORMATS, |parser| parser.defs()).unwrap_or_default();
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(formats);
        let ours = native::<JustLut<Val>>(("halt_message", v(0), |(_, message)| {
            value::tell(&message);
            Box::new(std::iter::empty())
        }));
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).chain([ours]);
        let arena = Arena::default();
        let modules = Loader::new(definitions)
            .load(&arena, File { code, path: () })
            .map_err(|errors| refuse(errors.first().map_or_else(String::new, |(_, error)| misread(error))))?;
        let compiler = Compiler::default().with_funs(functions).with_global_vars([ENVIRONMENT]);
        let filter = compiler.compile(modules).map_err(|errors| {
            let unknown = errors.iter().flat_map(|(_, unknown)| unknown).next();
            refuse(unknown.map_or_else(String::new, |(name, what)| {
                format!("there is no {} `{}`", what.as_str(), visible(name))
            }))
        })?;
        Ok(Self(Arc::new(filter)))
    }

    /// Prints what the filter makes of each of the `documents`, in `limit` if there is one. Whoever stops waiting for it
    /// leaves the filter running until the process ends.
    pub async fn print(&self, documents: Vec<Document>, limit: Option<Duration>) -> anyhow::Result<()> {
        let (done, ended) = oneshot::channel();
        let filter = self.clone();
        let work = move || {
            let each = |document| filter.run(document, super::print);
            // Nobody waits any more after a Ctrl-C.
            drop(done.send(documents.iter().try_for_each(each)));
        };
        thread::Builder::new().name("filter".to_owned()).stack_size(STACK).spawn(work)?;
        let ended = match limit {
            Some(limit) => match tokio::time::timeout(limit, ended).await {
                Ok(ended) => ended,
                Err(_) => return Err(CliError::TimedOut("--jq has not ended in time".to_owned()).into()),
            },
            None => ended.await,
        };
        ended.unwrap_or_else(|_| Err(CliError::Filter("it broke off".to_owned()).into()))
    }

    /// What the filter makes of `document`, a line for each result, each `put` when it is there.
    fn run(&self, document: &Document, put: impl Fn(&str) -> io::Result<()>) -> anyhow::Result<()> {
        let failed = |why: String| CliError::Filter(shortened(&visible(&why)));
        let input =
            read::parse_single(document.to_string().as_bytes()).map_err(|error| failed(error.to_string()))?;
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([environment().map_err(failed)?]));
        for result in self.0.id.run((context, input)) {
            let result = match result.map_err(Exn::get_halt) {
                Ok(result) => result,
                Err(Ok(code)) => return Err(CliError::Halted(code).into()),
                Err(Err(other)) => {
                    let why =
                        other.get_err().map_or_else(|_| "it broke off".to_owned(), |error| error.to_string());
                    return Err(failed(why).into());
                }
            };
            put(&(value::printed(&result).map_err(failed)? + "\n"))?;
        }
        Ok(())
    }
}

/// A message on one line without the whole input, which is quoted in the middle of it: what was done to it is at the end.
fn shortened(why: &str) -> String {
    let characters: Vec<char> = why.chars().collect();
    if characters.len() <= LONGEST_BEGINNING + LONGEST_END {
        return why.to_owned();
    }
    let beginning: String = characters[..LONGEST_BEGINNING].iter().collect();
    let end: String = characters[characters.len() - LONGEST_END..].iter().collect();
    format!("{beginning} … {end}")
}

fn environment() -> Result<Val, String> {
    let text = |text: std::ffi::OsString| Val::from(text.to_string_lossy().into_owned());
    let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    Val::from_map(variables).map_err(|error| error.to_string())
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
    use std::cell::RefCell;

    fn run(code: &str, json: &str) -> Result<String, String> {
        let filter = Filter::parse(code).map_err(|error| error.to_string())?;
        let out = RefCell::new(String::new());
        let put = |line: &str| {
            out.borrow_mut().push_str(line);
            Ok(())
        };
        filter.run(&Document::parse(json).unwrap(), put).map_err(|error| error.to_string())?;
        Ok(out.into_inner())
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

    #[test]
    fn an_error_does_not_repeat_the_whole_input() {
        let many = format!("[{}]", vec![r#"{"name":"Jazz\nNight","free":2}"#; 1_000].join(","));
        for (code, end) in [(".name", "with \"name\""), (". - 1", "- 1"), ("error", "\"free\":2}]")] {
            let told = run(code, &many).unwrap_err();
            assert!(told.chars().count() < 220 && told.lines().count() == 1, "{told}");
            assert!(told.contains(" … ") && told.ends_with(end), "{told}");
        }
    }

    #[test]
    fn halts_like_jq() {
        for (code, expected) in
            [("halt", 0), ("halt_error", 5), ("halt_error(1)", 1), ("\"x\" | halt_error(300)", 300)]
        {
            let error = Filter::parse(&format!("1, ({code}), 2")).unwrap();
            let out = RefCell::new(String::new());
            let put = |line: &str| {
                out.borrow_mut().push_str(line);
                Ok(())
            };
            let error = error.run(&Document::Null, put).unwrap_err();
            assert!(
                matches!(error.downcast_ref(), Some(CliError::Halted(code)) if *code == expected),
                "{error}"
            );
            assert_eq!(out.into_inner(), "1\n", "nothing after it");
        }
    }

    #[test]
    fn has_the_formats_of_jq() {
        let rows = r#"[["a\"b,c", 1, 2.5, null, true], ["x\ty\\\nz", "", -3, false, "é"]]"#;
        assert_eq!(
            run(".[] | @csv", rows).unwrap(),
            "\"a\"\"b,c\",1,2.5,,true\n\"x\ty\\\nz\",\"\",-3,false,\"é\"\n"
        );
        assert_eq!(
            run(".[] | @tsv", rows).unwrap(),
            "a\"b,c\t1\t2.5\t\ttrue\nx\\ty\\\\\\nz\t\t-3\tfalse\té\n"
        );
        assert_eq!(run(r#"@csv "row: \(.[0][:2])""#, rows).unwrap(), "row: \"a\"\"b,c\",1\n");
        assert!(run("@csv", "{}").unwrap_err().contains("only an array can be"));
        assert!(run("[[1]] | @tsv", "0").unwrap_err().contains("not valid in a tsv row"));
        let path = std::env::var("PATH").unwrap() + "\n";
        assert_eq!(run("$ENV.PATH", "0").unwrap(), path);
        assert_eq!(run("env.PATH", "0").unwrap(), path);
    }

    #[test]
    fn what_is_printed_is_json() {
        assert_eq!(run("{a: nan, b: [nan]}", "0").unwrap(), "{\"a\":null,\"b\":[null]}\n");
        let largest: f64 =
            run("[infinite, 0]", "0").unwrap()[1..].split(',').next().unwrap().parse().unwrap();
        assert!(largest.is_finite() && largest > 1e308);
        assert!(run("{(1): 2}", "0").unwrap_err().contains("keys are strings, and 1 is none"));
        let same = "{\"a\":[1,2.5,\"x\\\"y\",null,true,{}],\"b\":1234567890123456789}\n";
        assert_eq!(run(".", same).unwrap(), same);
    }

    #[test]
    fn results_are_there_before_the_end() {
        let filter = Filter::parse("range(1e12)").unwrap();
        let count = RefCell::new(0);
        let put = |_: &str| {
            *count.borrow_mut() += 1;
            if *count.borrow() < 3 { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        };
        let error = filter.run(&Document::Null, put).unwrap_err();
        assert!(crate::exit::is_broken_pipe(&error), "{error}");
        assert_eq!(*count.borrow(), 3);
    }

    #[tokio::test]
    async fn a_filter_without_end_is_left_behind() {
        let filter = Filter::parse("def f: f; f").unwrap();
        let limit = Some(Duration::from_millis(50));
        let error = filter.print(vec![Document::Null], limit).await.unwrap_err();
        assert_eq!(crate::exit::of(&error), crate::exit::Exit::TimedOut, "{error}");
    }
}
