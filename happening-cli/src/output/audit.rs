//! The audit log.

use super::document::members_of;
use super::{Cell, Column, Record};
use happening_core::wire::AuditRecord;

impl Record for AuditRecord {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::text("WHEN"),
        Column::text("WHO"),
        Column::text("ACTION"),
        Column::text("TARGET"),
        Column::text("OLD").spare(),
        Column::text("NEW").spare(),
        Column::text("FROM").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let who = self.actor_username.clone().or(self.actor_id.map(|id| id.to_string()));
        vec![
            Cell::time(self.at),
            Cell::new(who.unwrap_or_else(|| "the daemon".to_owned())),
            Cell::new(&self.action),
            Cell::new(format!("{} {}", self.target.kind, self.target.id)),
            Cell::maybe(self.old.as_ref()),
            Cell::maybe(self.new.as_ref()),
            Cell::maybe(self.address.as_ref()),
        ]
    }
}
