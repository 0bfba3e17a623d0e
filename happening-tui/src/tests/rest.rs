//! At rest nothing is drawn, and what is not drawn would look as what was.

use super::*;
use crate::message::EVERYTHING;
use crate::model::{Moment, SignInState};
use happening_core::wire::{LiveMessage, Metrics};

/// Ticks of a second.
const TICKS: i64 = 4;

/// Frames of an hour in which nothing happens: one for each minute, and those that end what was said before.
const MOST: usize = 70;

/// An hour in which the daemon answers what it is asked with what it has said before. `seen` is told of each second, and
/// whether a frame was drawn in it. Returns how many were.
fn hour(model: &mut Model, answers: bool, mut seen: impl FnMut(&Model, i64, bool)) -> usize {
    let (mut frames, mut moment) = (0, Moment::of(model));
    model.touched = false;
    for second in 0..3_600 {
        let mut drawn = false;
        for tick in 0..TICKS {
            let now = after(second) + TimeDelta::milliseconds(tick * 1_000 / TICKS);
            for effect in update(model, Message::Tick(now)) {
                if let Effect::Ask { query, .. } = effect
                    && answers
                {
                    let said = said(&query);
                    answer(model, query, said);
                }
            }
            if answers && tick == 0 {
                let heard = Ok(LiveMessage::Metrics(Box::default()));
                update(model, Message::Heard { watch: EVERYTHING, heard });
            }
            if model.wants_frame(&moment) {
                (frames, drawn, moment) = (frames + 1, true, Moment::of(model));
                model.touched = false;
            }
        }
        seen(model, second, drawn);
    }
    frames
}

/// On a screen of which streams tell, and they have nothing to tell.
fn resting(shown: Screen) -> Model {
    let mut model = on(80, 24, shown);
    let told = LiveMessage::Overview { events: Vec::new(), parts: [].into() };
    update(&mut model, Message::Heard { watch: EVERYTHING, heard: Ok(told) });
    for _ in 0..100 {
        let heard = Ok(LiveMessage::Metrics(Box::<Metrics>::default()));
        update(&mut model, Message::Heard { watch: EVERYTHING, heard });
    }
    model
}

#[test]
fn at_rest_there_is_a_frame_a_minute() {
    for shown in Screen::ALL {
        let frames = hour(&mut resting(shown), true, |_, _, _| {});
        assert!(frames <= MOST, "{}: {frames}", shown.name());
    }
}

#[test]
fn a_daemon_that_is_away_is_waited_for_without_a_frame_a_second() {
    for shown in Screen::ALL {
        let mut model = resting(shown);
        for watch in [EVERYTHING, model.watch] {
            update(&mut model, Message::Heard { watch, heard: Err(away()) });
        }
        // The first minute is told in seconds.
        let frames = hour(&mut model, false, |_, _, _| {});
        assert!(frames <= MOST + 60, "{}: {frames}", shown.name());
    }
}

#[test]
fn a_sign_in_that_is_over_stands_still() {
    for step in [SignInStep::Denied, SignInStep::Expired] {
        let mut model = fresh(80, 24);
        signin(&mut model, step);
        assert!(hour(&mut model, false, |_, _, _| {}) <= MOST);
    }
}

/// Every few seconds, at different places of a minute: drawing each takes long.
const EVERY: i64 = 13;

#[test]
fn what_is_not_drawn_would_look_as_before() {
    let mut models: Vec<Model> = Screen::ALL.into_iter().map(resting).collect();
    for shown in [Screen::Events, Screen::Event, Screen::Queue] {
        let mut lost = resting(shown);
        for watch in [EVERYTHING, lost.watch] {
            update(&mut lost, Message::Heard { watch, heard: Err(away()) });
        }
        models.push(lost);
    }
    let mut waiting = fresh(80, 24);
    signin(&mut waiting, SignInStep::Code(code()));
    assert!(matches!(waiting.signin.as_ref().unwrap().state, SignInState::Waiting(_)));
    models.push(waiting);
    for mut model in models {
        let answers = model.signin.is_none() && model.stream == crate::model::Link::Up;
        let (mut shown, mut stale) = (draw(&model, 80, 24), false);
        hour(&mut model, answers, |model, second, drawn| {
            stale |= drawn;
            if second % EVERY == 0 {
                let now = draw(model, 80, 24);
                assert!(
                    stale || now == shown,
                    "{}, second {second}:\n{}",
                    model.screen.name(),
                    screen(model)
                );
                (shown, stale) = (now, false);
            }
        });
    }
}
