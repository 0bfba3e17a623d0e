//! A distribution of durations as bars.

use super::Style;
use serde::Serialize;
use std::fmt::Write as _;

/// The first bar ends here, in microseconds; each further one is twice as wide.
const FIRST: u64 = 125;

/// Of the longest bar, in characters, where there is room.
const LONGEST: usize = 50;

/// Beside a bar: its limits and its count.
const BESIDE: usize = 32;

/// An eighth of a block, two eighths, and so on.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// How many were longer than one duration and at most as long as another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bar {
    /// Longer than this, in milliseconds.
    pub over_ms: f64,
    /// At most this.
    pub to_ms: f64,
    /// How many.
    pub count: u64,
}

/// Bars from durations in microseconds with their counts, which come in ascending order.
pub fn bars(counts: impl IntoIterator<Item = (u64, u64)>) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    let (mut over, mut to) = (0, FIRST);
    let bar = |over, to, count| Bar { over_ms: milliseconds(over), to_ms: milliseconds(to), count };
    let mut current = 0;
    for (value, count) in counts {
        while value > to {
            // Nothing is drawn before the first that has any.
            if current > 0 || !bars.is_empty() {
                bars.push(bar(over, to, current));
            }
            current = 0;
            (over, to) = (to, to.saturating_mul(2));
        }
        current += count;
    }
    if current > 0 {
        bars.push(bar(over, to, current));
    }
    bars
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^52 microseconds")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e3
}

/// The bars, a line each.
pub fn draw(bars: &[Bar], style: Style) -> String {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or_default();
    let room = usize::from(style.width.unwrap_or(u16::MAX)).saturating_sub(BESIDE).clamp(8, LONGEST);
    let mut text = String::new();
    for bar in bars {
        let limits = format!("{} - {} ms", bar.over_ms, bar.to_ms);
        let drawn = length(bar.count, most, room, style.unicode);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{limits:>19}  {drawn} {}", bar.count);
    }
    text
}

/// A bar, in proportion to the longest. What is there at all is seen.
fn length(count: u64, most: u64, room: usize, unicode: bool) -> String {
    if count == 0 {
        return String::new();
    }
    let steps = if unicode { room * EIGHTHS.len() } else { room };
    let share = u128::from(count) * steps as u128 / u128::from(most.max(1));
    let steps = usize::try_from(share).unwrap_or(steps).max(1);
    if !unicode {
        return "#".repeat(steps);
    }
    let mut bar = EIGHTHS[7].to_string().repeat(steps / EIGHTHS.len());
    if let Some(rest) = (steps % EIGHTHS.len()).checked_sub(1) {
        bar.push(EIGHTHS[rest]);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: [(u64, u64); 5] = [(130, 3), (250, 5), (251, 800), (1_900, 100), (60_000, 1)];

    #[test]
    fn bars_count_everything_once() {
        let bars = bars(COUNTS);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), 909);
        assert_eq!(bars[0], Bar { over_ms: 0.125, to_ms: 0.25, count: 8 });
        assert!(bars.windows(2).all(|pair| (pair[0].to_ms - pair[1].over_ms).abs() < f64::EPSILON));
        assert_eq!(super::bars([]), []);
        assert_eq!(super::bars([(0, 1), (125, 1)]), [Bar { over_ms: 0.0, to_ms: 0.125, count: 2 }]);
        assert_eq!(super::bars([(u64::MAX, 1)]).len(), 1);
    }

    #[test]
    fn they_are_drawn_in_proportion() {
        let bars = bars(COUNTS);
        let lines = |style| draw(&bars, style).lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        let drawn = lines(Style::plain(Some(80)));
        assert_eq!(drawn[0], "0.125 - 0.25 ms  ▍ 8");
        assert_eq!(drawn[1], format!("0.25 - 0.5 ms  {} 800", "█".repeat(48)));
        assert_eq!(drawn[2..4], ["0.5 - 1 ms   0", "1 - 2 ms  ██████ 100"]);
        assert_eq!(drawn[8..], ["32 - 64 ms  ▏ 1"], "what is there at all is seen");
        let drawn = lines(Style { unicode: false, ..Style::plain(Some(52)) });
        assert_eq!(drawn[0], "0.125 - 0.25 ms  # 8");
        assert_eq!(drawn[1], "0.25 - 0.5 ms  #################### 800");
        for width in 0..100 {
            draw(&bars, Style::plain(Some(width)));
        }
    }
}
