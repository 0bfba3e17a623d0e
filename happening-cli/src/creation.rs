//! Creations that may be asked for again, by the next run of the same command too.

use happening_core::client::{ClientError, Once};
use happening_core::declare::key;
use happening_core::wire::ErrorCode;
use uuid::Uuid;

/// How often a creation is asked for under another key because what was made under the last one is gone.
const TRIES: usize = 100;

/// What a creation led to.
pub struct Made<T> {
    /// What is there now.
    pub value: T,
    /// Whether it was made by this request, rather than by an earlier one.
    pub is_new: bool,
}

/// Creates something under a key that follows from what it is. So a creation whose answer was lost, be it with the whole
/// process, is not made a second time. An answer from memory may be about something that was deleted or made into something
/// else since, which `look` finds out: then the next key follows from that one's id too.
pub async fn once<T>(
    mut parts: Vec<String>,
    ask: impl AsyncFn(Uuid) -> Result<Once<T>, ClientError>,
    look: impl AsyncFn(&T) -> Result<Option<T>, ClientError>,
    id: impl Fn(&T) -> String,
) -> Result<Made<T>, ClientError> {
    for _ in 0..TRIES {
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        let Once { value, is_replayed } = ask(key(&words)).await?;
        if !is_replayed {
            return Ok(Made { value, is_new: true });
        }
        match look(&value).await? {
            Some(value) => return Ok(Made { value, is_new: false }),
            None => parts.push(id(&value)),
        }
    }
    Err(ClientError::Broken("what is created is gone again each time".to_owned()))
}

/// What was found, if it is there and still what was asked for.
pub fn still<T>(
    found: Result<T, ClientError>,
    is_meant: impl Fn(&T) -> bool,
) -> Result<Option<T>, ClientError> {
    match found {
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
        found => Ok(Some(found?).filter(is_meant)),
    }
}
