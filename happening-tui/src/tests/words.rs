//! Text that others wrote, and text in little room.

use crate::text::*;
use chrono::TimeDelta;

#[test]
fn the_invisible_is_made_visible() {
    assert_eq!(visible("plain, ünïcode, 夜"), "plain, ünïcode, 夜");
    assert_eq!(visible("\u{1b}[2J\r\n\t\0\u{7f}"), "␛[2J␍␊␉␀␡");
    assert_eq!(visible("a\u{202e}b\u{2066}c\u{200b}\u{9b}"), "a<U+202E>b<U+2066>c<U+200B><U+009B>");
    assert_eq!(visible("👩‍🚀"), "👩‍🚀", "joiners are part of ordinary emoji");
    let pile = format!("e{}", "\u{301}".repeat(50));
    assert_eq!(visible(&pile).chars().count(), 4);
}

#[test]
fn cuts_by_cells_and_not_by_letters() {
    assert_eq!(cut("Winter Gala", 11), "Winter Gala");
    assert_eq!(cut("Winter Gala", 7), "Winter…");
    assert_eq!(cut("夜のコンサート", 7), "夜のコ…");
    assert_eq!(cut("夜のコンサート", 6), "夜の…");
    assert_eq!(cut("anything", 0), "");
    for cells in 0..20 {
        for text in ["Winter Gala", "夜のコンサート 🎻", "👩‍🚀👩‍🚀👩‍🚀", "e\u{301}e\u{301}e\u{301}"]
        {
            assert!(width(&cut(text, cells)) <= cells, "{text} in {cells}");
            assert_eq!(width(&left(text, cells)), cells, "{text} in {cells}");
            assert_eq!(width(&right(text, cells)), cells, "{text} in {cells}");
        }
    }
}

#[test]
fn wraps_without_leaving_anything_out() {
    assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    assert_eq!(wrap("http://example.org/device", 10), ["http://exa", "mple.org/d", "evice"]);
    assert_eq!(wrap("", 5), [""]);
    assert_eq!(wrap("ab", 0), ["a", "b"]);
}

#[test]
fn numbers_and_times_are_for_people() {
    assert_eq!(number(1_234_567_u32), "1,234,567");
    assert_eq!(number(999_u32), "999");
    let compacted = [0, 9_999, 10_000, 18_204, 99_999, 100_000, 123_456, 1_000_000, 1_250_000].map(compact);
    assert_eq!(compacted, ["0", "9999", "10k", "18.2k", "99.9k", "100k", "123k", "1M", "1.2M"]);
    assert_eq!(count(1_u32, "seat", "seats"), "1 seat");
    assert_eq!(span(TimeDelta::seconds(12)), "12 s");
    assert_eq!(span(TimeDelta::seconds(-3)), "0 s");
    assert_eq!(span(TimeDelta::minutes(90)), "1 h");
    assert_eq!(span(TimeDelta::days(3)), "3 days");
    assert_eq!(countdown(TimeDelta::seconds(545)), "9:05");
    assert_eq!(grouped("WDJBMJHT"), "WDJB-MJHT");
    assert_eq!(grouped("WDJB-MJHT"), "WDJB-MJHT");
}

#[test]
fn numbers_of_seats_are_read_as_they_are_written() {
    assert_eq!(seats(&[5, 3, 4, 9, 10, 1]), "1, 3-5, 9, 10");
    assert_eq!(
        seats(&(1..100).step_by(2).collect::<Vec<_>>()),
        "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 38 more"
    );
    assert_eq!(parse_seats("3, 5-8 1"), Some(vec![1, 3, 5, 6, 7, 8]));
    assert_eq!(parse_seats(""), Some(Vec::new()));
    for wrong in ["a", "5-", "8-5", "1-4000000000", "-3"] {
        assert_eq!(parse_seats(wrong), None, "{wrong}");
    }
}
