//! Invites.

use super::document::members_of;
use super::{Cell, Column, Record, Tone};
use happening_core::wire::{Invite, InviteBlock, InviteKind, InviteStatus};

impl Record for Invite {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::whole("ID"),
        Column::text("ORGANIZATION"),
        Column::text("EMAIL"),
        Column::whole("ROLE"),
        Column::whole("STATUS"),
        Column::text("BY").spare(),
        Column::text("EXPIRES").spare(),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.status {
            InviteStatus::Pending => Tone::Attention,
            InviteStatus::Accepted => Tone::Good,
            InviteStatus::Rejected | InviteStatus::Expired => Tone::Faint,
        };
        vec![
            Cell::new(self.id),
            Cell::new(&self.organization_name),
            Cell::new(&self.email),
            match self.kind {
                InviteKind::Membership => Cell::new(self.role),
                InviteKind::Ownership => Cell::new("owner"),
            },
            Cell::new(self.status).tone(tone),
            Cell::new(&self.invited_by_username),
            Cell::time(self.expires_at),
        ]
    }

    fn details(&self) -> Vec<(&'static str, Cell)> {
        let mut details = vec![("Invite", Cell::new(self.id))];
        details.extend(Self::COLUMNS.iter().map(|column| column.title).zip(self.cells()).skip(1));
        if let Some(message) = &self.message {
            details.push(("Message", Cell::new(message)));
        }
        if let Some(token) = &self.token {
            details.push(("Token", Cell::new(token)));
        }
        details
    }
}

impl Record for InviteBlock {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::whole("ORGANIZATION"), Column::text("NAME"), Column::text("SINCE").spare()];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.organization_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::new(self.organization_id), Cell::new(&self.organization_name), Cell::time(self.created_at)]
    }
}
