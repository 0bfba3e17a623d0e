//! Who holds a seat, and how that reads in Redis, where operators look at it by hand.

use happening_core::id::UserId;
use std::fmt;
use uuid::Uuid;

/// Who holds a seat. Two tokens of one person are two holders, but no strangers: see [`Holder::user`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A signed-in person, by the token they were given for the hold.
    Person {
        /// Who.
        user: UserId,
        /// Their token.
        token: Uuid,
    },
    /// A socket, perhaps of a signed-in person.
    Socket {
        /// Its id, which holds no colon.
        id: String,
        /// Whose, if they said so.
        user: Option<UserId>,
    },
}

impl Holder {
    /// The person, if it is known who it is. A hold of nobody in particular is advice, not a claim.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Person { user, .. } => Some(*user),
            Self::Socket { user, .. } => *user,
        }
    }

    /// Whether another holder may take a seat over that this one holds: it is the same person's, or the same holder.
    pub fn gives_way_to(&self, other: &Self) -> bool {
        self == other || self.user().is_some() && self.user() == other.user()
    }

    /// Reads what [`fmt::Display`] wrote. Whatever else somebody left in Redis is a stranger's.
    pub fn parse(text: &str) -> Self {
        let known = match *text.split(':').collect::<Vec<_>>() {
            ["user", user, token] => {
                user.parse().ok().zip(token.parse().ok()).map(|(user, token)| Self::Person { user, token })
            }
            ["socket", id] => Some(Self::Socket { id: id.to_owned(), user: None }),
            ["socket", id, user] => {
                user.parse().ok().map(|user| Self::Socket { id: id.to_owned(), user: Some(user) })
            }
            _ => None,
        };
        known.unwrap_or_else(|| Self::Socket { id: text.to_owned(), user: None })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { user, token } => write!(f, "user:{user}:{token}"),
            Self::Socket { id, user: None } => write!(f, "socket:{id}"),
            Self::Socket { id, user: Some(user) } => write!(f, "socket:{id}:{user}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let user = UserId(Uuid::from_u128(7));
        for holder in [
            Holder::Person { user, token: Uuid::from_u128(8) },
            Holder::Socket { id: "Zx_-1".to_owned(), user: None },
            Holder::Socket { id: "Zx_-1".to_owned(), user: Some(user) },
        ] {
            assert_eq!(Holder::parse(&holder.to_string()), holder);
        }
    }

    #[test]
    fn what_nobody_wrote_is_a_strangers() {
        for text in ["", "me", "user:1:2", "user:", "socket:a:b", "socket:a:b:c", "user:x"] {
            let holder = Holder::parse(text);
            assert_eq!(holder, Holder::Socket { id: text.to_owned(), user: None }, "{text}");
        }
    }
}
