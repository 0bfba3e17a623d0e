//! Whatever a terminal sends, nothing is done that nobody asked for, and nothing breaks.

use super::*;
use crate::model::Overlay;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// A megabyte with all that would do something if it were typed.
fn megabyte() -> String {
    "q \u{1b}[A\r\nD c\ty\u{3} :quit ".repeat(50_000)
}

#[test]
fn a_megabyte_that_is_pasted_does_nothing_and_is_taken_at_once() {
    let many: Vec<Event> = (0..2_000).map(|n| event(n, "Event", 100, 10, 100, 0)).collect();
    for opened in ["", "/", ":", "?", "o", "C", "n", "b"] {
        let mut model = listing(160, 48, many.clone());
        write(&mut model, opened);
        let (context, sort) = (model.context(), model.table().unwrap().sort);
        let begun = Instant::now();
        let effects = update(&mut model, Message::Paste(megabyte()));
        // A debug build on a busy machine; a regular expression a letter would take minutes.
        assert!(begun.elapsed() < Duration::from_secs(5), "{opened}: {:?}", begun.elapsed());
        assert_eq!((effects, model.context()), (Vec::new(), context), "{opened}");
        assert!(model.end.is_none() && model.table().unwrap().sort == sort);
        assert!(model.table().unwrap().hidden.is_empty());
        draw(&model, 160, 48);
    }
}

#[test]
fn a_choice_is_not_taken_by_more_text_than_it_has_place_for() {
    let mut model = listing(160, 48, events());
    write(&mut model, ":");
    write(&mut model, &"refresh ".repeat(100));
    assert!(matches!(model.overlay, Some(Overlay::Chooser(_))), "a space is text, full or not");
}

fn pointer() -> impl Strategy<Value = MouseEvent> {
    let kinds = prop::sample::select(vec![
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::Down(MouseButton::Right),
        MouseEventKind::Up(MouseButton::Left),
        MouseEventKind::Drag(MouseButton::Left),
        MouseEventKind::Drag(MouseButton::Middle),
        MouseEventKind::ScrollUp,
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollLeft,
        MouseEventKind::Moved,
    ]);
    let place = || prop_oneof![4 => 0_u16..100, 1 => any::<u16>()];
    (kinds, place(), place()).prop_map(|(kind, column, row)| MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_pointer_gone_mad_and_a_window_that_is_torn_about_break_nothing(
        events in prop::collection::vec((pointer(), 1_u16..=300, 1_u16..=100), 1..40),
        shown in 0_usize..Screen::ALL.len(),
        opened in prop::sample::select(&["", "?", ":", "n", "b", "c", "o", "/x"][..]),
    ) {
        let mut model = on(100, 30, Screen::ALL[shown]);
        write(&mut model, opened);
        for (pointer, width, height) in events {
            update(&mut model, Message::Resize(width, height));
            let effects = update(&mut model, Message::Mouse(pointer));
            let changes = effects.iter().any(|effect| matches!(effect, Effect::Perform { .. } | Effect::Write { .. }));
            prop_assert!(!changes, "{effects:?}");
            draw(&model, width, height);
            model.end = None;
        }
    }
}
