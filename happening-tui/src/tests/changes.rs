//! Changes: filled in, tried, told, confirmed, made, taken back.

use super::*;
use crate::command::{BookingRef, Command};
use crate::model::{DialogState, Foretold, Overlay};
use happening_core::client::ClientError;
use happening_core::wire::{
    Before, Booking, BookingStatus, ErrorCode, EventStatus, Member, OrganizationStatus, Problem, ResizePlan,
    Role, TooLarge, UpdateEvent, UserStatus, WaitlistPolicy, WouldBePromoted,
};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// The commands that are tried, and the ticket of their dialog.
fn tried(effects: &[Effect]) -> (u32, Vec<Command>) {
    match effects.iter().find(|effect| matches!(effect, Effect::Foretell { .. })) {
        Some(Effect::Foretell { ticket, commands }) => (*ticket, commands.clone()),
        _ => panic!("nothing is tried: {effects:?}"),
    }
}

fn foretell(model: &mut Model, ticket: u32, commands: Vec<Command>, answers: Vec<Value>) {
    let foretold = Foretold { answers, commands, ..Foretold::default() };
    update(model, Message::Foretold { ticket, foretold: Ok(Box::new(foretold)) });
}

fn done(model: &mut Model, ticket: u32, command: Command, answer: Value) -> Vec<Effect> {
    update(model, Message::Done { ticket, command, answer: Ok(answer) })
}

fn gala() -> Event {
    event(1, "Gala", 100, 25, 40, 0)
}

fn confirmed(seats: &[u32]) -> Booking {
    booking(7, &gala(), BookingStatus::Confirmed, seats)
}

#[test]
fn two_named_seats_are_booked_for_a_person() {
    let mut model = opened(160, 48, &gala(), 15, 0, Vec::new());
    write(&mut model, "J20");
    press(&mut model, KeyCode::Enter);
    write(&mut model, " l b");
    write(&mut model, "lin");
    let asked = tick(&mut model, 1);
    let query = Query::People("lin".to_owned());
    assert!(
        asked.contains(&Effect::Ask { attempt: model.attempt, query: query.clone() }),
        "found while typing"
    );
    answer(&mut model, query, Answer::People(vec![user(0, "linus"), user(1, "linda")]));
    assert_snapshot!("form_with_people", screen(&model));
    press(&mut model, KeyCode::Down);
    for _ in 0..3 {
        press(&mut model, KeyCode::Enter);
    }
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Enter));
    let [Command::Book { create, who, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(
        (create.user_id, create.seat_numbers.as_deref(), create.seats),
        (Some(person(200)), Some(&[20, 21][..]), 2)
    );
    assert_eq!(who, "linus");
    foretell(&mut model, ticket, commands.clone(), vec![serde_json::to_value(confirmed(&[20, 21])).unwrap()]);
    assert_snapshot!("dialog_to_book", screen(&model));
    assert_eq!(press(&mut model, KeyCode::Enter), [], "the dialog rests on Cancel");
    assert!(model.overlay.is_none());
}

/// Who runs the Gala and is no staff.
fn runs_the_gala() -> Who {
    let roles = vec![(gala().org_id, "Harbour Halls".to_owned(), Role::Organizer)];
    Who { user: Some(gala().created_by), roles, ..member() }
}

/// The form to book at the Gala, with the members of its organization known.
fn booking_as(who: Who, members: Vec<Member>) -> Model {
    let mut model = fresh(160, 48);
    enter(&mut model, who);
    list(&mut model, vec![gala()]);
    write(&mut model, "b");
    let asked = tick(&mut model, 1);
    let query = Query::Members(gala().org_id);
    if asked.contains(&Effect::Ask { attempt: model.attempt, query: query.clone() }) {
        answer(&mut model, query, Answer::Members(members));
    }
    model
}

#[test]
fn who_runs_an_event_books_for_its_members_and_for_themselves() {
    let linus = Member { id: person(200), username: "linus".to_owned(), ..members().remove(0) };
    let mut model = booking_as(runs_the_gala(), vec![linus]);
    write(&mut model, "lin");
    tick(&mut model, 1);
    answer(
        &mut model,
        Query::People("lin".to_owned()),
        Answer::People(vec![user(0, "linus"), user(1, "linda")]),
    );
    let shown = screen(&model);
    assert!(shown.contains("linus") && !shown.contains("linda"), "members alone are offered: {shown}");
    for _ in 0..4 {
        press(&mut model, KeyCode::Enter);
    }
    let Some(Overlay::Dialog(_)) = &model.overlay else { panic!("no dialog: {}", screen(&model)) };

    let mut model = booking_as(runs_the_gala(), members());
    write(&mut model, "lin");
    tick(&mut model, 1);
    answer(&mut model, Query::People("lin".to_owned()), Answer::People(vec![user(0, "linus")]));
    assert!(screen(&model).contains("no member of “Harbour Halls” is called so"), "{}", screen(&model));

    let mut model = booking_as(runs_the_gala(), Vec::new());
    let mut effects = Vec::new();
    for _ in 0..4 {
        effects = press(&mut model, KeyCode::Enter);
    }
    let (_, commands) = tried(&effects);
    let [Command::Book { create, who, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((create.user_id, who.as_str()), (None, "you"), "naming nobody is oneself");

    let mut model = booking_as(runs_the_gala(), Vec::new());
    write(&mut model, "nobody");
    for _ in 0..4 {
        press(&mut model, KeyCode::Enter);
    }
    let shown = screen(&model);
    assert!(shown.contains("For whom?"), "a text that leads to nobody is not oneself: {shown}");
}

#[test]
fn others_book_for_themselves() {
    let roles = vec![(gala().org_id, "Harbour Halls".to_owned(), Role::Organizer)];
    let mut model = booking_as(Who { roles, ..member() }, members());
    let Some(Overlay::Form(form)) = &model.overlay else { panic!("no form") };
    assert!(form.fields.iter().all(|field| field.label != "person"));
    let mut effects = Vec::new();
    for _ in 0..3 {
        effects = press(&mut model, KeyCode::Enter);
    }
    let (_, commands) = tried(&effects);
    assert!(matches!(&commands[..], [Command::Book { create, .. }] if create.user_id.is_none()));
}

fn cancelling() -> (Model, u32, Vec<Command>) {
    let mut model = opened(160, 48, &gala(), 15, 0, waitlist());
    press(&mut model, KeyCode::BackTab);
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Char('c')));
    (model, ticket, commands)
}

#[test]
fn a_cancellation_says_who_is_promoted_and_can_be_taken_back() {
    let (mut model, ticket, commands) = cancelling();
    let [Command::Cancel(BookingRef { seats, who, .. })] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((&seats[..], who.as_str()), (&[1, 2, 3][..], "linus"));
    let ada = waitlist()[0].clone();
    let promoted = WouldBePromoted {
        booking_id: ada.booking_id,
        user_id: ada.user_id,
        waiting_number: ada.waiting_number,
        seats: 3,
        assigned_seats: vec![1, 2, 3],
        rest: 1,
        passes_head: false,
    };
    let foretold = Foretold {
        answers: vec![json!({"ok": true})],
        promoted: vec![("ada.lovelace".to_owned(), promoted)],
        commands: commands.clone(),
        ..Foretold::default()
    };
    update(&mut model, Message::Foretold { ticket, foretold: Ok(Box::new(foretold)) });
    assert_snapshot!("dialog_to_cancel", screen(&model));
    press(&mut model, KeyCode::Tab);
    let effects = press(&mut model, KeyCode::Enter);
    assert_eq!(effects, [Effect::Perform { ticket, commands: commands.clone() }]);
    done(&mut model, ticket, commands[0].clone(), json!({"ok": true}));
    assert!(model.overlay.is_none());
    assert!(model.toast.as_ref().unwrap().0.contains("U takes it back"));
    let (_, back) = tried(&press(&mut model, KeyCode::Char('U')));
    let [Command::Book { create, .. }] = &back[..] else { panic!("{back:?}") };
    assert_eq!(create.seat_numbers.as_deref(), Some(&[1, 2, 3][..]));
}

#[test]
fn what_the_daemon_would_refuse_cannot_be_confirmed() {
    let (mut model, ticket, _) = cancelling();
    update(&mut model, Message::Foretold { ticket, foretold: Err(refused("The event is over")) });
    assert_snapshot!("dialog_refused", screen(&model));
    press(&mut model, KeyCode::Tab);
    assert_eq!(press(&mut model, KeyCode::Enter), []);
    assert!(model.overlay.is_none());
}

#[test]
fn what_was_foretold_for_an_earlier_dialog_is_not_shown() {
    let (mut model, ticket, _) = cancelling();
    press(&mut model, KeyCode::Esc);
    let (later, commands) = tried(&press(&mut model, KeyCode::Char('c')));
    assert_ne!(later, ticket);
    foretell(&mut model, ticket, commands, Vec::new());
    assert!(
        matches!(&model.overlay, Some(Overlay::Dialog(dialog)) if matches!(dialog.state, DialogState::Trying))
    );
}

#[test]
fn many_are_done_one_after_the_other_and_failures_stay() {
    let mut model = opened(160, 48, &gala(), 15, 0, Vec::new());
    press(&mut model, KeyCode::BackTab);
    write(&mut model, "A");
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Char('c')));
    assert_eq!(commands.len(), 5);
    foretell(&mut model, ticket, commands.clone(), vec![json!({"ok": true}); 5]);
    press(&mut model, KeyCode::Tab);
    press(&mut model, KeyCode::Enter);
    assert_eq!(press(&mut model, KeyCode::Esc), [], "what is being done goes on");
    for (at, command) in commands.into_iter().enumerate() {
        assert!(model.overlay.is_some(), "{at}");
        let answer = if at == 2 { Err(refused("too late")) } else { Ok(json!({"ok": true})) };
        update(&mut model, Message::Done { ticket, command, answer });
    }
    assert!(model.overlay.is_none());
    assert_eq!(model.notices.len(), 1);
    assert!(model.notices[0].trouble.what.contains("too late"));
}

#[test]
fn a_resize_shows_its_plan() {
    let mut model = opened(160, 48, &gala(), 15, 0, waitlist());
    write(&mut model, "+");
    press_ctrl(&mut model, 'u');
    write(&mut model, "60");
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Enter));
    let [Command::UpdateEvent { update: changed, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(changed.total_slots, Some(60), "ctrl-u empties a field for numbers too");
    let plan = ResizePlan {
        event_id: gala().id,
        version: 42,
        total_slots: Before { from: 40, to: 60 },
        allowed: true,
        refusal: None,
        highest_booked_seat: 15,
        too_large: Vec::new(),
        promoted: Vec::new(),
        available_slots: Before { from: 25, to: 40 },
        waiting: Before { from: 5, to: 0 },
    };
    let foretold = Foretold { answers: vec![Value::Null], plan: Some(plan), commands, ..Foretold::default() };
    update(&mut model, Message::Foretold { ticket, foretold: Ok(Box::new(foretold)) });
    assert!(screen(&model).contains("40 seats become 60; free 25 become 40; waiting 5 become 0"));
}

#[test]
fn events_are_published_changed_called_off_and_deleted() {
    let mut model = listing(160, 48, events());
    write(&mut model, "n");
    press(&mut model, KeyCode::Right);
    press(&mut model, KeyCode::Enter);
    write(&mut model, "New one");
    press(&mut model, KeyCode::Enter);
    write(&mut model, "2027-01-02T19:00");
    press(&mut model, KeyCode::Enter);
    write(&mut model, "x80");
    for hour in ["2027-01-02T23:00", "2027-01-02T20:00"] {
        press(&mut model, KeyCode::Enter);
        write(&mut model, hour);
    }
    for _ in 0..5 {
        press(&mut model, KeyCode::Enter);
    }
    write(&mut model, "6");
    press(&mut model, KeyCode::Enter);
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    let [Command::CreateEvent(create)] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((create.name.as_str(), create.total_slots), ("New one", 80), "letters are no number");
    assert_eq!(create.max_seats_per_booking, Some(6));
    let (end, closes_at) = (create.event_end.as_deref(), create.bookings_close_at.as_deref());
    assert_eq!((end, closes_at), (Some("2027-01-02T23:00"), Some("2027-01-02T20:00")));
    press(&mut model, KeyCode::Esc);

    write(&mut model, "e");
    press_ctrl(&mut model, 'u');
    write(&mut model, "Another");
    for _ in 0..10 {
        press(&mut model, KeyCode::Enter);
    }
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    let [Command::UpdateEvent { update: changed, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(changed.name.as_deref(), Some("Another"));
    assert!(changed.event_date.is_none() && changed.status.is_none(), "only what was changed is sent");
    press(&mut model, KeyCode::Esc);

    assert!(changed.max_seats_per_booking.is_none() && changed.event_end.is_none());

    let (_, commands) = tried(&press(&mut model, KeyCode::Char('X')));
    assert!(
        matches!(&commands[..], [Command::UpdateEvent { update, .. }] if update.status == Some(EventStatus::Cancelled))
    );
    press(&mut model, KeyCode::Esc);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('D')));
    assert!(matches!(&commands[..], [Command::DeleteEvent { .. }]) && commands[0].is_destructive());
}

/// The form to change the Gala, with one field emptied and written anew.
fn edited(gala: &Event, label: &str, text: &str) -> (Model, Vec<Command>) {
    let mut model = opened(160, 48, gala, 15, 0, Vec::new());
    write(&mut model, "e");
    let Some(Overlay::Form(form)) = &model.overlay else { panic!("no form") };
    let (at, count) = (form.fields.iter().position(|one| one.label == label).unwrap(), form.fields.len());
    for _ in 0..at {
        press(&mut model, KeyCode::Tab);
    }
    press_ctrl(&mut model, 'u');
    write(&mut model, text);
    let mut effects = Vec::new();
    for _ in at..count {
        effects = press(&mut model, KeyCode::Enter);
    }
    let (_, commands) = tried(&effects);
    (model, commands)
}

#[test]
fn a_booking_limit_is_shown_set_and_cleared() {
    let limited = Event { max_seats_per_booking: Some(4), ..gala() };
    let mut model = opened(160, 48, &limited, 15, 0, Vec::new());
    assert!(screen(&model).contains("at most 4 seats a booking"));
    write(&mut model, "b");
    assert!(screen(&model).contains("Book at “Gala”, at most 4 seats"));
    for (text, limit) in [("8", Some(8)), ("", None)] {
        let (model, commands) = edited(&limited, "booking limit", text);
        let [Command::UpdateEvent { update: changed, .. }] = &commands[..] else { panic!("{commands:?}") };
        let only = UpdateEvent { max_seats_per_booking: Some(limit), ..UpdateEvent::default() };
        assert_eq!(**changed, only, "empty clears");
        let words = if text.is_empty() { "no booking limit" } else { "at most 8 seats a booking" };
        assert!(screen(&model).contains(words), "{}", screen(&model));
    }
}

#[test]
fn paused_sales_are_said_before_and_when_they_refuse() {
    let paused = Event { sales_paused: true, ..gala() };
    let mut model = opened(160, 48, &paused, 15, 0, Vec::new());
    write(&mut model, "b");
    assert!(screen(&model).contains("whose sales are paused"));
    write(&mut model, "lin");
    tick(&mut model, 1);
    answer(&mut model, Query::People("lin".to_owned()), Answer::People(vec![user(0, "linus")]));
    for _ in 0..3 {
        press(&mut model, KeyCode::Enter);
    }
    let (ticket, _) = tried(&press(&mut model, KeyCode::Enter));
    let refusal = "This event takes no new bookings at the moment: its sale is paused.";
    let trouble = refusal_of(ErrorCode::SalesPaused, refusal);
    update(&mut model, Message::Foretold { ticket, foretold: Err(trouble) });
    assert_snapshot!("dialog_sales_paused", screen(&model));
}

/// What the daemon's refusal with a code becomes.
pub fn refusal_of(code: ErrorCode, detail: &str) -> Trouble {
    let problem = Problem::new(code, detail);
    Trouble::from(&ClientError::Refused { problem: Box::new(problem), retry_after: None })
}

#[test]
fn refusals_say_what_to_do_next() {
    // The words of the daemon name the field, the screen leads to the sign-in, or only another version of this program helps.
    let without = [
        ErrorCode::ValidationFailed,
        ErrorCode::Unauthenticated,
        ErrorCode::MethodNotAllowed,
        ErrorCode::PayloadTooLarge,
        ErrorCode::UnsupportedMediaType,
    ];
    for code in ErrorCode::ALL.iter().copied() {
        let trouble = refusal_of(code, "It is so.");
        assert_eq!(trouble.advice.is_none(), without.contains(&code), "{code}");
        let advice = trouble.advice.unwrap_or("long enough");
        assert!(advice.len() > 10 && !advice.ends_with('.'), "{code}: {advice}");
        assert!(trouble.line().starts_with("It is so"), "{code}");
    }
    let taken =
        Problem::new(ErrorCode::SeatsConflict, "Some of these seats are taken.").with("unavailable", [3, 4]);
    let taken = Trouble::from(&ClientError::Refused { problem: Box::new(taken), retry_after: None });
    assert_eq!(taken.what, "Some of these seats are taken (taken: 3, 4)");
}

#[test]
fn a_request_that_was_lessened_is_told_before_and_after() {
    let (mut model, ticket, commands) = cancelling();
    let answer = json!({"ok": true, "lessened": [
        {"booking_id": id(5, 9), "by": 2, "rest": 1}, {"booking_id": id(5, 10), "by": 1, "rest": 0},
    ]});
    foretell(&mut model, ticket, commands.clone(), vec![answer.clone()]);
    let shown = screen(&model);
    assert!(shown.contains("linus also waits for 2 seats less"), "{shown}");
    assert!(shown.contains("also leaves the waitlist: the rest"), "{shown}");
    press(&mut model, KeyCode::Tab);
    press(&mut model, KeyCode::Enter);
    done(&mut model, ticket, commands[0].clone(), answer);
    let toast = &model.toast.as_ref().unwrap().0;
    assert!(
        toast.contains("linus also waits for 2 seats less, as seats are given back: 1 remain"),
        "{toast}"
    );
}

#[test]
fn a_party_that_wants_more_seats_than_there_are_is_marked() {
    let small = Event { total_slots: 10, available_slots: 0, ..gala() };
    let mut model = opened(160, 48, &small, 10, 0, waitlist());
    assert!(screen(&model).contains("12/10"), "{}", screen(&model));
    write(&mut model, "+");
    press_ctrl(&mut model, 'u');
    write(&mut model, "11");
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Enter));
    let large = &waitlist()[3];
    let too_large = TooLarge { booking_id: large.booking_id, user_id: large.user_id, seats: 12 };
    let foretold = Foretold {
        answers: vec![Value::Null],
        too_large: vec![("margaret".to_owned(), too_large)],
        commands,
        ..Foretold::default()
    };
    update(&mut model, Message::Foretold { ticket, foretold: Ok(Box::new(foretold)) });
    let shown = screen(&model);
    assert!(shown.contains("margaret waits for 12 seats, more than there would be"), "{shown}");
}

#[test]
fn what_frees_no_seats_says_why_nobody_is_promoted() {
    let mut model = opened(160, 48, &gala(), 15, 0, waitlist());
    write(&mut model, "m20-22");
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Enter));
    foretell(&mut model, ticket, commands, vec![serde_json::to_value(confirmed(&[20, 21, 22])).unwrap()]);
    assert!(screen(&model).contains("Nobody is promoted: as many seats come free as are taken"));
    press(&mut model, KeyCode::Esc);
    for key in ['D', 'X'] {
        let (ticket, commands) = tried(&press(&mut model, KeyCode::Char(key)));
        foretell(&mut model, ticket, commands, vec![Value::Null]);
        let shown = screen(&model);
        assert!(shown.contains("Nobody is promoted: the event gives no seats any more"), "{shown}");
        press(&mut model, KeyCode::Esc);
    }
    // Who may not see the line is not told that nobody waits.
    let (mut model, ticket, commands) = cancelling();
    let foretold = Foretold { answers: vec![Value::Null], unseen: true, commands, ..Foretold::default() };
    update(&mut model, Message::Foretold { ticket, foretold: Ok(Box::new(foretold)) });
    assert!(screen(&model).contains("who that is, is not for you to see"));
}

#[test]
fn who_is_served_by_hand_is_named_with_the_seats() {
    let mut model = opened(160, 48, &gala(), 15, 0, waitlist());
    press(&mut model, KeyCode::Tab);
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Char('t')));
    let ada = waitlist()[0].user_id;
    let answer = json!({"event_id": gala().id, "promoted": [
        {"booking_id": null, "confirmed_booking_id": null, "user_id": ada, "waiting_number": 1, "seats": [16, 17], "rest": 2},
    ]});
    foretell(&mut model, ticket, commands, vec![answer]);
    let shown = screen(&model);
    assert!(shown.contains("ada.lovelace would get seats 16, 17 and waits for 2 more"), "{shown}");
}

#[test]
fn a_form_is_taken_as_it_is_without_going_through_its_fields() {
    let mut model = opened(160, 48, &gala(), 15, 0, Vec::new());
    write(&mut model, "b");
    write(&mut model, "lin");
    tick(&mut model, 1);
    answer(&mut model, Query::People("lin".to_owned()), Answer::People(vec![user(0, "linus")]));
    let (_, commands) = tried(&press_ctrl(&mut model, 's'));
    assert!(
        matches!(&commands[..], [Command::Book { who, create, .. }] if who == "linus" && create.seats == 1)
    );
    press(&mut model, KeyCode::Esc);
    write(&mut model, "n");
    press_ctrl(&mut model, 's');
    assert!(screen(&model).contains("Name: please fill in"), "{}", screen(&model));
}

#[test]
fn who_types_faster_than_the_daemon_answers_is_waited_for() {
    let mut model = opened(160, 48, &gala(), 15, 0, Vec::new());
    write(&mut model, "b");
    write(&mut model, "linus");
    for _ in 0..4 {
        press(&mut model, KeyCode::Enter);
    }
    let Some(Overlay::Form(form)) = &model.overlay else { panic!("no form") };
    assert_eq!(
        (form.at, form.error.is_some()),
        (0, true),
        "the cursor is on the person who is not found yet"
    );
    press(&mut model, KeyCode::BackTab);
    let query = Query::People("linus".to_owned());
    assert!(tick(&mut model, 1).contains(&Effect::Ask { attempt: model.attempt, query: query.clone() }));
    answer(&mut model, query, Answer::People(vec![user(0, "linus"), user(1, "linus.two")]));
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    assert!(matches!(&commands[..], [Command::Book { who, .. }] if who == "linus"));
}

#[test]
fn a_choice_cannot_be_written_over() {
    let mut model = opened(160, 48, &gala(), 15, 0, Vec::new());
    write(&mut model, "b");
    for _ in 0..3 {
        press(&mut model, KeyCode::Tab);
    }
    press(&mut model, KeyCode::Backspace);
    write(&mut model, "p");
    press(&mut model, KeyCode::Backspace);
    press_ctrl(&mut model, 'u');
    let Some(Overlay::Form(form)) = &model.overlay else { panic!("no form") };
    assert_eq!(form.text("together"), "preferred");
}

#[test]
fn who_may_not_look_for_people_has_their_own_bookings() {
    let mut model = fresh(160, 48);
    enter(&mut model, member());
    list(&mut model, events());
    write(&mut model, "5");
    let own = Query::People(person(9).to_string());
    assert!(model.feeds.of(&own).in_flight, "they are asked for by their id");
    let me = happening_core::wire::FoundUser { id: person(9), ..user(0, "member") };
    answer(&mut model, own, Answer::People(vec![me]));
    tick(&mut model, 1);
    let mine = with_event(&Booking { user_id: person(9), ..confirmed(&[1, 2]) }, &events()[1]);
    answer(&mut model, Query::BookingsOf(person(9)), Answer::BookingsOf(vec![mine]));
    let shown = screen(&model);
    assert!(shown.contains("People 1  yourself") && shown.contains("Rust Meetup"), "{shown}");
    press(&mut model, KeyCode::Tab);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('c')));
    assert!(matches!(&commands[..], [Command::Cancel(booking)] if booking.user == person(9)));
    let mut model = signed_in(80, 24);
    write(&mut model, "5");
    assert_eq!(model.people_wanted, "", "staff begin with everybody");
}

#[test]
fn seats_are_moved_and_some_are_cancelled() {
    let mut model = opened(160, 48, &gala(), 15, 0, Vec::new());
    write(&mut model, "m7, 8");
    press(&mut model, KeyCode::Enter);
    assert!(screen(&model).contains("It has 3 seats: name as many"));
    press_ctrl(&mut model, 'u');
    write(&mut model, "20-22");
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Enter));
    assert!(
        matches!(&commands[..], [Command::Move(booking, to)] if booking.seats == [1, 2, 3] && to[..] == [20, 21, 22])
    );
    done(&mut model, ticket, commands[0].clone(), serde_json::to_value(confirmed(&[20, 21, 22])).unwrap());
    let back = model.undo.clone().unwrap();
    assert!(matches!(&back[..], [Command::Move(_, to)] if to[..] == [1, 2, 3]));
    press(&mut model, KeyCode::Esc);
    write(&mut model, "s");
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    assert!(
        matches!(&commands[..], [Command::CancelSeats(_, seats)] if seats[..] == [1]),
        "the seat under the cursor"
    );
}

#[test]
fn operations_are_done_from_their_tables() {
    let mut model = on(160, 48, Screen::Queue);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('a')));
    let what = "a message for linus at “Rust Meetup”".to_owned();
    assert_eq!(commands, [Command::Requeue(parked().id, what.clone())]);
    assert!(screen(&model).contains("Publish again: a message for linus at “Rust Meetup”"));
    press(&mut model, KeyCode::Esc);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('D')));
    assert_eq!(commands, [Command::Discard(parked().id, what)]);
    press(&mut model, KeyCode::Esc);
    press(&mut model, KeyCode::Tab);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('a')));
    let what = "booking confirmed for linus at “Rust Meetup”".to_owned();
    assert_eq!(commands, [Command::Resend(undelivered().id, what)]);
    let mut model = on(160, 48, Screen::Redis);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('H')));
    assert!(
        matches!(&commands[..], [Command::Heal(Some((_, name)))] if name == "Rust Meetup"),
        "drift stands first"
    );
    press(&mut model, KeyCode::Esc);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('W')));
    assert_eq!(commands, [Command::Heal(None)]);
    let mut model = on(160, 48, Screen::Waitlists);
    press(&mut model, KeyCode::Tab);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('t')));
    assert!(matches!(&commands[..], [Command::Promote(booking)] if booking.who == "ada.lovelace"));
    let mut model = on(160, 48, Screen::Organizations);
    write(&mut model, "Inew@example.org");
    for _ in 0..2 {
        press(&mut model, KeyCode::Enter);
    }
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    assert!(matches!(&commands[..], [Command::Invite { email, .. }] if email == "new@example.org"));
    press(&mut model, KeyCode::Esc);
    press(&mut model, KeyCode::Tab);
    write(&mut model, "u");
    press(&mut model, KeyCode::Left);
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    assert!(matches!(&commands[..], [Command::SetRole { who, .. }] if who == "admin"));
}

#[test]
fn people_are_suspended_and_resumed() {
    let mut model = on(160, 48, Screen::Bookings);
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Char('P')));
    let [Command::SetUserStatus { who, status: UserStatus::Suspended, .. }] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert_eq!(who, "linus");
    foretell(&mut model, ticket, commands.clone(), vec![json!({"status": "suspended"})]);
    assert_snapshot!("dialog_to_suspend_a_person", screen(&model));
    assert_eq!(press(&mut model, KeyCode::Enter), [], "the dialog rests on Cancel");
    done(&mut model, ticket, commands[0].clone(), json!({"status": "suspended"}));
    let back = model.undo.clone().unwrap();
    assert!(matches!(&back[..], [Command::SetUserStatus { status: UserStatus::Active, .. }]));
    let suspended =
        happening_core::wire::FoundUser { status: Some(UserStatus::Suspended), ..user(0, "linus") };
    answer(&mut model, Query::People(String::new()), Answer::People(vec![suspended]));
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('P')));
    assert!(matches!(&commands[..], [Command::SetUserStatus { status: UserStatus::Active, .. }]));
    assert!(!commands[0].is_destructive());
}

#[test]
fn organizations_are_suspended_changed_and_handed_over() {
    let mut model = on(160, 48, Screen::Organizations);
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Char('P')));
    let suspends = matches!(
        &commands[..],
        [Command::SetOrganizationStatus { name, status: OrganizationStatus::Suspended, .. }] if name == "Demo"
    );
    assert!(suspends && commands[0].is_destructive(), "{commands:?}");
    foretell(&mut model, ticket, commands, vec![json!({"status": "suspended"})]);
    let shown = screen(&model);
    assert!(shown.contains("4 members can still cancel what is their own there"), "{shown}");
    press(&mut model, KeyCode::Esc);

    write(&mut model, "e");
    assert_snapshot!("form_of_an_organization", screen(&model));
    press(&mut model, KeyCode::Enter);
    write(&mut model, "Europe/Berlin");
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Right);
    press(&mut model, KeyCode::Right);
    press(&mut model, KeyCode::Enter);
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    let [Command::UpdateOrganization { update: changed, .. }] = &commands[..] else { panic!("{commands:?}") };
    let settings = changed.settings.clone().unwrap();
    assert_eq!(changed.name, None, "only what was changed is sent");
    assert_eq!(settings.timezone, Some(Some("Europe/Berlin".to_owned())));
    assert_eq!((settings.waitlist_policy, settings.contact), (Some(Some(WaitlistPolicy::Whole)), None));
    press(&mut model, KeyCode::Esc);

    write(&mut model, "Radm");
    tick(&mut model, 1);
    let found = happening_core::wire::FoundUser { id: members()[0].id, ..user(0, "admin") };
    answer(&mut model, Query::People("adm".to_owned()), Answer::People(vec![found, user(1, "admiral")]));
    assert!(!screen(&model).contains("admiral"), "only a member can own it");
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Enter));
    assert!(matches!(&commands[..], [Command::Transfer { who, .. }] if who == "admin"));
    foretell(&mut model, ticket, commands, vec![json!({"offer": {"id": null}})]);
    assert!(screen(&model).contains("admin becomes the owner by accepting"));
}

#[test]
fn service_accounts_get_roles_and_lose_them() {
    let mut model = on(160, 48, Screen::Organizations);
    write(&mut model, "nbox-office-2");
    press(&mut model, KeyCode::Enter);
    press(&mut model, KeyCode::Right);
    let (ticket, commands) = tried(&press(&mut model, KeyCode::Enter));
    let [Command::MapServiceAccount { map, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((map.client_id.as_str(), map.role), ("box-office-2", Role::Organizer));
    foretell(&mut model, ticket, commands, vec![json!({"pending": true})]);
    assert_snapshot!("dialog_to_map_a_service_account", screen(&model));
    press(&mut model, KeyCode::Esc);
    for _ in 0..3 {
        press(&mut model, KeyCode::Tab);
    }
    write(&mut model, "u");
    press(&mut model, KeyCode::Right);
    let (_, commands) = tried(&press(&mut model, KeyCode::Enter));
    let [Command::MapServiceAccount { map, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((map.client_id.as_str(), map.role), ("mailer", Role::Organizer));
    press(&mut model, KeyCode::Esc);
    let (_, commands) = tried(&press(&mut model, KeyCode::Char('D')));
    let takes = matches!(&commands[..], [Command::UnmapServiceAccount { client, .. }] if client == "mailer");
    assert!(takes && commands[0].is_destructive(), "{commands:?}");
}

#[test]
fn commands_of_the_log_are_those_of_the_command_line() {
    let command = crate::cli::command;
    let event = "0198";
    for (method, path, body, expected) in [
        ("GET", "/events", None, "happening event list"),
        ("GET", "/admin/redis/events/0198", None, "happening redis inspect 0198"),
        ("GET", "/admin/redis/keys?match=event%3A*", None, "happening redis keys --match 'event:*'"),
        (
            "POST",
            "/bookings",
            Some(r#"{"event_id":"0198","seats":2,"seat_numbers":[3,4]}"#),
            "happening booking create 0198 --seat 3,4",
        ),
        (
            "POST",
            "/bookings",
            Some(r#"{"event_id":"0198","user_id":"0199","seats":2,"adjacent":"required"}"#),
            "happening booking create 0198 --seats 2 --adjacent required --user 0199",
        ),
        ("POST", "/bookings/0198/cancel?dry_run=true", None, "happening booking cancel 0198 --yes --dry-run"),
        ("PUT", "/events/0198", Some(r#"{"total_slots":60}"#), "happening event resize 0198 --seats 60"),
        ("PUT", "/events/0198", Some(r#"{"name":"It's"}"#), r"happening event update 0198 --name 'It'\''s'"),
        ("POST", "/admin/reconcile?event_id=0198", None, "happening reconcile 0198 --fix"),
        (
            "PUT",
            "/events/0198",
            Some(r#"{"max_seats_per_booking":null}"#),
            "happening event update 0198 --clear max-seats-per-booking",
        ),
        (
            "POST",
            "/events/0198/waitlist/simulate",
            Some(r#"{"cancel":["a","b"]}"#),
            "happening waitlist simulate 0198 --cancel a --cancel b",
        ),
        (
            "POST",
            "/events/0198/waitlist/simulate",
            Some(r#"{"cancel":"a","seat_numbers":[3,4]}"#),
            "happening waitlist simulate 0198 --cancel a --seat 3,4",
        ),
        ("POST", "/admin/reconcile", Some(r#"{"fix":true}"#), "happening reconcile --fix"),
        ("GET", "/admin/jobs/0198", None, "happening reconcile status 0198"),
        ("POST", "/what/ever", Some("{}"), "happening api POST /what/ever -d '{}'"),
    ] {
        assert_eq!(command(method, path, body), expected, "{event}");
    }
}

#[test]
fn commands_of_governance_are_those_of_the_command_line() {
    for (method, path, body, expected) in [
        ("PUT", "/users/0198/status", Some(r#"{"status":"suspended"}"#), "happening user suspend 0198 --yes"),
        ("PUT", "/users/0198/status", Some(r#"{"status":"active"}"#), "happening user resume 0198"),
        (
            "PUT",
            "/organizations/0198/status?dry_run=true",
            Some(r#"{"status":"suspended"}"#),
            "happening org suspend 0198 --yes --dry-run",
        ),
        (
            "PUT",
            "/organizations/0198",
            Some(r#"{"name":"Jazz","settings":{"timezone":"Europe/Berlin","contact":null}}"#),
            "happening org update 0198 --name Jazz --timezone Europe/Berlin --clear contact",
        ),
        (
            "POST",
            "/organizations/0198/transfer",
            Some(r#"{"user_id":"0199"}"#),
            "happening org transfer 0198 --to 0199 --yes",
        ),
        (
            "POST",
            "/organizations/0198/service-accounts",
            Some(r#"{"client_id":"mailer","role":"user"}"#),
            "happening org map-service-account 0198 mailer user",
        ),
        (
            "DELETE",
            "/organizations/0198/service-accounts/a%2Fb%20c",
            None,
            "happening org unmap-service-account 0198 'a/b c' --yes",
        ),
    ] {
        assert_eq!(crate::cli::command(method, path, body), expected);
    }
}

#[test]
fn what_the_daemon_would_refuse_is_filled_in_otherwise() {
    let mut model = on(160, 48, Screen::Events);
    write(&mut model, "n");
    press(&mut model, KeyCode::Enter);
    write(&mut model, "Gala");
    press(&mut model, KeyCode::Enter);
    write(&mut model, "2027-12-01");
    press(&mut model, KeyCode::Enter);
    write(&mut model, "40");
    let (ticket, _) = tried(&press_ctrl(&mut model, 's'));
    let why = refused("event_date: must be a date and time");
    update(&mut model, Message::Foretold { ticket, foretold: Err(why) });
    assert!(screen(&model).contains("[ Back ]"), "{}", screen(&model));
    press(&mut model, KeyCode::Enter);
    let text = screen(&model);
    assert!(text.contains("Publish an event") && text.contains("2027-12-01"), "{text}");
    press(&mut model, KeyCode::Up);
    write(&mut model, "T19:00");
    let (_, commands) = tried(&press_ctrl(&mut model, 's'));
    let [Command::CreateEvent(create)] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((create.event_date.as_str(), create.total_slots), ("2027-12-01T19:00", 40));
    // One that would be done is left for good.
    press(&mut model, KeyCode::Esc);
    assert!(model.overlay.is_none());
}

#[test]
fn a_number_that_stands_in_a_field_gives_way_to_what_is_typed() {
    let capacity = |keys: &[KeyCode]| {
        let mut model = on(160, 48, Screen::Events);
        write(&mut model, "+");
        for key in keys {
            press(&mut model, *key);
        }
        let Some(Overlay::Form(form)) = &model.overlay else { panic!("{:?}", model.overlay) };
        form.text("seats").to_owned()
    };
    let before = capacity(&[]);
    assert!(before.len() > 1, "{before}");
    assert_eq!(capacity(&[KeyCode::Char('6'), KeyCode::Char('0')]), "60");
    assert_eq!(capacity(&[KeyCode::Backspace]), before[..before.len() - 1]);
    let added = capacity(&[KeyCode::Backspace, KeyCode::Char('9')]);
    assert_eq!(added, format!("{}9", &before[..before.len() - 1]));
}
