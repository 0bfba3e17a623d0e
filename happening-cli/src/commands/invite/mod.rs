//! `happening invite`.

mod accept;
mod blocks;
mod list;
mod reject;
mod resend;
mod revoke;
mod send;
mod unblock;

crate::frame::verbs! {
    /// Invite somebody to an organization, by e-mail address
    Send => send,
    /// List invites that wait for your answer, or those of an organization
    List => list,
    /// Become a member
    Accept => accept,
    /// Decline an invite
    Reject => reject,
    /// Invite again: a new token, and seven more days
    Resend => resend,
    /// Take an invite back
    Revoke => revoke,
    /// List the organizations whose invites you blocked
    Blocks => blocks,
    /// Let the invites of an organization reach you again
    Unblock => unblock,
}
