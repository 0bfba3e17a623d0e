//! Colours and signs. Every one that the screens use has its name here, and none of them is the only bearer of a fact:
//! beside each colour stands a word or a sign.
//!
//! Add a theme: a constructor beside [`Theme::dark`] and its name in [`Look`].

use crate::model::Tone;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// How things look.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Which it is.
    pub look: Look,
    /// What the terminal writes on.
    pub background: Background,
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
    /// Seats that a person has picked; laid over what is there.
    pub picked: Style,
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
    /// A seat that has just been booked, and one that has just come free.
    pub just: [&'static str; 2],
    /// A seat of the person who is looked for.
    pub theirs: &'static str,
    /// A seat that is picked.
    pub picked: &'static str,
    /// Rows that are marked.
    pub mark: &'static str,
    /// Downwards and upwards.
    pub sorted: [&'static str; 2],
    /// From nothing to full, nine of them.
    pub levels: [&'static str; 9],
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
    just: ["◆", "◇"],
    theirs: "★",
    picked: "✓",
    mark: "✓",
    sorted: ["↓", "↑"],
    levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
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
    just: ["%", ","],
    theirs: "$",
    picked: "+",
    mark: "+",
    sorted: ["v", "^"],
    levels: [" ", ".", ":", "-", "=", "+", "*", "#", "@"],
    bar: ["=", "-", "."],
    spinner: &["|", "/", "-", "\\"],
    border: ASCII_BORDER,
    border_focused: border::Set { horizontal_top: "=", horizontal_bottom: "=", ..ASCII_BORDER },
};

/// The themes by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// For dark terminals with 24-bit colours.
    Dark,
    /// For light terminals with 24-bit colours.
    Light,
    /// Black, white and few strong colours.
    Contrast,
    /// Sixteen colours, in whatever shades the terminal has them.
    Sixteen,
    /// No colours.
    Plain,
}

impl Look {
    /// In the order in which `ctrl-t` goes through them.
    pub const ALL: [Self; 5] = [Self::Dark, Self::Light, Self::Contrast, Self::Sixteen, Self::Plain];

    /// Its name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "high-contrast",
            Self::Sixteen => "16",
            Self::Plain => "plain",
        }
    }

    /// The look of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|look| look.name() == name)
    }

    fn theme(self, background: Background) -> Theme {
        let theme = match self {
            Self::Dark => Theme::dark(),
            Self::Light => Theme::light(),
            Self::Contrast => Theme::contrast(),
            Self::Sixteen => Theme::sixteen(background),
            Self::Plain => Theme::plain(),
        };
        Theme { background, ..theme }
    }
}

/// What a terminal writes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Background {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

/// Which theme is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// The one that suits the terminal.
    #[default]
    Auto,
    /// This one.
    Look(Look),
}

impl Wanted {
    /// What there is, for whoever named something else.
    pub const NAMES: &str = "auto, dark, light, high-contrast, 16 and plain";

    /// What is meant by a name.
    pub fn named(name: &str) -> Option<Self> {
        if name == "auto" { Some(Self::Auto) } else { Look::named(name).map(Self::Look) }
    }
}

impl Theme {
    /// The theme that is wanted, or else the one that suits the terminal: `NO_COLOR` takes the colours away, `COLORTERM` promises
    /// 24 bits, and the terminal is asked for its background; where it does not answer, `COLORFGBG` may tell. A locale that is
    /// named and is not UTF-8 gets signs in ASCII.
    pub fn choose(
        wanted: Wanted,
        variable: impl Fn(&str) -> Option<String>,
        ask: impl FnOnce() -> Option<Background>,
    ) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let told = || {
            // "0;15" is black on white.
            let colour = set("COLORFGBG")?.rsplit(';').next()?.parse::<u8>().ok()?;
            Some(if colour == 7 || colour == 15 { Background::Light } else { Background::Dark })
        };
        let background = match wanted {
            // Only these depend on it.
            Wanted::Auto | Wanted::Look(Look::Sixteen) if set("NO_COLOR").is_none() => {
                ask().or_else(told).unwrap_or_default()
            }
            Wanted::Look(Look::Light) => Background::Light,
            _ => Background::Dark,
        };
        let has_24_bits = set("COLORTERM").is_some_and(|depth| depth == "truecolor" || depth == "24bit");
        let look = match (wanted, background) {
            (Wanted::Look(look), _) => look,
            (Wanted::Auto, _) if set("NO_COLOR").is_some() => Look::Plain,
            (Wanted::Auto, _) if !has_24_bits => Look::Sixteen,
            (Wanted::Auto, Background::Dark) => Look::Dark,
            (Wanted::Auto, Background::Light) => Look::Light,
        };
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self { signs: if utf8 { UNICODE } else { ASCII }, ..look.theme(background) }
    }

    /// Another look, with the same signs.
    #[must_use]
    pub fn with(self, look: Look) -> Self {
        Self { signs: self.signs, ..look.theme(self.background) }
    }

    /// The look after this one.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Look::ALL.iter().position(|look| *look == self.look).unwrap_or(0);
        self.with(Look::ALL[(at + 1) % Look::ALL.len()])
    }

    /// The style of a tone.
    pub fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Text => self.text,
            Tone::Strong => self.strong,
            Tone::Muted => self.muted,
            Tone::Faint => self.faint,
            Tone::Accent => self.accent,
            Tone::Good => self.good,
            Tone::Warn => self.warn,
            Tone::Bad => self.bad,
        }
    }

    /// For dark terminals with 24-bit colours.
    pub fn dark() -> Self {
        let (accent, faint) = (Color::Rgb(0x8a, 0xb4, 0xf8), Color::Rgb(0x4a, 0x50, 0x5c));
        Self {
            look: Look::Dark,
            picked: Style::new().fg(Color::Rgb(0x14, 0x18, 0x20)).bg(Color::Rgb(0xf2, 0xc5, 0x6b)),
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

    /// For light terminals with 24-bit colours.
    pub fn light() -> Self {
        let (accent, faint) = (Color::Rgb(0x1a, 0x5f, 0xb4), Color::Rgb(0xb8, 0xbe, 0xc8));
        Self {
            look: Look::Light,
            picked: Style::new().fg(Color::Rgb(0xff, 0xff, 0xff)).bg(Color::Rgb(0x9a, 0x5b, 0x00)),
            muted: Style::new().fg(Color::Rgb(0x5b, 0x64, 0x72)),
            faint: Style::new().fg(faint),
            accent: Style::new().fg(accent),
            good: Style::new().fg(Color::Rgb(0x1e, 0x7a, 0x34)),
            warn: Style::new().fg(Color::Rgb(0x9a, 0x5b, 0x00)),
            bad: Style::new().fg(Color::Rgb(0xc0, 0x1c, 0x28)),
            taken: Style::new().fg(Color::Rgb(0x5a, 0x6b, 0x98)),
            border: Style::new().fg(faint),
            border_focused: Style::new().fg(accent),
            selected: Style::new().bg(Color::Rgb(0xdc, 0xe6, 0xf5)).add_modifier(Modifier::BOLD),
            brand: Style::new().fg(Color::Rgb(0xff, 0xff, 0xff)).bg(accent).add_modifier(Modifier::BOLD),
            ..Self::plain()
        }
    }

    /// For eyes or screens that need it: no greys.
    pub fn contrast() -> Self {
        let bold = |colour| Style::new().fg(colour).add_modifier(Modifier::BOLD);
        Self {
            look: Look::Contrast,
            picked: Style::new().fg(Color::Black).bg(Color::LightYellow).add_modifier(Modifier::BOLD),
            faint: Style::new(),
            accent: bold(Color::LightCyan),
            good: bold(Color::LightGreen),
            warn: bold(Color::LightYellow),
            bad: bold(Color::LightRed),
            taken: bold(Color::LightBlue),
            border: Style::new(),
            border_focused: bold(Color::LightCyan),
            brand: Style::new().fg(Color::Black).bg(Color::LightCyan).add_modifier(Modifier::BOLD),
            ..Self::plain()
        }
    }

    /// For terminals with sixteen colours, in whatever shades they have them: the light ones are not read on a light background.
    pub fn sixteen(background: Background) -> Self {
        let [muted, faint, accent, warn, bad, taken] = match background {
            Background::Dark => {
                [Color::Gray, Color::DarkGray, Color::Cyan, Color::Yellow, Color::LightRed, Color::LightBlue]
            }
            Background::Light => {
                [Color::DarkGray, Color::Gray, Color::Blue, Color::Magenta, Color::Red, Color::Blue]
            }
        };
        Self {
            look: Look::Sixteen,
            picked: Style::new().fg(Color::Black).bg(Color::Yellow),
            muted: Style::new().fg(muted),
            faint: Style::new().fg(faint),
            accent: Style::new().fg(accent),
            good: Style::new().fg(Color::Green),
            warn: Style::new().fg(warn),
            bad: Style::new().fg(bad),
            taken: Style::new().fg(taken),
            border: Style::new().fg(faint),
            border_focused: Style::new().fg(accent),
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
            look: Look::Plain,
            background: Background::Dark,
            picked: Style::new().add_modifier(Modifier::REVERSED),
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
