//! Organizations: what becomes of rows on both databases.

mod governance;
