//! Invites: what the rules decide (`rules.rs`, in memory), and what becomes of rows on both databases.

mod answers;
mod ended;
mod pairs;
mod quotas;
mod rules;
