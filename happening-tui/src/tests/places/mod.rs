//! Every figure of `/admin` and every command of the command line has its place here, or a reason why it has none.
//!
//! The figures are read from the wire types that the client's calls of `/admin` answer, the commands from the snapshot in which
//! the tests of the command line run each of them (a command without a case fails there). A new one without a line fails here.

mod commands;
mod figures;

use super::*;
use crate::action::{Action, BINDINGS};
use crate::model::Pane;
use happening_core::wire::JobState;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where something is found.
#[derive(Debug, Clone, Copy)]
pub enum Found {
    /// On a screen, by these words, when there is something to show.
    On(Screen, &'static str),
    /// In a pane, which the daemon's answer fills.
    In(Pane),
    /// By an action.
    By(Action),
    /// Nowhere, for this reason.
    Not(&'static str),
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Fields of the wire types by their structs, each with the types that it names.
fn structs() -> BTreeMap<String, Vec<(String, String)>> {
    let mut structs = BTreeMap::new();
    for file in fs::read_dir(workspace().join("core/src/wire")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(rest) = line.strip_prefix("pub struct ") else { continue };
            let Some(name) = rest.strip_suffix(" {") else { continue };
            let fields = lines.by_ref().take_while(|line| *line != "}");
            let fields = fields.filter_map(|line| line.strip_prefix("    pub ")?.split_once(": "));
            let fields = fields.map(|(field, kind)| (field.to_owned(), kind.to_owned()));
            structs.insert(name.to_owned(), fields.collect());
        }
    }
    structs
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// `Outbox.pending` and its like: all that the calls of `/admin` and its stream answer.
fn figures_served() -> BTreeSet<String> {
    let structs = structs();
    let client = read("core/src/client/admin.rs");
    let answers = client.split("-> Result<").skip(1).filter_map(|rest| rest.split(", ClientError").next());
    let mut open: Vec<String> = answers.flat_map(names).map(str::to_owned).collect();
    assert!(open.len() >= 10, "the client's calls are read: {open:?}");
    open.extend(["Metrics", "EventFigures"].map(str::to_owned));
    let (mut seen, mut figures) = (BTreeSet::new(), BTreeSet::new());
    while let Some(name) = open.pop() {
        let Some(fields) = structs.get(&name).filter(|_| !seen.contains(&name)) else { continue };
        figures.extend(fields.iter().map(|(field, _)| format!("{name}.{field}")));
        open.extend(fields.iter().flat_map(|(_, kind)| names(kind)).map(str::to_owned));
        seen.insert(name);
    }
    figures
}

/// `booking cancel` and its like.
fn commands_told() -> BTreeSet<String> {
    let told = read("happening-cli/tests/cli/snapshots/cli__commands__every_command_prints_what_it_did.snap");
    let commands = told.lines().filter_map(|line| line.strip_prefix("$ happening "));
    let is_word =
        |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
    let commands = commands.map(|line| {
        let words: Vec<&str> = line.split(' ').take(2).take_while(is_word).collect();
        words.join(" ")
    });
    commands.collect()
}

fn same(wanted: &BTreeSet<String>, table: &[(&str, Found)]) {
    let listed: BTreeSet<String> = table.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed.len(), table.len(), "each once");
    let missing: Vec<_> = wanted.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(wanted).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "without a place: {missing:?}; not there any more: {gone:?}"
    );
}

/// All that a screen shows, whichever of its panes has the keys.
fn shown(screen_: Screen) -> String {
    let mut model = on(160, 48, screen_);
    measure(&mut model, 5);
    full(&mut model);
    model.data.jobs = vec![job(1, JobState::Running, 40, Some(200))];
    let mut told = String::new();
    for _ in screen_.panes() {
        told += &screen(&model);
        press(&mut model, KeyCode::Tab);
        full(&mut model);
    }
    told
}

/// That each place is as the table says.
fn hold(table: &[(&str, Found)]) {
    let mut frames: BTreeMap<usize, String> = BTreeMap::new();
    for (name, found) in table {
        match found {
            Found::On(screen, words) => {
                let frame = frames.entry(screen.index()).or_insert_with(|| shown(*screen));
                assert!(frame.contains(words), "{name}: {screen:?} does not say {words:?}\n{frame}");
            }
            Found::In(pane) => {
                let screen = Screen::ALL.into_iter().find(|screen| screen.panes().contains(pane)).unwrap();
                let model = on(160, 48, screen);
                let filled = model.table_of(*pane).is_none_or(|table| !table.rows.is_empty());
                assert!(filled, "{name}: {pane:?} is empty");
            }
            Found::By(action) => {
                assert!(BINDINGS.iter().any(|binding| binding.action == *action), "{name}: {action:?}");
            }
            Found::Not(why) => assert!(why.len() > 20, "{name}: {why:?} is no reason"),
        }
    }
}

#[test]
fn every_figure_of_admin_has_its_place() {
    same(&figures_served(), figures::FIGURES);
    hold(figures::FIGURES);
}

#[test]
fn every_command_has_its_place() {
    same(&commands_told(), commands::COMMANDS);
    hold(commands::COMMANDS);
}
