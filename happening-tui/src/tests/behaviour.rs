//! What happens when something happens.

use super::*;
use crate::effect::SignInFrom;
use crate::message::Signal;
use crate::model::{Context, End, EventScreen, Freshness, Link, Pane, RowKey, SignInState, Table, Zoom};
use crate::settings::Settings;
use happening_core::wire::SeatMap;

fn table(model: &Model) -> &Table {
    model.table().unwrap()
}

fn names(model: &Model) -> Vec<String> {
    (0..table(model).shown.len()).map(|at| table(model).at(at).unwrap().cells[0].plain()).collect()
}

fn asks(effects: &[Effect]) -> Vec<&Query> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Ask { query, .. } => Some(query),
            _ => None,
        })
        .collect()
}

#[test]
fn begins_with_a_session_at_hand_and_then_asks_for_the_list() {
    let server = String::new();
    let mut model = Model::new(noon(), (80, 24), &Theme::dark(), server, Options::default());
    assert_eq!(start(&mut model), [Effect::SignIn { attempt: 1, from: SignInFrom::AtHand }]);
    let effects = enter(&mut model, operator());
    assert_eq!(effects[0], Effect::WatchEverything);
    assert_eq!(asks(&effects), [&Query::Organizations, &Query::Events]);
    assert_eq!(model.context(), Context::Pane(Screen::Events, Pane::Events));
}

#[test]
fn who_is_not_staff_has_no_stream_of_everything() {
    let mut model = fresh(80, 24);
    assert!(!enter(&mut model, member()).contains(&Effect::WatchEverything));
}

#[test]
fn begins_where_it_was_told_to() {
    let options = Options { start: Some(Screen::Redis), ..Options::default() };
    assert_eq!(with_options(80, 24, options).screen, Screen::Redis);
    let event = events()[0].id;
    let options = Options { event: Some(event), ..Options::default() };
    let mut model = with_options(80, 24, options);
    let effects = enter(&mut model, operator());
    assert!(effects.contains(&Effect::WatchEvent { watch: model.watch, event }));
    assert!(asks(&effects).contains(&&Query::Seats(event)));
}

#[test]
fn what_is_to_come_stands_before_what_is_over() {
    let names = names(&listing(80, 24, events()));
    assert_eq!(names[..2], ["Jazz at the Harbour", "Rust Meetup"]);
    assert_eq!(names[6..], ["Open Air", "Autumn Hackathon"]);
}

#[test]
fn the_cursor_stays_on_its_row() {
    let mut model = listing(80, 24, events());
    write(&mut model, "jj");
    let selected = table(&model).selected.clone().unwrap();
    let mut more = events();
    more.push(event(9, "Sooner than all", 1, 1, 1, 0));
    list(&mut model, more);
    assert_eq!(table(&model).key(), Some(&selected));
    // Its event is gone: the cursor stays where it was, as near as there is.
    let rest = events().into_iter().filter(|event| RowKey::Event(event.id) != selected).take(2);
    list(&mut model, rest.collect());
    assert!(table(&model).cursor < 2);
}

#[test]
fn moving_never_leaves_the_list() {
    let mut model = listing(80, 15, events());
    write(&mut model, "kkk");
    assert_eq!(table(&model).cursor, 0);
    write(&mut model, "G");
    assert_eq!(table(&model).cursor, 7);
    press(&mut model, KeyCode::PageDown);
    assert_eq!(table(&model).cursor, 7);
    write(&mut model, "g");
    press(&mut model, KeyCode::PageDown);
    assert!(table(&model).cursor > 0);
}

#[test]
fn a_filter_matches_as_it_is_typed() {
    let mut model = listing(80, 24, events());
    write(&mut model, "/con");
    assert_eq!(names(&model).len(), 7, "the category `concert` counts too, `Open Air` has none");
    press(&mut model, KeyCode::Esc);
    assert_eq!(names(&model).len(), 8);
    write(&mut model, "/^rust|jazz");
    assert_eq!(names(&model), ["Jazz at the Harbour", "Rust Meetup"]);
    press(&mut model, KeyCode::Enter);
    assert_eq!(model.context(), Context::Pane(Screen::Events, Pane::Events));
    press(&mut model, KeyCode::Esc);
    write(&mut model, "/!cancelled");
    assert_eq!(names(&model).len(), 7);
    press(&mut model, KeyCode::Esc);
    write(&mut model, "/harbour halls");
    assert_eq!(names(&model).len(), 3, "by organization");
    press(&mut model, KeyCode::Esc);
    write(&mut model, "/-f rmeet");
    assert_eq!(names(&model), ["Rust Meetup"], "letters in their order");
    press(&mut model, KeyCode::Esc);
    write(&mut model, "/Evil (");
    assert_eq!(names(&model).len(), 0, "what is no regular expression is plain text");
    update(&mut model, Message::Paste("\u{1b}pasted".into()));
    assert_eq!(table(&model).filter.text, "Evil (pasted");
}

#[test]
fn keys_that_mean_something_are_text_while_a_filter_is_typed() {
    let mut model = listing(80, 24, events());
    write(&mut model, "/qrjx?");
    assert_eq!(model.end, None);
    assert_eq!(table(&model).filter.text, "qrjx?");
    press_ctrl(&mut model, 'c');
    assert_eq!(model.end, Some(End::Quit));
}

#[test]
fn tables_sort_by_any_column_and_turn_around() {
    let mut model = listing(80, 24, events());
    for (expected, times) in [("Autumn Hackathon", 1), ("夜のコンサート 🎻", 2), ("Jazz at the Harbour", 3)]
    {
        let mut model = listing(80, 24, events());
        for _ in 0..times {
            write(&mut model, "o");
            press(&mut model, KeyCode::Enter);
        }
        assert_eq!(names(&model)[0], expected, "sorted {times} times");
    }
    write(&mut model, "o");
    for _ in 0..5 {
        press(&mut model, KeyCode::Down);
    }
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Char('G'));
    assert_eq!(
        table(&model).current().unwrap().cells[0].plain(),
        "Winter Gala",
        "the longest waitlist stands last"
    );
}

#[test]
fn columns_can_be_put_away_but_not_all_of_them() {
    let mut model = listing(160, 24, events());
    assert!(screen(&model).contains("organization"));
    write(&mut model, "C");
    press(&mut model, KeyCode::Down);
    write(&mut model, " ");
    press(&mut model, KeyCode::Esc);
    assert!(!screen(&model).contains("organization"));
    write(&mut model, "C");
    for _ in 0..20 {
        write(&mut model, " ");
        press(&mut model, KeyCode::Down);
    }
    assert!(table(&model).hidden.len() < table(&model).columns.len());
}

#[test]
fn opening_and_leaving_an_event_moves_the_watch_and_the_trail() {
    let mut model = listing(80, 24, events());
    let Some(RowKey::Event(id)) = table(&model).key().cloned() else { panic!() };
    let effects = press(&mut model, KeyCode::Enter);
    assert_eq!(effects[0], Effect::WatchEvent { watch: model.watch, event: id });
    assert!(asks(&effects).contains(&&Query::BookingsAt(id)));
    write(&mut model, "7");
    assert_eq!(model.screen, Screen::Queue);
    write(&mut model, "[");
    assert_eq!(model.location().event, Some(id));
    assert_eq!(model.screen, Screen::Event);
    press(&mut model, KeyCode::Esc);
    assert_eq!((model.screen, table(&model).key()), (Screen::Events, Some(&RowKey::Event(id))));
    write(&mut model, "]]");
    assert_eq!(model.screen, Screen::Queue);
    write(&mut model, "4");
    assert_eq!(model.screen, Screen::Event, "the event is still open");
}

#[test]
fn screens_remember_where_they_were() {
    let mut model = listing(80, 24, events());
    write(&mut model, "jjj");
    let kept = table(&model).cursor;
    write(&mut model, "2");
    press(&mut model, KeyCode::Tab);
    write(&mut model, "32");
    assert_eq!(model.pane(), Pane::Members);
    write(&mut model, "3");
    assert_eq!(table(&model).cursor, kept);
}

#[test]
fn what_an_earlier_session_still_says_is_not_heard() {
    let mut model = listing(80, 24, events());
    update(
        &mut model,
        Message::Answered { attempt: 0, query: Query::Events, answer: Ok(Answer::Events(Vec::new())) },
    );
    assert_eq!(table(&model).rows.len(), 8);
    update(&mut model, Message::SignIn { attempt: 0, step: SignInStep::Denied });
    assert!(model.signin.is_none());
}

#[test]
fn stale_data_stays_with_its_age_and_recovers() {
    let mut model = listing(80, 24, events());
    miss(&mut model, away());
    tick(&mut model, 12);
    assert!(matches!(model.freshness(), Some(Freshness::Stale(age, Some(_))) if age.num_seconds() == 12));
    assert_eq!(table(&model).rows.len(), 8);
    assert!(model.notices.is_empty(), "what heals by itself needs nobody");
    list(&mut model, events());
    assert_eq!(model.freshness(), Some(Freshness::Live));
}

#[test]
fn data_grows_old_even_if_nobody_says_why() {
    let mut model = listing(80, 24, events());
    tick(&mut model, 9);
    assert!(matches!(model.freshness(), Some(Freshness::Stale(_, None))));
}

#[test]
fn errors_stay_until_they_are_dismissed_and_toasts_go() {
    let mut model = listing(80, 24, events());
    miss(&mut model, refused("no"));
    miss(&mut model, refused("no"));
    list(&mut model, events());
    assert_eq!(model.notices.len(), 1);
    assert_eq!(model.notices[0].times, 2);
    write(&mut model, "x");
    assert!(model.notices.is_empty());
    write(&mut model, "x");
    assert!(model.toast.as_ref().unwrap().0.contains("no errors"));
    tick(&mut model, 7);
    assert!(model.toast.is_none());
}

#[test]
fn a_session_that_ended_leads_to_the_sign_in_and_back_to_the_same_screen() {
    let list = events();
    let mut model = opened(80, 24, &list[0], 3, 0, Vec::new());
    let effects = fail(&mut model, Query::Seats(list[0].id), Trouble::new(TroubleKind::SignedOut, "expired"));
    assert_eq!(effects, [Effect::Silence, Effect::SignIn { attempt: 2, from: SignInFrom::Scratch }]);
    assert_eq!(model.context(), Context::SignIn);
    assert_eq!(model.who, None);
    let step = SignInStep::SignedIn { who: Box::new(operator()), warning: Some("not kept".into()) };
    let effects = update(&mut model, Message::SignIn { attempt: 2, step });
    assert!(effects.contains(&Effect::WatchEvent { watch: model.watch, event: list[0].id }));
    assert_eq!(model.screen, Screen::Event);
    assert_eq!(model.notices.len(), 1);
}

#[test]
fn an_event_that_is_gone_leads_back_to_the_list() {
    let gala = &events()[0];
    let mut model = opened(80, 24, gala, 3, 0, Vec::new());
    fail(&mut model, Query::Seats(gala.id), Trouble::new(TroubleKind::Gone, "Not found"));
    assert_eq!(model.screen, Screen::Events);
    assert!(model.notices[0].trouble.what.contains("Winter Gala"));
    write(&mut model, "]");
    assert_eq!(model.screen, Screen::Events, "nobody goes forward to what is gone");
}

#[test]
fn a_daemon_that_is_away_is_asked_again_by_itself() {
    let mut model = fresh(80, 24);
    signin(&mut model, SignInStep::Failed(away()));
    assert_eq!(tick(&mut model, 1), []);
    let again = tick(&mut model, 2);
    assert_eq!(again, [Effect::SignIn { attempt: 2, from: SignInFrom::AtHand }]);
    assert_eq!(tick(&mut model, 5), [], "one attempt at a time");
    assert!(matches!(model.signin.as_ref().unwrap().state, SignInState::Failed(..)), "no flicker meanwhile");
    signin(&mut model, SignInStep::Failed(refused("no device flow")));
    assert_eq!(tick(&mut model, 60), [], "this does not heal by itself");
    assert_eq!(press(&mut model, KeyCode::Char('r')).len(), 1);
}

#[test]
fn denied_and_expired_can_be_tried_again() {
    for step in [SignInStep::Denied, SignInStep::Expired] {
        let mut model = fresh(80, 24);
        signin(&mut model, step);
        let effects = press(&mut model, KeyCode::Char('r'));
        assert_eq!(effects, [Effect::SignIn { attempt: 2, from: SignInFrom::Scratch }]);
        assert!(matches!(model.signin.as_ref().unwrap().state, SignInState::Looking));
    }
}

#[test]
fn the_seat_map_is_seen_whole_and_moved_over_at_every_zoom() {
    let huge = event(1, "Stadium", 100, 30_000, 100_000, 0);
    let mut model = opened(160, 48, &huge, 70_000, 10, Vec::new());
    for _ in 0..4 {
        write(&mut model, "G");
        assert_eq!(model.event.as_ref().unwrap().cursor, 99_999);
        write(&mut model, "jjj");
        assert_eq!(model.event.as_ref().unwrap().cursor, 99_999);
        write(&mut model, "gkkh");
        let event = model.event.as_ref().unwrap();
        assert_eq!((event.cursor, event.first), (0, 0));
        write(&mut model, "z");
    }
    assert_eq!(model.event.as_ref().unwrap().zoom, Some(Zoom::Seats));
    write(&mut model, "ZZZZ");
    assert_eq!(model.event.as_ref().unwrap().zoom, Some(Zoom::Density));
}

#[test]
fn seats_are_picked_one_by_one_and_by_ranges() {
    let gala = event(1, "Gala", 100, 30, 40, 0);
    let mut model = opened(160, 48, &gala, 10, 0, Vec::new());
    write(&mut model, "J15");
    press(&mut model, KeyCode::Enter);
    write(&mut model, " lV");
    write(&mut model, "ll ");
    let picked: Vec<u32> = model.event.as_ref().unwrap().picked.iter().copied().collect();
    assert_eq!(picked, [15, 16, 17, 18]);
    write(&mut model, "b");
    assert!(screen(&model).contains("15-18"), "the form has them");
    press(&mut model, KeyCode::Esc);
    press(&mut model, KeyCode::Esc);
    assert!(model.event.as_ref().unwrap().picked.is_empty());
}

#[test]
fn seats_of_a_person_are_found() {
    let gala = event(1, "Gala", 100, 30, 40, 0);
    let mut model = opened(160, 48, &gala, 15, 0, Vec::new());
    write(&mut model, "fmargar");
    press(&mut model, KeyCode::Enter);
    let event = model.event.as_ref().unwrap();
    assert_eq!(event.number(), 4);
    assert!(screen(&model).contains("★ margaret"));
    write(&mut model, "fnobody");
    press(&mut model, KeyCode::Enter);
    assert!(screen(&model).contains("Nobody like that sits here"));
}

#[test]
fn seats_that_do_not_exist_harm_nobody() {
    let mut screen = EventScreen::new(events()[0].id);
    screen.see(&SeatMap { total: 3, taken: vec![0, 2, 4, u32::MAX], held: vec![2, 3], event: None }, noon());
    assert_eq!((screen.taken, screen.held), (1, 1));
    screen.change(&[0, u32::MAX], &[0], &[0], noon());
    screen.hold(&[0, 9]);
    screen.see(&SeatMap { total: u32::MAX, taken: Vec::new(), held: Vec::new(), event: None }, noon());
    assert_eq!(screen.seats.len(), 1_000_000);
}

#[test]
fn a_question_is_asked_once_until_it_is_answered() {
    let mut model = signed_in(80, 24);
    assert_eq!(asks(&tick(&mut model, 5)), Vec::<&Query>::new());
    list(&mut model, events());
    assert_eq!(asks(&tick(&mut model, 8)), [&Query::Events]);
    model.stream = Link::Up;
    list(&mut model, events());
    assert!(asks(&tick(&mut model, 12)).is_empty(), "the stream tells what changes");
}

#[test]
fn signals_end_it_with_their_exit_code() {
    let mut model = listing(80, 24, events());
    update(&mut model, Message::Signal(Signal::Terminate));
    assert_eq!(model.end, Some(End::Signal(Signal::Terminate)));
    assert_eq!(Signal::Terminate.exit_code(), 143);
    assert_eq!(Signal::HangUp.exit_code(), 129);
}

#[test]
fn other_daemons_are_gone_to_with_nothing_left_of_this_one() {
    let contexts = [("prod".to_owned(), "https://prod.example/".to_owned())].into();
    let mut model = with_options(80, 24, Options { contexts, ..Options::default() });
    enter(&mut model, operator());
    list(&mut model, events());
    write(&mut model, "@");
    let effects = press(&mut model, KeyCode::Enter);
    assert_eq!(effects[..2], [Effect::Silence, Effect::Connect("https://prod.example/".to_owned())]);
    assert!(model.data.events.is_empty() && model.signin.is_some());
    assert_eq!(model.server, "https://prod.example/");
}

#[test]
fn settings_name_keys_and_are_checked() {
    let text = r#"{"start": "redis", "theme": "light", "keys": {"new-event": ["ctrl-e", "f2"], "go-redis": ["space"]}}"#;
    let settings = Settings::parse(text).unwrap();
    assert_eq!(settings.start, Some(Screen::Redis));
    let mut model = with_options(80, 24, Options { keymap: settings.keymap, ..Options::default() });
    enter(&mut model, operator());
    list(&mut model, events());
    write(&mut model, "n");
    assert!(model.overlay.is_none(), "the key was moved");
    press(&mut model, KeyCode::F(2));
    assert!(screen(&model).contains("Publish an event"));
    for wrong in [
        r#"{"start": "nowhere"}"#,
        r#"{"theme": "pink"}"#,
        r#"{"keys": {"fly": ["x"]}}"#,
        r#"{"keys": {"quit": ["hyper-x"]}}"#,
        r#"{"colour": 1}"#,
    ] {
        assert!(Settings::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_log_knows_each_call_and_the_command_that_does_the_same() {
    let mut model = listing(160, 24, events());
    let call = crate::model::Call {
        at: noon(),
        method: "POST".to_owned(),
        path: "/bookings/0198/cancel".to_owned(),
        status: Some(200),
        took: std::time::Duration::from_millis(12),
        request_id: Some("abc".to_owned()),
        command: crate::cli::command("POST", "/bookings/0198/cancel", None),
        body: None,
    };
    update(&mut model, Message::Called(Box::new(call)));
    write(&mut model, "0");
    let effects = press(&mut model, KeyCode::Char('y'));
    assert_eq!(effects, [Effect::Copy("happening booking cancel 0198 --yes".to_owned())]);
}

#[test]
fn a_table_is_written_to_a_file() {
    let mut model = listing(160, 24, events());
    write(&mut model, "/rust");
    press(&mut model, KeyCode::Enter);
    for (ending, beginning) in [("csv", "id,event,organization"), ("json", "[\n  {")] {
        write(&mut model, "E");
        press_ctrl(&mut model, 'u');
        write(&mut model, &format!("out.{ending}"));
        let effects = press(&mut model, KeyCode::Enter);
        let [Effect::Write { path, text }] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(path.to_str(), Some(format!("out.{ending}").as_str()));
        assert!(
            text.starts_with(beginning) && text.contains("Rust Meetup") && !text.contains("Jazz"),
            "{text}"
        );
    }
    write(&mut model, "E");
    press_ctrl(&mut model, 'u');
    write(&mut model, "out.exe");
    assert_eq!(press(&mut model, KeyCode::Enter), []);
    assert!(screen(&model).contains("Ends with .csv or .json") || screen(&model).contains(".csv or .json"));
}

/// What somebody changed in the database by hand: its counters follow, and agree with it.
#[test]
fn a_drift_of_the_store_is_a_difference_though_the_counters_agree() {
    use happening_core::wire::{Drift, DriftKind, InspectedEvent, Reconciled};
    let mut model = on(160, 48, Screen::Redis);
    let event = model.selected_event(crate::model::Pane::Counters).unwrap();
    let agreeing = InspectedEvent { event_id: event, agrees: true, drifts: Vec::new(), ..inspected() };
    answer(&mut model, Query::Inspect(event), Answer::Inspect(Box::new(agreeing)));
    let by_hand = Drift { kind: DriftKind::AvailableSlots, event_id: event, ..drift() };
    let report = Reconciled { events: 8, drifts: vec![by_hand], found: 1, ..Reconciled::default() };
    answer(&mut model, Query::Drifts, Answer::Drifts(report));
    let text = screen(&model);
    assert!(text.contains("1 difference: H heals") && !text.contains("counters and truth agree"), "{text}");
    assert!(text.contains("available slots: 35 instead of 38"), "{text}");
}
