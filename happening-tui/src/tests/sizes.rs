//! Every screen at every size: no panic, nothing outside its place, and no colour where none is wanted.

use super::*;
use crate::text;
use ratatui::style::Color;

fn every_screen(width: u16, height: u16) -> Vec<Model> {
    let list = events();
    let stadium = event(9, "Stadium", 500, 1_000, 5_040, 5);
    let mut models = vec![
        fresh(width, height),
        signed_in(width, height),
        listing(width, height, Vec::new()),
        listing(width, height, list.clone()),
        opened(width, height, &stadium, 4_000, 40, waitlist()),
        opened(width, height, &list[1], 2, 1, Vec::new()),
    ];
    let mut model = fresh(width, height);
    signin(&mut model, SignInStep::Code(code()));
    models.push(model);
    let mut model = fresh(width, height);
    signin(&mut model, SignInStep::Failed(away()));
    models.push(model);
    let mut model = listing(width, height, list.clone());
    miss(&mut model, Trouble::new(TroubleKind::Refused, "a long sentence ".repeat(20)));
    miss(&mut model, away());
    update(&mut model, Message::Tick(after(100_000)));
    write(&mut model, "/n");
    models.push(model);
    let mut model = opened(width, height, &stadium, 4_000, 40, waitlist());
    write(&mut model, "G");
    press(&mut model, KeyCode::Tab);
    write(&mut model, "G");
    models.push(model);
    let mut model = listing(width, height, list);
    write(&mut model, "G?G");
    models.push(model);
    models
}

#[test]
fn nothing_panics_at_any_size() {
    for width in (1..=120).step_by(13).chain([2, 39, 40, 59, 60, 66, 76, 80, 112]) {
        for height in (1..=40).step_by(5).chain([2, 9, 14, 15, 24]) {
            for model in every_screen(width, height) {
                draw(&model, width, height);
            }
        }
    }
    draw(&fresh(0, 0), 0, 0);
}

#[test]
fn a_size_that_the_model_has_not_heard_of_yet_is_no_harm() {
    for model in every_screen(120, 40) {
        for (width, height) in [(1, 1), (40, 10), (60, 15), (80, 24), (200, 60)] {
            draw(&model, width, height);
        }
    }
}

#[test]
fn a_terminal_may_shrink_and_grow_at_any_time() {
    for mut model in every_screen(120, 40) {
        for (width, height) in [(1, 1), (45, 12), (0, 0), (80, 24), (300, 100)] {
            update(&mut model, Message::Resize(width, height));
            draw(&model, width, height);
            write(&mut model, "jG");
            draw(&model, width, height);
        }
    }
}

#[test]
fn no_color_means_none() {
    for mut model in every_screen(100, 30) {
        model.theme = Theme::from_environment(|name| (name == "NO_COLOR").then(|| "1".to_owned()));
        for cell in draw(&model, 100, 30).content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        }
    }
}

#[test]
fn sixteen_colours_are_the_sixteen() {
    for mut model in every_screen(100, 30) {
        model.theme = Theme::from_environment(|name| (name == "TERM").then(|| "xterm".to_owned()));
        for cell in draw(&model, 100, 30).content() {
            for colour in [cell.fg, cell.bg] {
                assert!(!matches!(colour, Color::Rgb(..) | Color::Indexed(_)), "{colour:?}");
            }
        }
    }
}

#[test]
fn nothing_that_others_wrote_reaches_the_terminal_with_its_control_characters() {
    for model in every_screen(110, 30) {
        for cell in draw(&model, 110, 30).content() {
            let symbol = cell.symbol();
            assert_eq!(symbol, text::visible(symbol), "{symbol:?}");
        }
    }
}
