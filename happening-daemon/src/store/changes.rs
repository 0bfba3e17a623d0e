//! Changes as they are stored: a byte for the format, then the list. Binary, because a crowd writes thousands a second
//! and only daemons read them; people read `booking_history`.

use super::StoreError;
use happening_core::booking::Change;

/// Raised with each change of [`Change`] or of what is in it.
const FORMAT: u8 = 2;

/// The stored form of a list of changes.
pub(super) fn encode(changes: &[Change]) -> Vec<u8> {
    postcard::to_extend(changes, vec![FORMAT]).unwrap_or_else(|_| vec![FORMAT])
}

/// The reverse of [`encode`]; `None` for a list in the form of another version of this program.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<Vec<Change>>, StoreError> {
    let list = match bytes.split_first() {
        Some((&FORMAT, list)) => postcard::from_bytes(list).map(Some),
        Some(_) => Ok(None),
        None => Err(postcard::Error::DeserializeUnexpectedEnd),
    };
    list.map_err(|error| StoreError::Defect(format!("unreadable changes: {error}")))
}
