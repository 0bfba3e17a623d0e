//! People, and what they were told.

use super::document::members_of;
use super::{Cell, Column, Record, Tone};
use happening_core::wire::{FoundUser, Notification, NotificationStatus, User, UserStatus};

const PERSON: &[Column<'static>] = &[
    Column::whole("ID"),
    Column::text("USERNAME"),
    Column::text("EMAIL"),
    Column::text("NAME").spare(),
    Column::whole("STATUS"),
];

impl Record for User {
    const COLUMNS: &'static [Column<'static>] = PERSON;

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        FoundUser::from(self.clone()).cells()
    }
}

impl Record for FoundUser {
    const COLUMNS: &'static [Column<'static>] = PERSON;

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let names: Vec<_> =
            [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        let tone = if self.status == Some(UserStatus::Suspended) { Tone::Bad } else { Tone::Plain };
        vec![
            Cell::new(self.id),
            Cell::new(&self.username),
            Cell::new(&self.email),
            Cell::maybe((!names.is_empty()).then(|| names.join(" "))),
            Cell::maybe(self.status).tone(tone),
        ]
    }
}

impl Record for Notification {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID").spare(),
        Column::text("WHEN"),
        Column::whole("TYPE"),
        Column::text("MESSAGE"),
        Column::whole("STATUS"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.status {
            NotificationStatus::Sent => Tone::Good,
            NotificationStatus::Pending => Tone::Attention,
            NotificationStatus::Failed => Tone::Bad,
        };
        vec![
            Cell::new(self.id),
            Cell::time(self.created_at),
            Cell::new(self.kind),
            Cell::new(&self.message),
            Cell::new(self.status).tone(tone),
        ]
    }
}
