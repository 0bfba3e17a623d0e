//! Keys: as they are pressed, shown, and written in the settings.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::HashMap;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// Keys that a person wants otherwise, by the names of actions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap(pub HashMap<String, Vec<Key>>);

/// A letter.
pub const fn key(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: false }
}

/// A letter with Ctrl.
pub const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true }
}

/// Any other key.
pub const fn code(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

/// Keys that have names.
const NAMED: [(&str, KeyCode); 14] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("↑", KeyCode::Up),
    ("↓", KeyCode::Down),
    ("←", KeyCode::Left),
    ("→", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
];

impl Key {
    /// Whether it was pressed.
    pub fn is(self, event: KeyEvent) -> bool {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META);
        self.code == event.code && self.ctrl == ctrl && !alt
    }

    /// As it is shown.
    pub fn label(self) -> String {
        let named = NAMED.iter().find(|(_, code)| *code == self.code).map(|(name, _)| (*name).to_owned());
        let name = named.unwrap_or_else(|| match self.code {
            KeyCode::Char(c) => c.to_string(),
            KeyCode::F(n) => format!("f{n}"),
            other => other.to_string().to_ascii_lowercase(),
        });
        if self.ctrl { format!("ctrl-{name}") } else { name }
    }

    /// As it is written in the settings: as it is shown, arrows as `up`, `down`, `left`, `right`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("ctrl-") {
            let key = Self::parse(rest)?;
            return Some(Self { ctrl: true, ..key });
        }
        let arrow = match text {
            "up" => "↑",
            "down" => "↓",
            "left" => "←",
            "right" => "→",
            other => other,
        };
        if let Some((_, named)) = NAMED.iter().find(|(name, _)| *name == arrow) {
            return Some(code(*named));
        }
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(c), None) => Some(key(c)),
            (Some('f'), Some(_)) => {
                Some(code(KeyCode::F(text[1..].parse().ok().filter(|n| (1..=24).contains(n))?)))
            }
            _ => None,
        }
    }
}
