//! Versions: forwards only, and one at a time.

use super::*;

on_all_counters!(
    an_event_that_was_never_set_is_unknown,
    a_known_version_moves_on,
    a_version_that_is_missing_in_between_is_told,
    what_is_old_or_repeated_changes_nothing,
    an_event_that_is_gone_is_forgotten,
    a_snapshot_sets_an_event_whole,
    a_newer_version_is_overwritten_only_by_force,
    many_events_move_in_one_call,
    they_answer,
);

async fn an_event_that_was_never_set_is_unknown(counters: &dyn Counters) {
    let event = event();
    assert_unknown(counters, event).await;
    // Not even from the beginning: a key that is missing is unknown, not zero.
    let first = [projection(event, 1, 9, &[])];
    assert_eq!(counters.project(&first).await.expect("an answer"), [event]);
    assert_unknown(counters, event).await;
}

async fn a_known_version_moves_on(counters: &dyn Counters) {
    let event = event();
    counters.restore(&[snapshot(event, 0, 10, &[])], false).await.expect("set");
    assert_says(counters, event, 0, 10, &[]).await;
    for version in 1..=4 {
        let available = 10 - u32::try_from(version).expect("few");
        let moved = counters.project(&[projection(event, version, available, &[])]).await;
        assert_eq!(moved.expect("an answer"), []);
        assert_says(counters, event, version, i64::from(available), &[]).await;
    }
    // Several commits of one event in one call.
    let steps = [projection(event, 5, 3, &[]), projection(event, 6, 0, &[])];
    assert_eq!(counters.project(&steps).await.expect("an answer"), []);
    assert_says(counters, event, 6, 0, &[]).await;
    // And one step over several versions, as after a turn.
    let leap = Projection { from: 6, ..projection(event, 9, 7, &[]) };
    assert_eq!(counters.project(&[leap]).await.expect("an answer"), []);
    assert_says(counters, event, 9, 7, &[]).await;
}

async fn a_version_that_is_missing_in_between_is_told(counters: &dyn Counters) {
    let (event, [user]) = (event(), users());
    counters.restore(&[snapshot(event, 3, 10, &[user])], false).await.expect("set");
    let late = projection(event, 5, 2, &[LineStep::Leave { ahead: 0 }]);
    assert_eq!(counters.project(&[late]).await.expect("an answer"), [event]);
    assert_says(counters, event, 3, 10, &[user]).await;
}

async fn what_is_old_or_repeated_changes_nothing(counters: &dyn Counters) {
    let (event, [user, other]) = (event(), users());
    counters.restore(&[snapshot(event, 4, 0, &[user])], false).await.expect("set");
    let step = projection(event, 5, 0, &[LineStep::Join(other)]);
    for _ in 0..3 {
        assert_eq!(counters.project(std::slice::from_ref(&step)).await.expect("an answer"), []);
        assert_says(counters, event, 5, 0, &[user, other]).await;
    }
    for version in [1, 3, 4] {
        let old = projection(event, version, 77, &[LineStep::Join(other), LineStep::Leave { ahead: 0 }]);
        assert_eq!(counters.project(&[old]).await.expect("an answer"), []);
    }
    let astride = Projection { from: 2, ..projection(event, 5, 77, &[LineStep::Join(other)]) };
    assert_eq!(counters.project(&[astride]).await.expect("an answer"), []);
    assert_says(counters, event, 5, 0, &[user, other]).await;
}

async fn an_event_that_is_gone_is_forgotten(counters: &dyn Counters) {
    let (event, [user]) = (event(), users());
    counters.restore(&[snapshot(event, 3, 10, &[user])], false).await.expect("set");
    let gone = Projection { gone: true, ..projection(event, 4, 10, &[]) };
    for _ in 0..2 {
        assert_eq!(counters.project(std::slice::from_ref(&gone)).await.expect("an answer"), []);
        assert_unknown(counters, event).await;
    }
    let late = projection(event, 4, 1, &[LineStep::Join(user)]);
    assert_eq!(counters.project(&[late]).await.expect("an answer"), [event], "nothing brings it back");
    assert_unknown(counters, event).await;
}

async fn a_snapshot_sets_an_event_whole(counters: &dyn Counters) {
    let (event, [one, two, three]) = (event(), users());
    counters.restore(&[snapshot(event, 3, 10, &[one, two])], false).await.expect("set");
    assert_says(counters, event, 3, 10, &[one, two]).await;
    counters.restore(&[snapshot(event, 7, 0, &[three, one, three])], false).await.expect("set");
    assert_says(counters, event, 7, 0, &[three, one, three]).await;
    counters.restore(&[snapshot(event, 7, 5, &[two])], false).await.expect("set");
    assert_says(counters, event, 7, 5, &[two]).await;
    counters.restore(&[snapshot(event, 8, 5, &[])], false).await.expect("set");
    assert_says(counters, event, 8, 5, &[]).await;
    counters.restore(&[], true).await.expect("nothing to set");
}

async fn a_newer_version_is_overwritten_only_by_force(counters: &dyn Counters) {
    let (event, [user]) = (event(), users());
    counters.restore(&[snapshot(event, 9, 1, &[user])], false).await.expect("set");
    counters.restore(&[snapshot(event, 8, 5, &[])], false).await.expect("set");
    assert_says(counters, event, 9, 1, &[user]).await;
    counters.restore(&[snapshot(event, 8, 5, &[])], true).await.expect("set");
    assert_says(counters, event, 8, 5, &[]).await;
}

async fn many_events_move_in_one_call(counters: &dyn Counters) {
    let events: Vec<EventId> = (0..1_200).map(|_| event()).collect();
    let known: Vec<CounterSnapshot> =
        events.iter().step_by(2).map(|event| snapshot(*event, 0, 5, &[])).collect();
    counters.restore(&known, false).await.expect("set");
    let steps: Vec<Projection> = events.iter().map(|event| projection(*event, 1, 4, &[])).collect();
    let unknown = counters.project(&steps).await.expect("an answer");
    assert_eq!(unknown, events.iter().skip(1).step_by(2).copied().collect::<Vec<_>>());
    let observed = counters.observe(&events).await.expect("an answer");
    for (index, observed) in observed.iter().enumerate() {
        let expected = if index % 2 == 0 { (Some(1), Some(4)) } else { (None, None) };
        assert_eq!((observed.version, observed.available), expected, "in the order asked");
    }
    assert_eq!(observed.len(), events.len());
    assert_eq!(counters.project(&[]).await.expect("an answer"), []);
    assert_eq!(counters.observe(&[]).await.expect("an answer"), []);
    assert_eq!(counters.line_digests(&[]).await.expect("an answer"), Vec::<String>::new());
    let gone: Vec<Projection> = steps.into_iter().map(|step| Projection { gone: true, ..step }).collect();
    assert_eq!(counters.project(&gone).await.expect("an answer"), []);
}

async fn they_answer(counters: &dyn Counters) {
    counters.ping().await.expect("an answer");
    assert!(["redis", "in-process"].contains(&counters.kind()));
}
