//! Text that others wrote, made fit for a terminal: nothing in it moves the cursor, turns the line around or takes more
//! cells than it was given.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks that may sit on one letter; more would spill over the lines above and below.
const MARKS_ON_A_LETTER: usize = 3;

/// The text with everything invisible made visible, as everywhere ([`happening_core::text::visible`]), and with no more marks
/// on a letter than its line has place for.
pub fn visible(text: &str) -> String {
    // Nearly all text: nothing in it is invisible.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in happening_core::text::visible(text).chars() {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        if marks <= MARKS_ON_A_LETTER {
            out.push(c);
        }
    }
    out
}

/// Cells that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut to `cells` with an ellipsis where it is longer.
pub fn cut(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    if cells == 0 {
        return String::new();
    }
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if text[..next].width() > cells - 1 {
            break;
        }
        end = next;
    }
    format!("{}…", &text[..end])
}

/// The text in exactly `cells` cells, flush left.
pub fn left(text: &str, cells: usize) -> String {
    let text = cut(text, cells);
    let rest = cells.saturating_sub(text.width());
    text + &" ".repeat(rest)
}

/// The text in exactly `cells` cells, flush right.
pub fn right(text: &str, cells: usize) -> String {
    let text = cut(text, cells);
    " ".repeat(cells.saturating_sub(text.width())) + &text
}

/// The text in lines of at most `cells` cells, broken at spaces where there are any. Nothing is left out: addresses
/// that do not fit go on in the next line.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("begun with one line");
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() <= cells {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(String::new());
        }
        for c in word.chars() {
            let line = lines.last_mut().expect("begun with one line");
            if line.width() + c.width().unwrap_or(0) > cells && !line.is_empty() {
                lines.push(String::from(c));
            } else {
                line.push(c);
            }
        }
    }
    lines
}

/// The text with a capital at its beginning, unless that is an address.
pub fn sentence(text: &str) -> String {
    if text.starts_with("http") {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Seats by their numbers: `seat 3`, `seats 3-5`.
pub fn named_seats(numbers: &[u32]) -> String {
    if numbers.len() == 1 { format!("seat {}", seats(numbers)) } else { format!("seats {}", seats(numbers)) }
}

/// A number with its thousands set apart.
pub fn number(n: impl Into<u64>) -> String {
    let digits = n.into().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number in at most five cells: `9999`, `18.2k`, `100k`, `1M`.
pub fn compact(n: u32) -> String {
    let tenths = |n: u32, unit: u32, name: char| match n / (unit / 10) % 10 {
        0 => format!("{}{name}", n / unit),
        tenth if n < 100 * unit => format!("{}.{tenth}{name}", n / unit),
        _ => format!("{}{name}", n / unit),
    };
    match n {
        0..10_000 => n.to_string(),
        10_000..1_000_000 => tenths(n, 1_000, 'k'),
        _ => tenths(n, 1_000_000, 'M'),
    }
}

/// `1 seat`, `2 seats`.
pub fn count(n: impl Into<u64>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// How long something took or lies back, in its largest unit.
pub fn span(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// How long ago something was. Seconds are not told: a text that changes each second would be drawn each second.
pub fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let age = now - at;
    if age < TimeDelta::minutes(1) { "now".to_owned() } else { span(age) }
}

/// When something is, seen from now, in minutes at least.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match at - now {
        ahead if ahead >= TimeDelta::minutes(1) => format!("in {}", span(ahead)),
        back if back <= TimeDelta::minutes(-1) => format!("{} ago", span(-back)),
        _ => "this minute".to_owned(),
    }
}

/// What is left of a countdown, `9:05`.
pub fn countdown(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A date in 12 cells: the time within this year, else the year.
pub fn short_date(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if at.year() == now.year() { at.format("%e %b %H:%M") } else { at.format("%e %b  %Y") }.to_string()
}

/// A date in full.
pub fn long_date(at: DateTime<Utc>) -> String {
    at.format("%a %e %b %Y %H:%M").to_string()
}

/// A sign-in code in groups that can be read aloud: as the issuer grouped it, else by fours.
pub fn grouped(code: &str) -> String {
    let code = visible(code);
    if code.contains(['-', ' ']) {
        return code;
    }
    code.chars().collect::<Vec<_>>().chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// Numbers of seats, with ranges: `1, 3-5`. Long lists end with how many more there are.
pub fn seats(numbers: &[u32]) -> String {
    const MOST: usize = 12;
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in sorted {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let rest: u64 = ranges.iter().skip(MOST).map(|(first, last)| u64::from(last - first) + 1).sum();
    let shown = ranges.iter().take(MOST).map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    });
    let shown = shown.collect::<Vec<_>>().join(", ");
    if rest > 0 { format!("{shown} and {} more", number(rest)) } else { shown }
}

/// Reads numbers of seats as [`seats`] writes them; `None` for what is none.
pub fn parse_seats(text: &str) -> Option<Vec<u32>> {
    const MOST: u32 = 10_000;
    let mut numbers = Vec::new();
    for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if first > last || last - first > MOST {
            return None;
        }
        numbers.extend(first..=last);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

/// A rate: whole from ten on.
pub fn rate(value: f64) -> String {
    if value >= 10.0 || value.fract() == 0.0 {
        // Saturates, and rates are not negative.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates; rates are not negative"
        )]
        let whole = value.round() as u64;
        number(whole)
    } else {
        format!("{value:.1}")
    }
}
