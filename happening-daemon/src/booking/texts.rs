//! Texts of notifications about a change, and of what support reads in a booking's history.

use happening_core::booking::{Pass, Seats};
use std::fmt::Write as _;

/// `seat 4`, `seats 3, 4 and 5`; a long list is counted.
pub(super) fn seats(seats: &Seats) -> String {
    match seats.as_slice() {
        [] => "no seats".to_owned(),
        [seat] => format!("seat {seat}"),
        many if many.len() > 12 => {
            format!("{} seats from {} to {}", many.len(), many[0], many[many.len() - 1])
        }
        [rest @ .., last] => {
            let mut text = String::from("seats ");
            for (index, seat) in rest.iter().enumerate() {
                let _ = write!(text, "{}{seat}", if index == 0 { "" } else { ", " });
            }
            let _ = write!(text, " and {last}");
            text
        }
    }
}

/// The role in which somebody books for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookerRole {
    /// Created the event.
    Organizer,
    /// Governs the event's organization.
    OrgAdmin,
    /// Has the realm role of support.
    Support,
    /// Has the realm role of operators.
    Operator,
}

impl BookerRole {
    /// As the subject of a sentence. The name is not in it: notifications outlive the erasure of a person.
    pub(super) fn subject(self) -> &'static str {
        match self {
            Self::Organizer => "The organizer of this event",
            Self::OrgAdmin => "An admin of the organization",
            Self::Support => "The support staff",
            Self::Operator => "An operator",
        }
    }
}

/// `1 seat`, `3 seats`.
pub(super) fn count(seats: u32) -> String {
    format!("{seats} seat{}", if seats == 1 { "" } else { "s" })
}

/// A place in line, 1 for the first, of a party with so many ahead of it.
pub(super) fn ordinal(ahead: u32) -> u32 {
    ahead.saturating_add(1)
}

/// A place in line, and the number that orders the line, by which support distinguishes parties.
pub(super) fn place(ahead: u32, number: u64) -> String {
    format!("place {} in line, order number {number}", ordinal(ahead))
}

/// Why somebody went before the head.
pub(super) fn pass(pass: &Pass) -> String {
    format!(
        "the head waits for {}: passed {} of {} times, booking {}",
        count(pass.head_seats),
        pass.count,
        pass.limit,
        pass.head
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_read_as_people_say_them() {
        assert_eq!(seats(&Seats::from_slice(&[4])), "seat 4");
        assert_eq!(seats(&Seats::from_slice(&[3, 4])), "seats 3 and 4");
        assert_eq!(seats(&Seats::from_slice(&[3, 4, 9])), "seats 3, 4 and 9");
        assert_eq!(seats(&(1..=40).collect()), "40 seats from 1 to 40");
        assert_eq!(count(1), "1 seat");
    }
}
