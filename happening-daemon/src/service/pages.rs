//! Lists in pages.

use super::Error;
use crate::store::Part;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use happening_core::wire::PageQuery;
use uuid::Uuid;

/// Longest page, and longest list that is answered whole.
const LONGEST: u32 = 5_000;

/// A page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `size` of the items: the caller has read one more, to see whether there is a next page.
    pub(super) fn of(mut items: Vec<T>, size: u32, mark: impl Fn(&T) -> String) -> Self {
        let has_more = items.len() > size as usize;
        items.truncate(size as usize);
        let next = items.last().filter(|_| has_more).map(mark);
        Self { items, next }
    }
}

/// How long the page is to be.
pub(super) fn size(limit: Option<u32>) -> Result<u32, Error> {
    let size = limit.unwrap_or(LONGEST);
    if (1..=LONGEST).contains(&size) {
        return Ok(size);
    }
    Err(Error::invalid("limit", format!("must be between 1 and {LONGEST}")))
}

/// Which part of a list that begins with the newest, and how long the page is to be: one more is read, see [`Page::of`].
pub(super) fn part(query: &PageQuery) -> Result<(u32, Part), Error> {
    let size = size(query.limit)?;
    let before = query.cursor.as_deref().map(read_mark).transpose()?;
    Ok((size, Part { before, limit: Some(size + 1) }))
}

/// A cursor of a list that is ordered by time and id: opaque to clients, who only hand it back.
pub(super) fn write_mark(at: DateTime<Utc>, id: Uuid) -> String {
    format!("{}.{}", at.timestamp_micros(), id.simple())
}

/// Reads it back.
pub(super) fn read_mark(cursor: &str) -> Result<(DateTime<Utc>, Uuid), Error> {
    let mark = cursor.split_once('.').and_then(|(at, id)| {
        let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        Some((at, id.parse().ok()?))
    });
    mark.ok_or_else(unknown_mark)
}

/// A cursor of a list that is ordered by a text.
pub(super) fn write_text(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Reads it back.
pub(super) fn read_text(cursor: &str) -> Result<String, Error> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.filter(|text| !text.contains('\0')).ok_or_else(unknown_mark)
}

pub(super) fn unknown_mark() -> Error {
    Error::invalid("cursor", "is none that was handed out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back() {
        let at = "2026-12-01T19:00:00.000007Z".parse().expect("a time");
        let id = Uuid::from_u128(7);
        assert_eq!(read_mark(&write_mark(at, id)).expect("read"), (at, id));
        for bad in ["", ".", "x.y", "1", "99999999999999999999.0", "1.zz"] {
            assert!(read_mark(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_that_holds_all_is_the_last() {
        let page = |items: &[u32], size| Page::of(items.to_vec(), size, ToString::to_string);
        assert_eq!(page(&[1, 2, 3], 2).next.as_deref(), Some("2"));
        assert_eq!(page(&[1, 2, 3], 2).items, [1, 2]);
        assert_eq!(page(&[1, 2], 2).next, None);
    }
}
