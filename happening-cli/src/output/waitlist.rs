//! Those who wait.

use super::document::members_of;
use super::{Cell, Column, Record};
use happening_core::wire::WaitingParty;

impl Record for WaitingParty {
    const COLUMNS: &'static [Column<'static>] = &[
        Column::number("PLACE"),
        Column::number("NUMBER").spare(),
        Column::whole("BOOKING"),
        Column::text("WHO"),
        Column::number("SEATS"),
        Column::text("SINCE"),
    ];

    fn fields() -> Vec<&'static str> {
        members_of::<Self>()
    }

    fn name(&self) -> String {
        self.booking_id.to_string()
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.position),
            Cell::new(self.waiting_number),
            Cell::new(self.booking_id),
            Cell::new(self.username.clone().unwrap_or(self.user_id.to_string())),
            Cell::new(self.seats),
            Cell::time(self.created_at),
        ]
    }
}
