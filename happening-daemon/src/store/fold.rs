//! What searches compare: texts without the differences of case, width and composition.
//!
//! Neither database folds alike: `lower()` of SQLite knows ASCII alone, that of PostgreSQL follows the locale it was made
//! with. So the daemon folds both sides, with Unicode's tables (ICU4X, which the URL parser uses already), and stores the
//! folded text in a column beside the original. The columns can be indexed by trigrams on both databases.
//!
//! Identity is another matter: usernames and addresses are the same only if they differ in the case of ASCII letters alone.
//!
//! To make another text searchable: a column `…_folded`, written with [`fold`] wherever the text is, and a line in
//! `FOLDED` (`sql/folds.rs`) for the rows from before.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// The text as searches compare it: `NFKC_Casefold` of the Unicode standard (section 3.13, D146 and the property of that
/// name): full case folding, compatibility composition, and nothing that is never shown.
pub(in crate::store) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let ignored = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let shown: String = text.chars().filter(|letter| !ignored.contains(*letter)).collect();
    let (mapper, composer) = (CaseMapper::new(), ComposingNormalizerBorrowed::new_nfkc());
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(&shown);
    // Composing may bring forth letters that fold once more.
    let once = composer.normalize(&mapper.fold_string(&decomposed)).into_owned();
    composer.normalize(&mapper.fold_string(&once)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_width_and_composition_make_no_difference() {
        for (written, folded) in [
            ("JAZZ", "jazz"),
            ("\u{c4}rzte", "\u{e4}rzte"),
            ("A\u{308}rzte", "\u{e4}rzte"),
            ("STRASSE", "strasse"),
            ("Stra\u{df}e", "strasse"),
            ("\u{39f}\u{394}\u{39f}\u{3a3}", "\u{3bf}\u{3b4}\u{3bf}\u{3c3}"),
            ("\u{3bf}\u{3b4}\u{3bf}\u{3c2}", "\u{3bf}\u{3b4}\u{3bf}\u{3c3}"),
            ("\u{416}\u{418}\u{412}\u{41e}", "\u{436}\u{438}\u{432}\u{43e}"),
            ("\u{ff2a}\u{ff21}\u{ff3a}\u{ff3a}", "jazz"),
            ("\u{212a}elvin", "kelvin"),
            ("\u{fb01}sh", "fish"),
            ("Ja\u{200b}\u{ad}zz", "jazz"),
            ("\u{4e2d}\u{6587}", "\u{4e2d}\u{6587}"),
        ] {
            assert_eq!(fold(written), folded, "{written}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC*") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn capitals_fold_as_small_letters_do(text in "[a-z\u{e0}-\u{f6}\u{3b1}-\u{3c9}\u{430}-\u{44f}]*") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
        }
    }
}
