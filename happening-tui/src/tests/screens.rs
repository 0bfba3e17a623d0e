//! Screens in states of their own; those that every screen has are in `states`.

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
fn events_wide() {
    assert_snapshot!(screen(&listing(160, 16, events())));
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
        miss(&mut model, refused(what));
    }
    assert_snapshot!(screen(&model));
}

#[test]
fn events_marked_and_sorted() {
    let mut model = listing(80, 15, events());
    write(&mut model, "  o");
    write(&mut model, "jjjjj");
    for _ in 0..5 {
        press(&mut model, KeyCode::Down);
    }
    press(&mut model, KeyCode::Enter);
    assert_snapshot!(screen(&model));
}

#[test]
fn event_full() {
    assert_snapshot!(screen(&opened(80, 24, &gala(), 225, 3, waitlist())));
}

#[test]
fn event_wide() {
    let mut model = opened(160, 48, &gala(), 225, 3, waitlist());
    write(&mut model, "l");
    answer_booking(&mut model, &gala());
    assert_snapshot!(screen(&model));
}

fn answer_booking(model: &mut Model, event: &Event) {
    let first = booking(0, event, happening_core::wire::BookingStatus::Confirmed, &[1, 2, 3]);
    answer(model, Query::Booking(first.id), Answer::Booking(Box::new(first), history()));
}

#[test]
fn event_with_picked_seats() {
    let mut model = opened(80, 24, &gala(), 10, 3, Vec::new());
    write(&mut model, "jl Vll z");
    press(&mut model, KeyCode::Char(' '));
    assert_snapshot!(screen(&model));
}

#[test]
fn event_huge() {
    let huge = Event { total_slots: 100_000, available_slots: 77_496, ..gala() };
    let mut model = opened(160, 48, &huge, 22_501, 3, waitlist());
    assert_snapshot!("event_huge_as_a_whole", screen(&model));
    write(&mut model, "zzG");
    assert_snapshot!("event_huge_near_its_end", screen(&model));
}

#[test]
fn event_empty() {
    let empty = Event { available_slots: 250, waiting: 0, ..gala() };
    assert_snapshot!(screen(&opened(80, 24, &empty, 0, 0, Vec::new())));
}

#[test]
fn event_whose_waitlist_is_not_ours_to_see() {
    let mut model = listing(80, 24, vec![gala()]);
    press(&mut model, KeyCode::Enter);
    answer(
        &mut model,
        Query::Seats(gala().id),
        Answer::Seats(Box::new(gala()), Box::new(seat_map(&gala(), 225, 3))),
    );
    let trouble = Trouble::new(TroubleKind::Refused, "only organizers may see who waits");
    fail(&mut model, Query::Line(gala().id), trouble.clone());
    fail(&mut model, Query::BookingsAt(gala().id), trouble);
    assert_snapshot!(screen(&model));
}

#[test]
fn event_stale() {
    let mut model = opened(80, 24, &gala(), 225, 3, waitlist());
    fail(&mut model, Query::Seats(gala().id), away());
    tick(&mut model, 150);
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
fn menu_over_the_list() {
    let mut model = listing(80, 24, events());
    press(&mut model, KeyCode::Char('?'));
    assert_snapshot!(screen(&model));
}

#[test]
fn menu_narrow_and_searched() {
    let mut model = listing(40, 12, events());
    write(&mut model, "?sort");
    assert_snapshot!(screen(&model));
}

#[test]
fn palette_finds_an_event() {
    let mut model = listing(80, 24, events());
    write(&mut model, ":gala");
    assert_snapshot!(screen(&model));
}

#[test]
fn too_small() {
    assert_snapshot!(screen(&listing(30, 8, events())));
}

#[test]
fn without_unicode() {
    let mut model = opened(80, 24, &gala(), 225, 3, waitlist());
    model.theme = Theme::choose(Wanted::Auto, |name| (name == "LC_ALL").then(|| "C".to_owned()), || None);
    assert_snapshot!(screen(&model));
}
