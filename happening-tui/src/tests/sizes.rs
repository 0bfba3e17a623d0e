//! Every screen at every size: no panic, nothing outside its place, and no colour where none is wanted.

use super::*;
use crate::text;
use ratatui::style::Color;

fn every_screen(width: u16, height: u16) -> Vec<Model> {
    let stadium = event(9, "Stadium", 500, 1_000, 5_040, 5);
    let mut models = vec![
        fresh(width, height),
        signed_in(width, height),
        listing(width, height, Vec::new()),
        opened(width, height, &stadium, 4_000, 40, waitlist()),
        opened(width, height, &events()[1], 2, 1, Vec::new()),
    ];
    models.extend(Screen::ALL.into_iter().map(|screen| on(width, height, screen)));
    let mut model = fresh(width, height);
    signin(&mut model, SignInStep::Code(code()));
    models.push(model);
    let mut model = fresh(width, height);
    signin(&mut model, SignInStep::Failed(away()));
    models.push(model);
    let mut model = listing(width, height, events());
    miss(&mut model, Trouble::new(TroubleKind::Refused, "a long sentence ".repeat(20)));
    miss(&mut model, away());
    tick(&mut model, 100_000);
    write(&mut model, "/n");
    models.push(model);
    let mut model = opened(width, height, &stadium, 4_000, 40, waitlist());
    write(&mut model, "zG");
    press(&mut model, KeyCode::Tab);
    write(&mut model, "G");
    models.push(model);
    for keys in ["G?", ":e", "n", "b", "e", "E", "C", "D"] {
        let mut model = listing(width, height, events());
        write(&mut model, keys);
        models.push(model);
    }
    models
}

#[test]
fn nothing_panics_at_any_size() {
    for mut model in every_screen(120, 40) {
        for width in (1..=120).step_by(17).chain([2, 39, 40, 60, 76, 100]) {
            for height in (1..=40).step_by(8).chain([10, 15, 24]) {
                update(&mut model, Message::Resize(width, height));
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

/// Every layout stays whole: frames end where they should, whatever names are in them.
#[test]
fn frames_stay_whole_at_every_width() {
    for width in (60..=300).step_by(17) {
        for shown in Screen::ALL {
            let buffer = draw(&on(width, 24, shown), width, 24);
            let corner = |x: u16, y: u16| buffer[(x, y)].symbol().to_owned();
            let last = buffer.area.width - 1;
            assert!(
                ["╭", "┏", "┃", "│"].contains(&corner(0, 1).as_str()),
                "{shown:?} at {width}: {}",
                corner(0, 1)
            );
            for y in 1..23 {
                let edge = corner(last, y);
                assert!(
                    ["╮", "┓", "│", "┃", "╯", "┛"].contains(&edge.as_str()),
                    "{shown:?} at {width}, line {y}: {edge:?}"
                );
            }
        }
    }
}

#[test]
fn no_color_means_none() {
    for mut model in every_screen(100, 30) {
        model.theme =
            Theme::choose(Wanted::Auto, |name| (name == "NO_COLOR").then(|| "1".to_owned()), || None);
        for cell in draw(&model, 100, 30).content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        }
    }
}

#[test]
fn sixteen_colours_are_the_sixteen() {
    for mut model in every_screen(100, 30) {
        model.theme =
            Theme::choose(Wanted::Auto, |name| (name == "TERM").then(|| "xterm".to_owned()), || None);
        for cell in draw(&model, 100, 30).content() {
            for colour in [cell.fg, cell.bg] {
                assert!(!matches!(colour, Color::Rgb(..) | Color::Indexed(_)), "{colour:?}");
            }
        }
    }
}

#[test]
fn a_light_terminal_is_followed_and_themes_go_round() {
    let light = |name: &str| match name {
        "COLORTERM" => Some("truecolor".to_owned()),
        "COLORFGBG" => Some("0;15".to_owned()),
        _ => None,
    };
    assert_eq!(Theme::choose(Wanted::Auto, light, || None).look, Look::Light);
    let mut model = listing(80, 24, events());
    let first = model.theme.look;
    for _ in 0..Look::ALL.len() {
        press_ctrl(&mut model, 't');
    }
    assert_eq!(model.theme.look, first);
}

#[test]
fn the_terminals_background_is_followed_unless_a_theme_is_wanted() {
    use Background::{Dark, Light};
    let chosen = |wanted: &str, variables: &[(&str, &str)], answer: Option<Background>| {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let theme = Theme::choose(Wanted::named(wanted).unwrap(), variable, || answer);
        (theme.look, theme.background)
    };
    let (colours, dark_by_variable) = (("COLORTERM", "truecolor"), ("COLORFGBG", "15;0"));
    assert_eq!(chosen("auto", &[colours], Some(Light)), (Look::Light, Light));
    assert_eq!(chosen("auto", &[colours], Some(Dark)), (Look::Dark, Dark));
    assert_eq!(chosen("auto", &[colours, dark_by_variable], Some(Light)), (Look::Light, Light));
    assert_eq!(chosen("auto", &[colours, ("COLORFGBG", "0;default;15")], None), (Look::Light, Light));
    assert_eq!(chosen("auto", &[colours, dark_by_variable], None), (Look::Dark, Dark));
    assert_eq!(chosen("auto", &[colours], None), (Look::Dark, Dark));
    assert_eq!(chosen("auto", &[], Some(Light)), (Look::Sixteen, Light));
    assert_eq!(chosen("16", &[colours], Some(Light)), (Look::Sixteen, Light));
    assert_eq!(chosen("dark", &[colours], Some(Light)).0, Look::Dark);
    assert_eq!(chosen("light", &[("NO_COLOR", "1")], Some(Dark)).0, Look::Light, "asked for by name");
    let without = |wanted| {
        let none = |name: &str| (name == "NO_COLOR").then(|| "1".to_owned());
        Theme::choose(wanted, none, || panic!("nothing depends on the answer")).look
    };
    assert_eq!(without(Wanted::Auto), Look::Plain);
    assert_eq!(without(Wanted::Look(Look::Contrast)), Look::Contrast);
    assert_eq!(Wanted::named("mauve"), None);
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
