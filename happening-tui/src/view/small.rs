//! The card for terminals in which nothing else fits.

use crate::model::Model;
use crate::text;
use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let theme = &model.theme;
    let cells = usize::from(area.width);
    let lines: Vec<Line> = [
        (format!("{} Happening", theme.signs.brand), theme.accent),
        (format!("{}×{} is too small", area.width, area.height), theme.text),
        ("needs 40×10".to_owned(), theme.muted),
        ("q quit".to_owned(), theme.muted),
    ]
    .into_iter()
    .map(|(line, style)| Line::styled(text::cut(&line, cells), style))
    .collect();
    let height = area.height.min(4);
    let middle = Rect { y: area.y + (area.height - height) / 2, height, ..area };
    frame.render_widget(Paragraph::new(lines).alignment(Alignment::Center), middle);
}
