//! Who holds a seat, and how that reads in Redis, where operators look at it by hand.

use crate::places::network_of;
use happening_core::id::UserId;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::net::IpAddr;
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
        /// From where, if nobody said whose it is.
        peer: Option<Peer>,
    },
}

/// A network address as holds know it: a few bits of its digest, so that the holds of one address can be counted over all
/// daemons and no address is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer(u32);

impl Peer {
    /// The peer at an address.
    pub fn of(address: IpAddr) -> Self {
        let digest = Sha256::digest(network_of(address).to_string());
        Self(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]))
    }

    fn parse(text: &str) -> Option<Self> {
        (text.len() == 8).then(|| u32::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl Holder {
    /// The person, if it is known who it is. A hold of nobody in particular is advice, not a claim.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Person { user, .. } => Some(*user),
            Self::Socket { user, .. } => *user,
        }
    }

    /// Whether another holder may take over a seat that this one holds: it is the same holder or the same person, or it is
    /// a person where this one is anonymous.
    pub fn gives_way_to(&self, other: &Self) -> bool {
        self == other || other.user().is_some() && (self.user().is_none() || self.user() == other.user())
    }

    /// Whether the seats of the two are counted together: they are one person's, or anonymous and of one address.
    pub fn is_grouped_with(&self, other: &Self) -> bool {
        let peer = |holder: &Self| match holder {
            Self::Socket { user: None, peer, .. } => *peer,
            _ => None,
        };
        match (self.user(), other.user()) {
            (None, None) => peer(self).is_some() && peer(self) == peer(other),
            (own, others) => own == others,
        }
    }

    /// Reads what [`fmt::Display`] wrote. Whatever else somebody left in Redis is a stranger's.
    pub fn parse(text: &str) -> Self {
        let known = match *text.split(':').collect::<Vec<_>>() {
            ["user", user, token] => {
                user.parse().ok().zip(token.parse().ok()).map(|(user, token)| Self::Person { user, token })
            }
            ["socket", id] => Some(Self::Socket { id: id.to_owned(), user: None, peer: None }),
            ["socket", id, "", peer] => {
                Peer::parse(peer).map(|peer| Self::Socket { id: id.to_owned(), user: None, peer: Some(peer) })
            }
            ["socket", id, user] => {
                user.parse().ok().map(|user| Self::Socket { id: id.to_owned(), user: Some(user), peer: None })
            }
            _ => None,
        };
        known.unwrap_or_else(|| Self::Socket { id: text.to_owned(), user: None, peer: None })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { user, token } => write!(f, "user:{user}:{token}"),
            Self::Socket { id, user: Some(user), .. } => write!(f, "socket:{id}:{user}"),
            Self::Socket { id, user: None, peer: Some(peer) } => write!(f, "socket:{id}::{peer}"),
            Self::Socket { id, user: None, peer: None } => write!(f, "socket:{id}"),
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
            Holder::Socket { id: "Zx_-1".to_owned(), user: None, peer: None },
            Holder::Socket { id: "Zx_-1".to_owned(), user: None, peer: Some(Peer(0x00ab_cdef)) },
            Holder::Socket { id: "Zx_-1".to_owned(), user: Some(user), peer: None },
        ] {
            assert_eq!(Holder::parse(&holder.to_string()), holder);
        }
    }

    #[test]
    fn what_nobody_wrote_is_a_strangers() {
        for text in ["", "me", "user:1:2", "user:", "socket:a:b", "socket:a:b:c", "socket:a::b", "user:x"] {
            let holder = Holder::parse(text);
            assert_eq!(holder, Holder::Socket { id: text.to_owned(), user: None, peer: None }, "{text}");
        }
    }

    #[test]
    fn a_peer_is_one_customers_network() {
        let peer = |text: &str| Peer::of(text.parse().expect("an address"));
        assert_eq!(peer("2001:db8::1"), peer("2001:db8::ffff:2"));
        assert_eq!(peer("192.0.2.1"), peer("::ffff:192.0.2.1"));
        assert!(peer("192.0.2.1") != peer("192.0.2.2") && peer("2001:db8::1") != peer("2001:db8:0:1::1"));
    }
}
