//! `happening invite`.

mod accept;
mod list;
mod reject;
mod resend;
mod revoke;
mod send;

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
}
