//! Membership: what the rules decide, and what becomes of rows on both databases.

mod roles;
mod rules;
mod succession;
