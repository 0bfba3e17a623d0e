//! What happens when something happens.

use super::*;
use crate::action::{self, BINDINGS, Key};
use crate::effect::{Effect, SignInFrom, Subject};
use crate::message::Signal;
use crate::model::{Context, End, Freshness, Place, SignInState};
use std::collections::HashSet;

fn names(model: &Model) -> Vec<&str> {
    (0..model.events.shown.len()).map(|at| model.events.at(at).unwrap().name.as_str()).collect()
}

#[test]
fn begins_with_a_session_at_hand_and_then_watches_the_list() {
    let mut model = Model::new(noon(), (80, 24), &Theme::dark(), String::new());
    assert_eq!(start(&mut model), [Effect::SignIn { attempt: 1, from: SignInFrom::AtHand }]);
    let step = SignInStep::SignedIn { who: "ada".into(), warning: None };
    let effects = update(&mut model, Message::SignIn { attempt: 1, step });
    assert_eq!(effects, [Effect::Watch { watch: 1, subject: Subject::Events }]);
    assert_eq!(model.context(), Context::Events);
}

#[test]
fn what_is_to_come_stands_before_what_is_over() {
    let model = listing(80, 24, events());
    let names = names(&model);
    assert_eq!(names[..2], ["Jazz at the Harbour", "Rust Meetup"]);
    assert_eq!(names[6..], ["Open Air", "Autumn Hackathon"]);
}

#[test]
fn the_cursor_stays_on_its_event() {
    let mut model = listing(80, 24, events());
    write(&mut model, "jj");
    let selected = model.events.selected.unwrap();
    let mut more = events();
    more.push(event(9, "Sooner than all", 1, 1, 1, 0));
    see(&mut model, Snapshot::Events(more));
    assert_eq!(model.events.at(model.events.cursor).unwrap().id, selected);
    // Its event is gone: the cursor stays where it was, as near as there is.
    see(
        &mut model,
        Snapshot::Events(events().into_iter().filter(|event| event.id != selected).take(2).collect()),
    );
    assert!(model.events.cursor < 2);
}

#[test]
fn moving_never_leaves_the_list() {
    let mut model = listing(80, 15, events());
    write(&mut model, "kkk");
    assert_eq!(model.events.cursor, 0);
    write(&mut model, "G");
    assert_eq!(model.events.cursor, 7);
    press(&mut model, KeyCode::PageDown);
    assert_eq!(model.events.cursor, 7);
    write(&mut model, "g");
    press(&mut model, KeyCode::PageDown);
    assert!(model.events.cursor > 0);
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
    assert_eq!(model.context(), Context::Events);
    press(&mut model, KeyCode::Esc);
    write(&mut model, "/!cancelled");
    assert_eq!(names(&model).len(), 7);
    press(&mut model, KeyCode::Esc);
    write(&mut model, "/harbour halls");
    assert_eq!(names(&model).len(), 3, "by organization");
    press(&mut model, KeyCode::Esc);
    write(&mut model, "/Evil (");
    assert_eq!(names(&model).len(), 0, "what is no regular expression is plain text");
    update(&mut model, Message::Paste("\u{1b}pasted".into()));
    assert_eq!(model.events.filter.text, "Evil (pasted");
}

#[test]
fn keys_that_mean_something_are_text_while_a_filter_is_typed() {
    let mut model = listing(80, 24, events());
    write(&mut model, "/qrjx?");
    assert_eq!(model.end, None);
    assert_eq!(model.events.filter.text, "qrjx?");
    update(&mut model, Message::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
    assert_eq!(model.end, Some(End::Quit));
}

#[test]
fn opening_and_leaving_an_event_moves_the_watch() {
    let mut model = listing(80, 24, events());
    let id = model.events.selected.unwrap();
    let effects = press(&mut model, KeyCode::Enter);
    assert_eq!(effects, [Effect::Watch { watch: 2, subject: Subject::Event(id) }]);
    let effects = press(&mut model, KeyCode::Esc);
    assert_eq!(effects, [Effect::Watch { watch: 3, subject: Subject::Events }]);
    assert_eq!(model.events.selected, Some(id));
}

#[test]
fn what_an_earlier_watch_still_sees_is_not_heard() {
    let mut model = listing(80, 24, events());
    update(&mut model, Message::Fresh { watch: 0, snapshot: Snapshot::Events(Vec::new()) });
    assert_eq!(model.events.total(), 8);
    update(&mut model, Message::SignIn { attempt: 0, step: SignInStep::Denied });
    assert!(model.signin.is_none());
}

#[test]
fn stale_data_stays_with_its_age_and_recovers() {
    let mut model = listing(80, 24, events());
    miss(&mut model, away());
    update(&mut model, Message::Tick(after(12)));
    assert!(matches!(model.freshness(), Some(Freshness::Stale(age, Some(_))) if age.num_seconds() == 12));
    assert_eq!(model.events.total(), 8);
    assert!(model.notices.is_empty(), "what heals by itself needs nobody");
    see(&mut model, Snapshot::Events(events()));
    assert_eq!(model.freshness(), Some(Freshness::Live));
}

#[test]
fn data_grows_old_even_if_nobody_says_why() {
    let mut model = listing(80, 24, events());
    update(&mut model, Message::Tick(after(9)));
    assert!(matches!(model.freshness(), Some(Freshness::Stale(_, None))));
}

#[test]
fn errors_stay_until_they_are_dismissed() {
    let mut model = listing(80, 24, events());
    miss(&mut model, Trouble::new(TroubleKind::Refused, "no"));
    miss(&mut model, Trouble::new(TroubleKind::Refused, "no"));
    see(&mut model, Snapshot::Events(events()));
    assert_eq!(model.notices.len(), 1);
    assert_eq!(model.notices[0].times, 2);
    write(&mut model, "x");
    assert!(model.notices.is_empty());
    write(&mut model, "x");
}

#[test]
fn a_session_that_ended_leads_to_the_sign_in_and_back_to_the_same_screen() {
    let list = events();
    let mut model = opened(80, 24, &list[0], 3, 0, Vec::new());
    let watch = model.watch;
    let trouble = Trouble::new(TroubleKind::SignedOut, "expired");
    let effects = update(&mut model, Message::Stale { watch, trouble });
    assert_eq!(effects, [Effect::Unwatch, Effect::SignIn { attempt: 2, from: SignInFrom::Scratch }]);
    assert_eq!(model.context(), Context::SignIn);
    assert_eq!(model.who, None);
    let step = SignInStep::SignedIn { who: "ada".into(), warning: Some("not kept".into()) };
    let effects = update(&mut model, Message::SignIn { attempt: 2, step });
    assert_eq!(effects, [Effect::Watch { watch: watch + 2, subject: Subject::Event(list[0].id) }]);
    assert_eq!(model.context(), Context::Event);
    assert_eq!(model.notices.len(), 1);
}

#[test]
fn an_event_that_is_gone_leads_back_to_the_list() {
    let mut model = opened(80, 24, &events()[0], 3, 0, Vec::new());
    miss(&mut model, Trouble::new(TroubleKind::Gone, "Not found"));
    assert_eq!(model.place, Place::Events);
    assert!(model.notices[0].trouble.what.contains("Winter Gala"));
}

#[test]
fn a_daemon_that_is_away_is_asked_again_by_itself() {
    let mut model = fresh(80, 24);
    signin(&mut model, SignInStep::Failed(away()));
    assert_eq!(update(&mut model, Message::Tick(after(1))), []);
    let again = update(&mut model, Message::Tick(after(2)));
    assert_eq!(again, [Effect::SignIn { attempt: 2, from: SignInFrom::AtHand }]);
    assert_eq!(update(&mut model, Message::Tick(after(5))), [], "one attempt at a time");
    assert!(matches!(model.signin.as_ref().unwrap().state, SignInState::Failed(..)), "no flicker meanwhile");
    signin(&mut model, SignInStep::Failed(Trouble::new(TroubleKind::Refused, "no device flow")));
    assert_eq!(update(&mut model, Message::Tick(after(60))), [], "this does not heal by itself");
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
fn seats_scroll_by_rows_and_stay_within_the_map() {
    let huge = event(1, "Stadium", 100, 30_000, 100_000, 0);
    let mut model = opened(80, 24, &huge, 70_000, 10, Vec::new());
    write(&mut model, "G");
    let bottom = model.event.as_ref().unwrap().first_seat;
    assert!(bottom > 99_000 && bottom.is_multiple_of(10));
    write(&mut model, "jjj");
    assert_eq!(model.event.as_ref().unwrap().first_seat, bottom);
    write(&mut model, "gkk");
    assert_eq!(model.event.as_ref().unwrap().first_seat, 0);
}

#[test]
fn seats_that_do_not_exist_harm_nobody() {
    let small = event(1, "Small", 1, 3, 3, 0);
    let map = SeatMap { total: 3, taken: vec![0, 2, 4, u32::MAX], held: vec![2, 3], event: None };
    let snapshot = EventSnapshot::new(small.clone(), &map, Ok(Vec::new()));
    assert_eq!((snapshot.taken, snapshot.held), (1, 1));
    let map = SeatMap { total: u32::MAX, taken: Vec::new(), held: Vec::new(), event: None };
    assert_eq!(EventSnapshot::new(small, &map, Ok(Vec::new())).seats.len(), 1_000_000);
}

#[test]
fn unknown_organizations_are_asked_for_once() {
    let mut model = signed_in(80, 24);
    let watch = model.watch;
    let seen =
        |model: &mut Model| update(model, Message::Fresh { watch, snapshot: Snapshot::Events(events()) });
    assert!(matches!(&seen(&mut model)[..], [Effect::LearnOrganizations(ids)] if ids.len() == 3));
    assert_eq!(seen(&mut model), []);
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
fn no_key_means_two_things_in_one_place() {
    for context in [Context::SignIn, Context::Events, Context::Filter, Context::Event, Context::Help] {
        let mut seen: HashSet<String> = HashSet::new();
        for binding in action::in_context(context) {
            for key in binding.keys.iter().map(|key: &Key| key.label()) {
                assert!(seen.insert(key.clone()), "{key} twice in {context:?}");
            }
        }
    }
}

#[test]
fn every_action_is_in_the_help_with_a_key() {
    let mut model = listing(200, 60, events());
    write(&mut model, "?");
    let help = screen(&model);
    for binding in BINDINGS.iter().filter(|binding| !binding.contexts.iter().all(|c| *c == Context::SignIn)) {
        assert!(!binding.keys.is_empty() && help.contains(binding.about), "{}", binding.about);
    }
}
