//! People: the names that are made for them, and what becomes of rows on both databases.

mod profiles;

use super::*;

#[test]
fn usernames_come_from_names_or_the_address() {
    assert_eq!(username(Some("Ada"), Some("Lovelace"), "x"), "ada.lovelace");
    assert_eq!(username(Some("Ada"), None, "x"), "ada");
    assert_eq!(username(None, Some(" "), "al"), "al");
    assert_eq!(username(Some("\u{202e}"), None, "user"), "user");
}

#[test]
fn namesakes_get_a_number_and_then_random_digits() {
    let ids = Ids::seeded(7);
    assert_eq!(namesake("ada", 2, &ids), "ada2");
    assert_eq!(namesake("ada", 7, &ids), "ada7");
    let (one, two) = (namesake("ada", 8, &ids), namesake("ada", 9, &ids));
    assert_eq!((one.as_str(), two.as_str()), ("ada00000007", "ada00000008"));
}
