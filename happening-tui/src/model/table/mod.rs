//! A table: rows that are sorted, filtered and marked, with a cursor that stays on its row whatever comes and goes around it.

mod filter;
mod row;

pub use filter::{Filter, fuzzy};
pub use row::{Cell, Column, Row, RowKey, Show, Tone, number, text};

use std::collections::{HashMap, HashSet};

/// Letters from which on a filter looks at ids.
const ID: usize = 8;

/// A table. Its columns are constants, see [`crate::model::rows`].
#[derive(Debug, Clone)]
pub struct Table {
    /// What its columns are.
    pub columns: &'static [Column],
    /// Every row, in the order that its maker gives them.
    pub rows: Vec<Row>,
    /// Which of them are shown, in the order that is shown.
    pub shown: Vec<usize>,
    /// The row under the cursor.
    pub selected: Option<RowKey>,
    /// Its place in `shown`.
    pub cursor: usize,
    /// The first of `shown` that is on the screen.
    pub top: usize,
    /// Whether a person has moved it: until then it stays at the top, whatever comes there.
    pub moved: bool,
    /// The filter.
    pub filter: Filter,
    /// By which column it is sorted, and whether downwards; else as made.
    pub sort: Option<(usize, bool)>,
    /// Columns that a person has put away.
    pub hidden: HashSet<usize>,
    /// Rows that are marked, to do something with all of them.
    pub marked: HashSet<RowKey>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
            shown: Vec::new(),
            selected: None,
            cursor: 0,
            top: 0,
            moved: false,
            filter: Filter::default(),
            sort: None,
            hidden: HashSet::new(),
            marked: HashSet::new(),
        }
    }

    /// The row at a place in `shown`.
    pub fn at(&self, place: usize) -> Option<&Row> {
        self.rows.get(*self.shown.get(place)?)
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.at(self.cursor)
    }

    /// What the row under the cursor shows.
    pub fn key(&self) -> Option<&RowKey> {
        self.current().map(|row| &row.key)
    }

    /// The marked rows, or else the one under the cursor.
    pub fn targets(&self) -> Vec<RowKey> {
        let marked: Vec<RowKey> = self
            .rows
            .iter()
            .filter(|row| self.marked.contains(&row.key))
            .map(|row| row.key.clone())
            .collect();
        if marked.is_empty() { self.key().cloned().into_iter().collect() } else { marked }
    }

    /// Takes new rows, and whether they are others than before. Marks of rows that are gone go too.
    pub fn set(&mut self, rows: Vec<Row>) -> bool {
        if self.rows == rows {
            return false;
        }
        self.rows = rows;
        if !self.marked.is_empty() {
            let there: HashSet<&RowKey> = self.rows.iter().map(|row| &row.key).collect();
            self.marked.retain(|key| there.contains(key));
        }
        self.arrange();
        true
    }

    /// Takes these rows for those that show the same thing, and whether they are others than before. Rows that its maker
    /// would put elsewhere, or that are new, are for [`Self::set`].
    pub fn replace(&mut self, rows: Vec<Row>) -> bool {
        let mut rows: HashMap<RowKey, Row> = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
        let mut changed = false;
        for row in &mut self.rows {
            if let Some(new) = rows.remove(&row.key)
                && *row != new
            {
                *row = new;
                changed = true;
            }
        }
        if changed && (self.sort.is_some() || self.filter.is_active()) {
            self.arrange();
        }
        changed
    }

    /// Whether the filter lets a row through. Ids are full of numbers: only who writes enough of one means it.
    fn is_shown(&self, row: &Row) -> bool {
        if !self.filter.is_active() {
            return true;
        }
        let texts = row.cells.iter().filter_map(|cell| match &cell.show {
            Show::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let is_id = || {
            let id = row.key.id();
            self.filter.matches(&id, std::iter::once(id.as_str()))
        };
        let by_id = self.filter.text.len() >= ID && !self.filter.text.starts_with('!') && is_id();
        self.filter.matches(&row.haystack(), texts) || by_id
    }

    /// Filters and sorts, and finds the cursor's row again.
    pub fn arrange(&mut self) {
        self.shown = (0..self.rows.len()).filter(|at| self.is_shown(&self.rows[*at])).collect();
        if let Some((column, down)) = self.sort {
            let rows = &self.rows;
            self.shown.sort_by_cached_key(|at| rows[*at].cells.get(column).map(Cell::order));
            if down {
                self.shown.reverse();
            }
        }
        let wanted = self.selected.as_ref().filter(|_| self.moved);
        let kept = wanted.and_then(|key| self.shown.iter().position(|at| self.rows[*at].key == *key));
        self.move_to(kept.unwrap_or(self.cursor));
    }

    /// Moves the cursor to a place in `shown`, or as near as there is.
    pub fn move_to(&mut self, place: usize) {
        self.cursor = place.min(self.shown.len().saturating_sub(1));
        if let Some(key) = self.key().cloned() {
            self.selected = Some(key);
        }
    }

    /// Moves the cursor by rows.
    pub fn move_by(&mut self, rows: isize) {
        self.moved = true;
        self.move_to(self.cursor.saturating_add_signed(rows));
    }

    /// Moves the cursor to a row, now or as soon as it is there.
    pub fn select(&mut self, key: RowKey) {
        self.moved = true;
        if let Some(place) = self.shown.iter().position(|at| self.rows[*at].key == key) {
            self.move_to(place);
        }
        self.selected = Some(key);
    }

    /// Marks the row under the cursor, or unmarks it, and goes on to the next.
    pub fn mark(&mut self) {
        if let Some(key) = self.key().cloned() {
            if !self.marked.remove(&key) {
                self.marked.insert(key);
            }
            self.move_by(1);
        }
    }

    /// Marks all that is shown; if all of it is marked, none.
    pub fn mark_all(&mut self) {
        let keys: Vec<RowKey> = self.shown.iter().map(|at| self.rows[*at].key.clone()).collect();
        if keys.iter().all(|key| self.marked.contains(key)) {
            self.marked.clear();
        } else {
            self.marked.extend(keys);
        }
    }

    /// Sorts by a column; once more turns the order around, and a third time gives it up.
    pub fn sort_by(&mut self, column: usize) {
        self.sort = match self.sort {
            Some((by, false)) if by == column => Some((column, true)),
            Some((by, true)) if by == column => None,
            _ => Some((column, false)),
        };
        self.arrange();
    }

    /// Scrolls so that the cursor is among the `rows` on the screen and no row is wasted.
    pub fn settle(&mut self, rows: usize) {
        let rows = rows.max(1);
        let lowest = self.shown.len().saturating_sub(rows);
        self.top = self.top.clamp((self.cursor + 1).saturating_sub(rows), self.cursor).min(lowest);
    }
}
