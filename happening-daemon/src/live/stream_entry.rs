//! A message with the id by which a reader that comes back says what it has read.

use happening_core::wire::LiveMessage;
use std::fmt;
use std::str::FromStr;

/// The place of a message in its stream: the commit and the message's number within it. Every daemon makes the same
/// messages of a commit, so a reader may come back to another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamEntryId {
    /// The event's version; on the operators' stream, which counts by itself, the daemon's run.
    pub version: u64,
    /// 0 for the first message of a commit; [`u32::MAX`] for the last, after which the whole commit is sent.
    pub index: u32,
}

impl StreamEntryId {
    /// Everything up to a version was sent.
    pub const fn whole(version: u64) -> Self {
        Self { version, index: u32::MAX }
    }

    /// The id of a commit's message. Its figures are the last.
    pub(super) fn of(version: u64, index: u32, message: &LiveMessage) -> Self {
        if matches!(message, LiveMessage::Figures(_)) {
            Self::whole(version)
        } else {
            Self { version, index }
        }
    }
}

impl fmt::Display for StreamEntryId {
    /// `12.0`, `12.1`, and `12` once the whole commit is sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.index == u32::MAX {
            return write!(f, "{}", self.version);
        }
        write!(f, "{}.{}", self.version, self.index)
    }
}

impl FromStr for StreamEntryId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('.') {
            Some((version, index)) => Ok(Self { version: version.parse()?, index: index.parse()? }),
            None => Ok(Self::whole(text.parse()?)),
        }
    }
}

/// A message and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEntry {
    /// Its place.
    pub id: StreamEntryId,
    /// What is sent.
    pub message: LiveMessage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written_and_ordered_as_they_are_sent() {
        let ids = ["0", "7.0", "7.1", "7", "8.0"].map(|text| text.parse::<StreamEntryId>().expect("an id"));
        assert!(ids.is_sorted());
        assert_eq!(ids.map(|id| id.to_string()), ["0", "7.0", "7.1", "7", "8.0"]);
        for bad in ["", "x", "1.", ".1", "1.2.3", "-1"] {
            assert!(bad.parse::<StreamEntryId>().is_err(), "{bad}");
        }
    }
}
