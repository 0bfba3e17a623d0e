//! The manual names every key, and no other: `docs/tui.md`.

use super::*;
use crate::action::{BINDINGS, Binding, Key, Place};
use crate::theme::Look;
use std::fmt::Write as _;

const MANUAL: &str = include_str!("../../../docs/tui.md");

/// Where an action can be taken, in words.
fn place(place: Place) -> &'static str {
    match place {
        Place::Screens => "any screen",
        Place::Tables => "tables",
        Place::Pane(pane) => pane.title(),
        Place::Screen(screen) => screen.title(),
        Place::SignIn => "sign-in",
        Place::Filter => "filter",
        Place::Dialog => "dialogs",
        Place::Form => "forms",
        Place::Chooser => "lists",
    }
}

fn places(binding: &Binding) -> String {
    let mut places = Vec::new();
    for place in binding.places.iter().copied().map(place) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let everywhere = places.len() == 6 && places.contains(&"any screen");
    if everywhere { "everywhere".to_owned() } else { places.join(", ") }
}

/// The table of the manual, as the registry has it.
fn table() -> String {
    let mut table = "| key | what it does | where |\n|---|---|---|\n".to_owned();
    for binding in BINDINGS {
        let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", key.label())).collect();
        let about = binding.about.replace('|', "\\|");
        writeln!(table, "| {} | {about} | {} |", keys.join(" "), places(binding)).unwrap();
    }
    table
}

#[test]
fn the_manual_names_every_key() {
    let table = table();
    assert!(MANUAL.contains(&table), "docs/tui.md should have this table:\n{table}");
}

/// What stands between backticks.
fn quoted() -> impl Iterator<Item = &'static str> {
    let prose = MANUAL.split("```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2))
}

#[test]
fn keys_that_the_manual_names_exist() {
    // Words that could be keys, and are typed into a field or are part of a filter.
    let others = ["!", "-f "];
    let is_known = |key: &Key| BINDINGS.iter().any(|binding| binding.keys.contains(key));
    let mut named = 0;
    for word in quoted().filter(|word| !others.contains(word)) {
        let Some(key) = Key::parse(word) else { continue };
        named += 1;
        assert!(is_known(&key), "docs/tui.md names `{word}`, which is no key");
    }
    assert!(named > 100, "{named}");
}

#[test]
fn screens_and_themes_that_the_manual_names_are_all_there_are() {
    for screen in Screen::ALL {
        let row = format!("| `{}` | {} |", screen.key(), screen.title());
        assert!(MANUAL.contains(&row), "{row}");
    }
    for look in Look::ALL {
        assert!(quoted().any(|word| word == look.name()), "{}", look.name());
    }
}
