//! Those who wait.

use super::{Cell, Column, Record, instant};
use happening_core::wire::WaitingParty;

impl Record for WaitingParty {
    const COLUMNS: &'static [Column] = &[
        Column::number("PLACE"),
        Column::number("NUMBER").spare(),
        Column::whole("BOOKING"),
        Column::text("WHO"),
        Column::number("SEATS"),
        Column::text("SINCE"),
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.position),
            Cell::new(self.waiting_number),
            Cell::new(self.booking_id),
            Cell::new(self.username.clone().unwrap_or(self.user_id.to_string())),
            Cell::new(self.seats),
            Cell::new(instant(self.created_at)),
        ]
    }
}
