//! Erasure: what keeps a person from it, what goes with them, and what is left, on both databases.

mod erasing;
mod remains;
