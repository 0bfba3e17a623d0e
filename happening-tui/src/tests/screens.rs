//! Every screen: loading, empty, full, error, narrow.

use super::*;
use insta::assert_snapshot;

fn gala() -> Event {
    event(1, "Winter Gala", 26 * 24 + 7, 22, 250, 5)
}

#[test]
fn signin_looking() {
    assert_snapshot!(screen(&fresh(80, 24)));
}

#[test]
fn signin_waiting() {
    let mut model = fresh(80, 24);
    signin(&mut model, SignInStep::Code(code()));
    assert_snapshot!(screen(&model));
}

#[test]
fn signin_waiting_narrow() {
    let mut model = fresh(40, 14);
    signin(&mut model, SignInStep::Code(code()));
    assert_snapshot!(screen(&model));
}

#[test]
fn signin_denied() {
    let mut model = fresh(60, 15);
    signin(&mut model, SignInStep::Denied);
    assert_snapshot!(screen(&model));
}

#[test]
fn signin_expired() {
    let mut model = fresh(60, 15);
    signin(&mut model, SignInStep::Expired);
    assert_snapshot!(screen(&model));
}

#[test]
fn signin_unreachable() {
    let mut model = fresh(80, 24);
    signin(&mut model, SignInStep::Failed(away()));
    assert_snapshot!(screen(&model));
}

#[test]
fn signin_after_a_session_ended() {
    let mut model = listing(80, 24, events());
    miss(&mut model, Trouble::new(TroubleKind::SignedOut, "the access token has expired"));
    signin(&mut model, SignInStep::Code(code()));
    assert_snapshot!(screen(&model));
}

#[test]
fn events_loading() {
    assert_snapshot!(screen(&signed_in(80, 24)));
}

#[test]
fn events_empty() {
    assert_snapshot!(screen(&listing(80, 24, Vec::new())));
}

#[test]
fn events_full() {
    assert_snapshot!(screen(&listing(80, 24, events())));
}

#[test]
fn events_wide() {
    assert_snapshot!(screen(&listing(140, 16, events())));
}

#[test]
fn events_narrow() {
    assert_snapshot!(screen(&listing(40, 12, events())));
}

#[test]
fn events_filtered() {
    let mut model = listing(80, 24, events());
    write(&mut model, "/con.*t|jazz");
    assert_snapshot!(screen(&model));
}

#[test]
fn events_filtered_to_nothing() {
    let mut model = listing(80, 15, events());
    write(&mut model, "/zzz");
    press(&mut model, KeyCode::Enter);
    assert_snapshot!(screen(&model));
}

#[test]
fn events_stale() {
    let mut model = listing(80, 24, events());
    miss(&mut model, away());
    update(&mut model, Message::Tick(after(12)));
    assert_snapshot!(screen(&model));
}

#[test]
fn events_never_seen() {
    let mut model = signed_in(80, 24);
    miss(&mut model, away());
    assert_snapshot!(screen(&model));
}

#[test]
fn events_with_errors() {
    let mut model = listing(80, 24, events());
    for what in [
        "unexpected 200 answer: missing field `id`",
        "You may not do this",
        "unexpected 200 answer: missing field `id`",
    ] {
        let trouble =
            Trouble { request_id: Some("0198c1f2".into()), ..Trouble::new(TroubleKind::Refused, what) };
        miss(&mut model, trouble);
    }
    assert_snapshot!(screen(&model));
}

#[test]
fn event_loading() {
    let mut model = listing(80, 24, vec![gala()]);
    press(&mut model, KeyCode::Enter);
    assert_snapshot!(screen(&model));
}

#[test]
fn event_full() {
    assert_snapshot!(screen(&opened(80, 24, &gala(), 225, 3, waitlist())));
}

#[test]
fn event_wide() {
    assert_snapshot!(screen(&opened(140, 24, &gala(), 225, 3, waitlist())));
}

#[test]
fn event_huge_scrolled_to_its_end() {
    let huge = Event { total_slots: 100_000, available_slots: 77_496, ..gala() };
    let mut model = opened(80, 24, &huge, 22_501, 3, waitlist());
    press(&mut model, KeyCode::Char('G'));
    assert_snapshot!(screen(&model));
}

#[test]
fn event_empty() {
    let empty = Event { available_slots: 250, waiting: 0, ..gala() };
    assert_snapshot!(screen(&opened(80, 24, &empty, 0, 0, Vec::new())));
}

#[test]
fn event_whose_waitlist_is_not_ours_to_see() {
    let mut model = opened(80, 24, &gala(), 225, 3, Vec::new());
    let trouble = Trouble::new(TroubleKind::Refused, "only organizers may see who waits");
    let snapshot = EventSnapshot::new(gala(), &seat_map(&gala(), 225, 3), Err(trouble));
    see(&mut model, Snapshot::Event(Box::new(snapshot)));
    assert_snapshot!(screen(&model));
}

#[test]
fn event_stale() {
    let mut model = opened(80, 24, &gala(), 225, 3, waitlist());
    miss(&mut model, away());
    update(&mut model, Message::Tick(after(150)));
    assert_snapshot!(screen(&model));
}

#[test]
fn event_narrow_shows_one_pane() {
    let mut model = opened(44, 14, &gala(), 225, 3, waitlist());
    assert_snapshot!("event_narrow_seats", screen(&model));
    press(&mut model, KeyCode::Tab);
    assert_snapshot!("event_narrow_waitlist", screen(&model));
}

#[test]
fn help_over_the_list() {
    let mut model = listing(80, 24, events());
    press(&mut model, KeyCode::Char('?'));
    assert_snapshot!(screen(&model));
}

#[test]
fn help_narrow_and_scrolled() {
    let mut model = listing(40, 12, events());
    write(&mut model, "?G");
    assert_snapshot!(screen(&model));
}

#[test]
fn too_small() {
    assert_snapshot!(screen(&listing(30, 8, events())));
}

#[test]
fn without_unicode() {
    let mut model = opened(80, 24, &gala(), 225, 3, waitlist());
    model.theme = Theme::from_environment(|name| (name == "LC_ALL").then(|| "C".to_owned()));
    assert_snapshot!(screen(&model));
}
