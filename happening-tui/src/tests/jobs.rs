//! Long work of the daemon, as the stream tells of it.

use super::*;
use crate::command::Command;
use crate::model::{DialogState, Foretold, Overlay};
use happening_core::id::JobId;
use happening_core::wire::{Job, JobState};
use serde_json::json;

/// All is to be healed, and the daemon has begun.
fn healing(width: u16, height: u16, job: Job) -> Model {
    let mut model = on(width, height, Screen::Redis);
    let effects = press(&mut model, KeyCode::Char('W'));
    let [Effect::Foretell { ticket, commands }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*commands, [Command::Heal(None)]);
    let report = json!({ "events": 9, "drifts": [{ "fixable": true }, { "fixable": false }] });
    let foretold = Foretold { commands: commands.clone(), answers: vec![report], ..Foretold::default() };
    update(&mut model, Message::Foretold { ticket: *ticket, foretold: Ok(Box::new(foretold)) });
    assert!(screen(&model).contains("2 drifts found, 1 would be healed"), "{}", screen(&model));
    press(&mut model, KeyCode::Tab);
    press(&mut model, KeyCode::Enter);
    let being_done = matches!(&model.overlay, Some(Overlay::Dialog(dialog))
        if matches!(dialog.state, DialogState::Running(_)));
    assert!(being_done, "{:?}", model.overlay);
    update(&mut model, Message::Begun { ticket: *ticket, job: Box::new(job) });
    assert!(model.overlay.is_none(), "its dialog is in nobody's way");
    model
}

fn running(done: u64) -> Job {
    job(1, JobState::Running, done, Some(100_000))
}

/// Whether the job is asked for at this second.
fn asks(model: &mut Model, second: i64) -> bool {
    let effects = tick(model, second);
    let is_job = |effect: &Effect| matches!(effect, Effect::Ask { query: Query::Job(_), .. });
    effects.iter().any(is_job)
}

fn say(model: &mut Model, job: Job) {
    answer(model, Query::Job(job.id), Answer::Job(Box::new(job)));
}

#[test]
fn the_stream_tells_how_far_a_job_has_come_and_its_end_is_asked_for() {
    let mut model = healing(160, 48, running(0));
    say(&mut model, running(0));
    for (second, done) in [(1, 1_200), (2, 40_000)] {
        tell_jobs(&mut model, Some(vec![running(done)]));
        assert!(!asks(&mut model, second), "the stream tells");
        assert!(screen(&model).contains(&format!("{} of 100,000", crate::text::number(done))));
    }
    // Keys go on, and say so, while it runs.
    assert!(screen(&model).lines().last().unwrap().contains("q quit"), "{}", screen(&model));

    tell_jobs(&mut model, Some(Vec::new()));
    assert!(asks(&mut model, 4), "what came of it");
    let result = json!({ "events": 100_000, "drifts": [], "found": 3, "fixed": 2 });
    say(&mut model, Job { state: JobState::Done, result: Some(result), ..running(100_000) });
    let text = screen(&model);
    assert!(text.contains("100,000 events looked at, 2 of 3 drifts healed"), "{text}");
    assert!(!text.contains("of 100,000"), "{text}");
    assert!(!asks(&mut model, 400), "it is over");
}

#[test]
fn without_the_stream_a_job_is_looked_at() {
    let mut model = healing(160, 48, running(0));
    say(&mut model, running(0));
    assert!(asks(&mut model, 2));
    say(&mut model, running(7_000));
    assert!(screen(&model).contains("7,000 of 100,000"), "{}", screen(&model));
    // A daemon that tells nothing of jobs.
    tell_jobs(&mut model, None);
    assert!(asks(&mut model, 4));
}

#[test]
fn a_job_that_gave_up_says_why_and_marks_stay_as_they_are() {
    let mut model = healing(160, 48, running(0));
    press(&mut model, KeyCode::Char('A'));
    let marked = model.table().unwrap().marked.len();
    assert!(marked > 0);
    say(&mut model, Job { state: JobState::Failed, error: Some("the store is away".into()), ..running(9) });
    assert!(screen(&model).contains("the store is away"), "{}", screen(&model));
    assert_eq!(model.table().unwrap().marked.len(), marked);

    let mut model = healing(160, 48, running(0));
    say(&mut model, Job { state: JobState::Cancelled, ..running(9) });
    assert!(screen(&model).contains("the job was cancelled"), "{}", screen(&model));

    let mut model = healing(160, 48, running(0));
    fail(&mut model, Query::Job(running(0).id), refused("there is no such job"));
    assert!(screen(&model).contains("There is no such job"), "{}", screen(&model));
    assert!(!asks(&mut model, 400));
}

#[test]
fn jobs_of_others_are_shown_until_the_stream_breaks_off() {
    let mut model = on(80, 24, Screen::Events);
    let other = |n: u32, state| job(n, state, 40, Some(200));
    tell_jobs(&mut model, Some(vec![other(2, JobState::Running), other(3, JobState::Waiting)]));
    let last = |model: &Model| screen(model).lines().last().unwrap().to_owned();
    assert!(last(&model).contains("reconcile 20 % (+1)"), "{}", last(&model));
    assert!(last(&model).contains("? help   q quit"), "{}", last(&model));
    assert!(last(&model).chars().count() <= 82, "{}", last(&model));
    tell_jobs(&mut model, Some(vec![other(3, JobState::Waiting)]));
    assert!(last(&model).contains("reconcile waits"), "{}", last(&model));
    update(&mut model, Message::Heard { watch: crate::message::EVERYTHING, heard: Err(away()) });
    assert!(!last(&model).contains("reconcile"), "{}", last(&model));
    assert_eq!(model.job, None::<JobId>);
}
