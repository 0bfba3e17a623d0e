//! What a person wants otherwise: `tui.json` in the directory of the settings, beside those of the command line.
//!
//! ```json
//! {"start": "overview", "theme": "light", "read_only": false, "keys": {"new-event": ["ctrl-e"], "refresh": ["r", "f5"]}}
//! ```

use crate::action::{BINDINGS, Key, Keymap};
use crate::model::Screen;
use crate::theme::Wanted;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::ErrorKind;
use std::path::Path;

/// What is read from the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    theme: Option<String>,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    keys: BTreeMap<String, Vec<String>>,
}

/// What it means.
#[derive(Debug, Default)]
pub struct Settings {
    /// The screen to begin with.
    pub start: Option<Screen>,
    /// How things look.
    pub theme: Option<Wanted>,
    /// Nothing may be changed.
    pub read_only: bool,
    /// Other keys.
    pub keymap: Keymap,
}

impl Settings {
    /// Reads the file of this directory; none is all defaults. Says what is wrong with it.
    pub fn load(directory: &Path) -> Result<Self, String> {
        let path = directory.join("tui.json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        Self::parse(&text).map_err(|why| format!("{}: {why}", path.display()))
    }

    /// Reads its text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let start = file
            .start
            .map(|name| Screen::named(&name).ok_or_else(|| format!("start: there is no screen `{name}`")));
        let theme = file
            .theme
            .map(|name| Wanted::named(&name).ok_or_else(|| format!("theme: there is no theme `{name}`")));
        let known: HashSet<String> = BINDINGS.iter().map(|binding| binding.action.name()).collect();
        let mut keymap = HashMap::new();
        for (action, keys) in file.keys {
            if !known.contains(&action) {
                return Err(format!("keys: there is no action `{action}`"));
            }
            let parsed: Option<Vec<Key>> = keys.iter().map(|key| Key::parse(key)).collect();
            let parsed = parsed.filter(|keys| !keys.is_empty());
            keymap.insert(
                action.clone(),
                parsed.ok_or_else(|| {
                    format!("keys: {action}: keys are written as `x`, `ctrl-x`, `f5`, `enter`")
                })?,
            );
        }
        Ok(Self {
            start: start.transpose()?,
            theme: theme.transpose()?,
            read_only: file.read_only,
            keymap: Keymap(keymap),
        })
    }
}
