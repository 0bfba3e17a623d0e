//! Colours and signs. Every one that the screens use has its name here, and none of them is the only bearer of a fact:
//! beside each colour stands a word or a sign.
//!
//! Add a theme: a constructor beside [`Theme::dark`] and its choice in [`Theme::from_environment`].

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// How things look.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What one came to read.
    pub strong: Style,
    /// Labels, units, what is over.
    pub muted: Style,
    /// What is only there for the eye.
    pub faint: Style,
    /// Keys, titles, the brand.
    pub accent: Style,
    /// Free seats, all is well.
    pub good: Style,
    /// Held seats, stale data.
    pub warn: Style,
    /// Errors, nothing left.
    pub bad: Style,
    /// Taken seats.
    pub taken: Style,
    /// Frame of a pane.
    pub border: Style,
    /// Frame of the pane that has the keys.
    pub border_focused: Style,
    /// The row under the cursor; laid over what is there.
    pub selected: Style,
    /// The brand in the header.
    pub brand: Style,
    /// The signs.
    pub signs: Signs,
}

/// Signs, each one cell wide.
#[derive(Debug, Clone, Copy)]
pub struct Signs {
    /// Beside the brand.
    pub brand: &'static str,
    /// All is well.
    pub live: &'static str,
    /// What is shown is old.
    pub stale: &'static str,
    /// An error.
    pub error: &'static str,
    /// The row under the cursor.
    pub cursor: &'static str,
    /// Between places.
    pub into: &'static str,
    /// Between facts.
    pub dot: &'static str,
    /// A free seat.
    pub free: &'static str,
    /// A seat that somebody is picking.
    pub held: &'static str,
    /// A booked seat.
    pub taken: &'static str,
    /// The full, half and empty parts of a bar.
    pub bar: [&'static str; 3],
    /// Something is under way.
    pub spinner: &'static [&'static str],
    /// Frame of a pane.
    pub border: border::Set<'static>,
    /// Frame of the pane that has the keys.
    pub border_focused: border::Set<'static>,
}

const UNICODE: Signs = Signs {
    brand: "◆",
    live: "●",
    stale: "▲",
    error: "✖",
    cursor: "▌",
    into: "›",
    dot: "·",
    free: "○",
    held: "◐",
    taken: "●",
    bar: ["━", "╸", "─"],
    spinner: &["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"],
    border: border::ROUNDED,
    border_focused: border::THICK,
};

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

const ASCII: Signs = Signs {
    brand: "*",
    live: "o",
    stale: "!",
    error: "x",
    cursor: ">",
    into: ">",
    dot: "-",
    free: ".",
    held: "?",
    taken: "#",
    bar: ["=", "-", "."],
    spinner: &["|", "/", "-", "\\"],
    border: ASCII_BORDER,
    border_focused: border::Set { horizontal_top: "=", horizontal_bottom: "=", ..ASCII_BORDER },
};

impl Theme {
    /// The theme that suits the terminal: `NO_COLOR` takes the colours away, `COLORTERM` promises 24 bits, and a
    /// locale that is named and is not UTF-8 gets signs in ASCII.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let theme = if set("NO_COLOR").is_some() {
            Self::plain()
        } else if set("COLORTERM").is_some_and(|depth| depth == "truecolor" || depth == "24bit") {
            Self::dark()
        } else {
            Self::sixteen()
        };
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self { signs: if utf8 { UNICODE } else { ASCII }, ..theme }
    }

    /// For dark terminals with 24-bit colours.
    pub fn dark() -> Self {
        let (accent, faint) = (Color::Rgb(0x8a, 0xb4, 0xf8), Color::Rgb(0x4a, 0x50, 0x5c));
        Self {
            muted: Style::new().fg(Color::Rgb(0x8b, 0x94, 0xa3)),
            faint: Style::new().fg(faint),
            accent: Style::new().fg(accent),
            good: Style::new().fg(Color::Rgb(0x8f, 0xd1, 0x9e)),
            warn: Style::new().fg(Color::Rgb(0xf2, 0xc5, 0x6b)),
            bad: Style::new().fg(Color::Rgb(0xf2, 0x8b, 0x82)),
            taken: Style::new().fg(Color::Rgb(0x66, 0x77, 0xa0)),
            border: Style::new().fg(faint),
            border_focused: Style::new().fg(accent),
            selected: Style::new().bg(Color::Rgb(0x2b, 0x33, 0x42)).add_modifier(Modifier::BOLD),
            brand: Style::new().fg(Color::Rgb(0x14, 0x18, 0x20)).bg(accent).add_modifier(Modifier::BOLD),
            ..Self::plain()
        }
    }

    /// For terminals with sixteen colours, in whatever shades they have them.
    pub fn sixteen() -> Self {
        Self {
            muted: Style::new().fg(Color::Gray),
            faint: Style::new().fg(Color::DarkGray),
            accent: Style::new().fg(Color::Cyan),
            good: Style::new().fg(Color::Green),
            warn: Style::new().fg(Color::Yellow),
            bad: Style::new().fg(Color::LightRed),
            taken: Style::new().fg(Color::LightBlue),
            border: Style::new().fg(Color::DarkGray),
            border_focused: Style::new().fg(Color::Cyan),
            selected: Style::new().add_modifier(Modifier::REVERSED),
            brand: Style::new().fg(Color::Black).bg(Color::Cyan),
            ..Self::plain()
        }
    }

    /// Without colours.
    pub fn plain() -> Self {
        let (bold, dim) =
            (Style::new().add_modifier(Modifier::BOLD), Style::new().add_modifier(Modifier::DIM));
        Self {
            text: Style::new(),
            strong: bold,
            muted: Style::new(),
            faint: dim,
            accent: bold,
            good: Style::new(),
            warn: bold,
            bad: bold,
            taken: Style::new(),
            border: dim,
            border_focused: bold,
            selected: Style::new().add_modifier(Modifier::REVERSED),
            brand: Style::new().add_modifier(Modifier::REVERSED),
            signs: UNICODE,
        }
    }
}
