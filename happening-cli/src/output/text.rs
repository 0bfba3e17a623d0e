//! Text as a person reads it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
pub use happening_core::text::{acts, visible};

/// A time in a zone, and saying so.
pub fn instant(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// The zone of whoever looks: `TZ`, else what the machine is set to, else UTC.
pub fn local_zone(tz: Option<&str>) -> Tz {
    let named = |name: &str| name.trim_start_matches(':').parse().ok();
    // A variable that names no zone, such as `CET-1CEST`, is not a wish for the machine's.
    match tz.filter(|tz| !tz.is_empty()) {
        Some(tz) => named(tz).unwrap_or(Tz::UTC),
        None => iana_time_zone::get_timezone().ok().and_then(|name| named(&name)).unwrap_or(Tz::UTC),
    }
}

/// Seat numbers with runs drawn together: `1-3, 7`.
pub fn seat_ranges(seats: &[u32]) -> String {
    let mut parts = Vec::new();
    let mut rest = seats;
    while let Some(&first) = rest.first() {
        let run = rest.windows(2).take_while(|pair| pair[1] == pair[0] + 1).count();
        let last = rest[run];
        parts.push(match run {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}-{last}"),
        });
        rest = &rest[run + 1..];
    }
    parts.join(", ")
}

/// A code in groups that the eye can keep, if the issuer has not grouped it.
pub fn grouped(code: &str) -> String {
    let length = code.chars().count();
    if length < 6 || !code.chars().all(|c| c.is_ascii_alphanumeric()) {
        return code.to_owned();
    }
    let size = if length.is_multiple_of(4) || !length.is_multiple_of(3) { 4 } else { 3 };
    let code: Vec<char> = code.chars().collect();
    code.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Whether the locale has more than ASCII (POSIX, 8.2: the first of these that is set decides).
pub fn writes_unicode() -> bool {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_uppercase();
    locale.contains("UTF-8") || locale.contains("UTF8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_writing_is_left_alone() {
        for text in ["Ünïcödé", "日本語", "مرحبا", "שלום", "👩‍💻 🇩🇪", "نمی\u{200c}خواهم"]
        {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn runs_of_seats_are_drawn_together() {
        assert_eq!(seat_ranges(&[]), "");
        assert_eq!(seat_ranges(&[4]), "4");
        assert_eq!(seat_ranges(&[1, 2, 4, 5, 6, 9]), "1, 2, 4-6, 9");
        assert_eq!(seat_ranges(&[5, 4]), "5, 4");
        assert_eq!(seat_ranges(&(1..=100_000).collect::<Vec<_>>()), "1-100000");
    }

    #[test]
    fn codes_are_grouped_once() {
        assert_eq!(grouped("ABCDEFGH"), "ABCD-EFGH");
        assert_eq!(grouped("ABCD-EFGH"), "ABCD-EFGH");
        assert_eq!(grouped("123456789"), "123-456-789");
        assert_eq!(grouped("1234"), "1234");
    }

    #[test]
    fn times_name_their_zone() {
        let at = "2026-12-01T19:00:59Z".parse().unwrap();
        assert_eq!(instant(at, Tz::UTC), "2026-12-01 19:00 UTC");
        assert_eq!(instant(at, local_zone(Some("Europe/Berlin"))), "2026-12-01 20:00 CET");
        assert_eq!(instant(at, local_zone(Some(":America/New_York"))), "2026-12-01 14:00 EST");
        assert_eq!(local_zone(Some("nowhere")), Tz::UTC);
    }
}
