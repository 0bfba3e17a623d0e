//! `happening help`: of a command, or on a topic that no command is.

use crate::cli::Cli;
use crate::exit::CliError;
use crate::output::{self, visible};
use clap::{Command, CommandFactory as _};
use std::fmt::Write as _;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A command, such as `event create`, or a topic
    #[arg(value_name = "COMMAND|TOPIC", add = crate::completion::topics(TOPICS))]
    words: Vec<String>,
}

const EXIT_CODES: &str = "\
  0  done
  1  the daemon failed, a check did, or something nobody thought of
  2  the command makes no sense as it was given
  3  not found, or not for you to see
  4  not signed in
  5  you may not
  6  a conflict: seats taken, sold out, there already, stale, or what was waited for can no longer come
  7  timed out, or the answer to a change was lost: it is then not known whether it was made
  8  the daemon cannot be reached: nothing was done
  9  some of it was done, some not
 10  there are differences
 11  you said no at the prompt
130  interrupted by Ctrl-C or SIGTERM
";

const ENVIRONMENT: &str = "\
HAPPENING_SERVER         the daemon's address, a path included if a proxy serves it below one; --server and
                         --context outrank it
HAPPENING_TOKEN          an access token, used as it is; outranks every other sign-in
HAPPENING_CLIENT_ID      a service account, with
HAPPENING_CLIENT_SECRET  its secret; outranks the sign-in of `happening login`
HAPPENING_CONFIG_DIR     where config.json and what belongs to it are
                         [default: $XDG_CONFIG_HOME/happening, ~/.config/happening]
HAPPENING_PAGER, PAGER   shows what is longer than the terminal [default: less]
TZ                       the zone in which tables tell times, such as Europe/Berlin
LC_ALL, LC_CTYPE, LANG   bars are drawn in ASCII where the locale has no UTF-8
NO_COLOR                 no colours, if set
CI                       no progress, if set
HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
                         as curl reads them; this machine (localhost, 127.0.0.0/8, ::1) is always asked directly
";

const FORMATS: &str = "\
-o table  for people; fits the terminal, times in your zone; on a very narrow one a block for each record
-o json   one document, lists are arrays; text exactly as it is, times in UTC
-o jsonl  a document on each line
-o yaml   the same as json, in YAML
-o csv    a header, and a line for each record; with --bom as Excel wants it
-o name   only what other commands take: an id, or a name

--fields a,b   only these members, in this order, in any format but name
--jq FILTER    what a filter in jq's language makes of the JSON, text without quotes;
               it knows @csv, @tsv and $ENV, and halt_error ends the command with its exit code

Data is on stdout; notes, progress, warnings and errors are on stderr. Under json and jsonl an error is the daemon's
problem document (RFC 9457) with `hint` and `exit_code`; errors of this side have the same shape.

Control characters and marks of direction in what people wrote are made visible in table, csv, name and --jq, and
escaped in json, jsonl and yaml. In csv, text that a spreadsheet would calculate is preceded by an apostrophe.

  happening event list -o csv --fields id,name,available_slots > events.csv
  happening event list --jq '.[] | select(.available_slots > 0) | .id'
  EVENT=$(happening event create --name \"First Night\" --date 2030-06-01T19:00 --seats 5 -o name)
";

const TOPICS: &[(&str, &str)] =
    &[("exit-codes", EXIT_CODES), ("environment", ENVIRONMENT), ("formats", FORMATS)];

/// The grammar with its parts knowing their whole names.
pub fn grammar() -> Command {
    let mut all = Cli::command();
    all.build();
    all
}

/// Prints help.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if let [word] = args.words.as_slice()
        && let Some((_, text)) = TOPICS.iter().find(|(name, _)| name == word)
    {
        output::print(text)?;
        return Ok(());
    }
    let mut all = grammar();
    let command = named(&mut all, &args.words).map_err(|mut why| {
        let topics: Vec<_> = TOPICS.iter().map(|(name, _)| *name).collect();
        // Writing to a string cannot fail.
        let _ = write!(why, "; the topics are {}", topics.join(", "));
        CliError::Usage(why)
    })?;
    output::print(&command.render_long_help().to_string())?;
    Ok(())
}

/// The command of these words.
pub fn named<'c>(all: &'c mut Command, words: &[String]) -> Result<&'c mut Command, String> {
    let mut command = all;
    for word in words {
        command = command
            .find_subcommand_mut(word)
            .ok_or_else(|| format!("there is no command `{}`", visible(&words.join(" "))))?;
    }
    Ok(command)
}
