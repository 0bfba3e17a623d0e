//! The registry: no key means two things, and everything can be reached by key, menu and palette.

use super::*;
use crate::action::{self, Action, Availability, BINDINGS, Place};
use crate::model::{Context, Overlay, Pane, RowKey, Then};
use happening_core::wire::Role;
use std::collections::{HashMap, HashSet};

fn contexts() -> Vec<Context> {
    let panes = Screen::ALL
        .into_iter()
        .flat_map(|screen| screen.panes().iter().map(move |pane| Context::Pane(screen, *pane)));
    let others = [Context::SignIn, Context::Filter, Context::Dialog, Context::Form, Context::Chooser];
    panes.chain(others).collect()
}

#[test]
fn no_key_means_two_things_in_one_place() {
    let model = signed_in(80, 24);
    for context in contexts() {
        let mut seen: HashMap<String, Action> = HashMap::new();
        for binding in action::in_context(context) {
            for key in binding.keys(&model).iter().map(|key| key.label()) {
                let before = seen.insert(key.clone(), binding.action);
                assert!(before.is_none(), "{key} means {before:?} and {:?} in {context:?}", binding.action);
            }
        }
    }
}

#[test]
fn every_action_has_a_key_a_place_and_a_sentence() {
    for binding in BINDINGS {
        assert!(!binding.keys.is_empty() && !binding.places.is_empty(), "{:?}", binding.action);
        assert!(binding.about.len() >= 4, "{:?}", binding.action);
        assert!(
            contexts().into_iter().any(|context| binding.is_in(context)),
            "{:?} is nowhere",
            binding.action
        );
    }
}

/// The model in each place where something can be done.
fn places() -> Vec<Model> {
    let mut models = Vec::new();
    for shown in Screen::ALL {
        for _ in shown.panes() {
            let mut model = on(160, 48, shown);
            for _ in 0..models.iter().filter(|one: &&Model| one.screen == shown).count() {
                press(&mut model, KeyCode::Tab);
            }
            full(&mut model);
            models.push(model);
        }
    }
    models
}

#[test]
fn every_pane_is_reached_by_tab_and_has_rows() {
    let mut seen = HashSet::new();
    for model in places() {
        seen.insert(model.pane());
        if let Some(table) = model.table().filter(|_| model.screen != Screen::Log) {
            assert!(!table.shown.is_empty(), "{:?} is empty", model.pane());
        }
    }
    assert_eq!(seen.len(), Pane::TABLES.len() + 2);
}

#[test]
fn the_menu_offers_what_the_keys_do_and_so_does_the_palette() {
    for mut model in places() {
        let here: HashSet<Action> = action::in_context(model.context())
            .filter(|binding| (binding.available)(&model) == Availability::Ready)
            .map(|binding| binding.action)
            .collect();
        for opens in ['?', ':'] {
            write(&mut model, &opens.to_string());
            let Some(Overlay::Chooser(chooser)) = &model.overlay else { panic!("no list") };
            let offered: HashSet<Action> = chooser
                .items
                .iter()
                .filter_map(|item| match &item.then {
                    Ok(Then::Act(action)) => Some(*action),
                    Ok(Then::Go(screen)) => Some(Action::Go(*screen)),
                    _ => None,
                })
                .collect();
            let missing: Vec<_> = here.difference(&offered).collect();
            assert!(missing.is_empty(), "{opens} lacks {missing:?} in {:?}", model.pane());
            press(&mut model, KeyCode::Esc);
        }
    }
}

#[test]
fn hints_are_what_the_keys_do() {
    for model in places() {
        for (key, hint, action) in crate::view::footer::fitting(&model, 150) {
            let mut bindings = action::in_context(model.context());
            let binding = bindings.find(|one| one.action == action && one.hint == hint).unwrap();
            assert_eq!(binding.keys(&model)[0].label(), key);
            assert_eq!((binding.available)(&model), Availability::Ready);
        }
    }
}

#[test]
fn every_action_does_something_by_its_key() {
    let passive = [
        Action::Left,
        Action::Right,
        Action::Up,
        Action::Down,
        Action::PageUp,
        Action::PageDown,
        Action::Top,
        Action::Bottom,
    ];
    let mut done: HashSet<Action> = HashSet::new();
    for model in places() {
        let seen = |model: &Model| (screen(model), model.location(), model.mouse, model.theme.look);
        let before = seen(&model);
        for binding in action::in_context(model.context()) {
            if (binding.available)(&model) != Availability::Ready || passive.contains(&binding.action) {
                continue;
            }
            let mut tried = model.clone();
            let effects = crate::update::act(&mut tried, binding.action);
            if !effects.is_empty() || tried.end.is_some() || before != seen(&tried) {
                done.insert(binding.action);
            }
        }
    }
    let overlays = [Place::Dialog, Place::Form, Place::Chooser, Place::Filter, Place::SignIn];
    // These need something that came before: a way back, an error, a change, a map that is far away.
    let before =
        [Action::Back, Action::Forward, Action::Dismiss, Action::Undo, Action::Contexts, Action::ZoomIn];
    for binding in BINDINGS {
        let elsewhere = binding.places.iter().all(|place| overlays.contains(place));
        if !elsewhere && !passive.contains(&binding.action) && !before.contains(&binding.action) {
            assert!(done.contains(&binding.action), "{:?} does nothing anywhere", binding.action);
        }
    }
}

#[test]
fn what_roles_forbid_is_shown_with_the_reason() {
    let reason = |who: Who, screen_: Screen, action: Action| {
        let mut model = fresh(160, 48);
        enter(&mut model, who);
        list(&mut model, events());
        press(&mut model, KeyCode::Char(screen_.key()));
        full(&mut model);
        let binding = action::in_context(model.context()).find(|binding| binding.action == action).unwrap();
        (binding.available)(&model)
    };
    assert_eq!(
        reason(support(), Screen::Queue, Action::Again),
        Availability::Disabled("only operators may do this")
    );
    assert_eq!(reason(operator(), Screen::Queue, Action::Again), Availability::Ready);
    assert!(matches!(reason(support(), Screen::Events, Action::EditEvent), Availability::Disabled(_)));
    assert_eq!(reason(support(), Screen::Events, Action::Book), Availability::Ready);
    assert!(matches!(reason(member(), Screen::Events, Action::NewEvent), Availability::Disabled(_)));
    let governs = [Action::EditOrganization, Action::MapServiceAccount, Action::Invite];
    for (who, action, why) in [
        (support(), Action::SetStatus, "only operators suspend an organization"),
        (support(), Action::Transfer, "only its owner and operators hand it over"),
    ] {
        assert_eq!(reason(who, Screen::Organizations, action), Availability::Disabled(why));
    }
    for action in governs {
        let why = "you do not govern this organization";
        assert_eq!(reason(support(), Screen::Organizations, action), Availability::Disabled(why));
        assert_eq!(reason(operator(), Screen::Organizations, action), Availability::Ready);
    }
    assert_eq!(
        reason(support(), Screen::Bookings, Action::SetStatus),
        Availability::Disabled("only operators suspend people")
    );
    let mut model = on(160, 48, Screen::Bookings);
    model.who = Some(Who { user: Some(person(200)), ..operator() });
    press(&mut model, KeyCode::Char('P'));
    assert!(model.toast.as_ref().unwrap().0.contains("nobody suspends themselves"));
    let mut model = on(160, 48, Screen::Organizations);
    write(&mut model, "G");
    let roles = vec![(organization(2), "Nørrebro".to_owned(), Role::OrgAdmin)];
    model.who = Some(Who { roles, ..member() });
    press(&mut model, KeyCode::Char('e'));
    assert!(model.toast.as_ref().unwrap().0.contains("an operator resumes it"));
    let mut model = fresh(160, 48);
    enter(&mut model, support());
    list(&mut model, events());
    write(&mut model, "?change the event");
    assert!(screen(&model).contains("(you do not run this event)"));
}

#[test]
fn a_read_only_run_changes_nothing() {
    for shown in Screen::ALL {
        let mut model = with_options(160, 48, Options { read_only: true, ..Options::default() });
        enter(&mut model, operator());
        list(&mut model, events());
        press(&mut model, KeyCode::Char(shown.key()));
        full(&mut model);
        for c in ('a'..='z').chain('A'..='Z').chain(['+', ' ']) {
            for effect in press(&mut model, KeyCode::Char(c)) {
                assert!(
                    !matches!(effect, Effect::Foretell { .. } | Effect::Perform { .. }),
                    "{c} on {shown:?}"
                );
            }
            model.overlay = None;
            model.end = None;
            model.screen = shown;
            if model.signin.is_some() {
                break;
            }
        }
    }
}

#[test]
fn the_mouse_goes_where_it_clicks() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let mut model = listing(80, 24, events());
    let click = |model: &mut Model, column, row| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        update(model, Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
    };
    click(&mut model, 10, 5);
    assert_eq!(model.table().unwrap().cursor, 2);
    let effects = click(&mut model, 10, 5);
    assert!(matches!(effects[0], Effect::WatchEvent { .. }), "a second click opens");
    press(&mut model, KeyCode::Esc);
    click(&mut model, 5, 2);
    assert_eq!(model.table().unwrap().sort, Some((0, false)), "a click on a name sorts");
    let footer = screen(&model).lines().nth(23).unwrap().find("/ filter").unwrap();
    click(&mut model, u16::try_from(footer).unwrap(), 23);
    assert!(model.table().unwrap().filter.editing, "a click on a hint does it");
    let wheel =
        MouseEvent { kind: MouseEventKind::ScrollUp, column: 5, row: 8, modifiers: KeyModifiers::NONE };
    let before = model.table().unwrap().cursor;
    update(&mut model, Message::Mouse(wheel));
    assert!(model.table().unwrap().cursor < before);

    let gala = event(1, "Gala", 100, 30, 40, 0);
    let mut model = opened(160, 48, &gala, 15, 0, Vec::new());
    let shown = screen(&model);
    let row = shown
        .lines()
        .position(|line| line.contains("┃  1 "))
        .or_else(|| shown.lines().position(|line| line.contains("  1 ●")))
        .unwrap();
    click(&mut model, 5, u16::try_from(row).unwrap());
    assert!(!model.event.as_ref().unwrap().picked.is_empty());
}

#[test]
fn rows_stand_for_what_they_say() {
    for model in places() {
        if let Some(RowKey::Booking(_)) = model.table().and_then(|table| table.key()) {
            assert!(model.target_booking().is_some(), "{:?}", model.pane());
            assert!(model.target_person().is_some());
        }
    }
}
