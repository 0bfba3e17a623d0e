//! The line of those who wait.

use super::*;

on_all_counters!(
    people_join_at_the_end,
    the_head_and_the_middle_leave,
    a_person_who_waits_twice_leaves_once,
    steps_are_taken_in_order,
    a_step_that_does_not_fit_is_told,
    the_line_digests_as_the_truth_does,
    a_long_line_is_set_and_digested_whole,
);

/// An event with this line at version 1.
async fn lined_up(counters: &dyn Counters, line: &[UserId]) -> EventId {
    let event = event();
    counters.restore(&[snapshot(event, 1, 0, line)], false).await.expect("set");
    event
}

async fn step(counters: &dyn Counters, event: EventId, version: u64, steps: &[LineStep]) {
    let moved = counters.project(&[projection(event, version, 0, steps)]).await;
    assert_eq!(moved.expect("an answer"), []);
}

async fn people_join_at_the_end(counters: &dyn Counters) {
    let [one, two, three] = users();
    let event = lined_up(counters, &[one]).await;
    step(counters, event, 2, &[LineStep::Join(two), LineStep::Join(three), LineStep::Join(two)]).await;
    assert_says(counters, event, 2, 0, &[one, two, three, two]).await;
}

async fn the_head_and_the_middle_leave(counters: &dyn Counters) {
    let [one, two, three, four] = users();
    let event = lined_up(counters, &[one, two, three, four]).await;
    step(counters, event, 2, &[LineStep::Leave { ahead: 0 }]).await;
    assert_says(counters, event, 2, 0, &[two, three, four]).await;
    step(counters, event, 3, &[LineStep::Leave { ahead: 1 }]).await;
    assert_says(counters, event, 3, 0, &[two, four]).await;
    step(counters, event, 4, &[LineStep::Leave { ahead: 1 }]).await;
    assert_says(counters, event, 4, 0, &[two]).await;
    step(counters, event, 5, &[LineStep::Leave { ahead: 0 }]).await;
    assert_says(counters, event, 5, 0, &[]).await;
}

async fn a_person_who_waits_twice_leaves_once(counters: &dyn Counters) {
    let [one, two] = users();
    let event = lined_up(counters, &[two, one, two, one]).await;
    step(counters, event, 2, &[LineStep::Leave { ahead: 3 }]).await;
    assert_says(counters, event, 2, 0, &[two, one, two]).await;
    step(counters, event, 3, &[LineStep::Leave { ahead: 2 }]).await;
    assert_says(counters, event, 3, 0, &[two, one]).await;
}

async fn steps_are_taken_in_order(counters: &dyn Counters) {
    let [one, two, three] = users();
    let event = lined_up(counters, &[one]).await;
    let steps = [
        LineStep::Join(two),
        LineStep::Leave { ahead: 0 },
        LineStep::Join(three),
        LineStep::Leave { ahead: 1 },
        LineStep::Leave { ahead: 0 },
        LineStep::Join(one),
    ];
    step(counters, event, 2, &steps).await;
    assert_says(counters, event, 2, 0, &[one]).await;
}

async fn a_step_that_does_not_fit_is_told(counters: &dyn Counters) {
    let [one, two] = users();
    for (line, ahead) in [(&[][..], 0), (&[], 1), (&[one, two], 2), (&[one, two], 7)] {
        let event = lined_up(counters, line).await;
        let steps = [projection(event, 2, 9, &[LineStep::Leave { ahead }])];
        assert_eq!(counters.project(&steps).await.expect("an answer"), [event]);
        let late = [projection(event, 3, 9, &[])];
        assert_eq!(counters.project(&late).await.expect("an answer"), [event], "until it is restored");
        counters.restore(&[snapshot(event, 3, 9, &[two])], false).await.expect("set");
        assert_says(counters, event, 3, 9, &[two]).await;
    }
}

async fn the_line_digests_as_the_truth_does(counters: &dyn Counters) {
    let [one, two, three] = users();
    let (long, empty, short) = (vec![one, two, three], vec![], vec![three]);
    let mut events = Vec::new();
    for line in [&long, &empty, &short] {
        events.push(lined_up(counters, line).await);
    }
    let digests = counters.line_digests(&events).await.expect("an answer");
    assert_eq!(digests, [line_digest(&long), line_digest(&empty), line_digest(&short)]);
    assert_eq!(line_digest([]), "da39a3ee5e6b4b0d3255bfef95601890afd80709", "SHA-1 of nothing");
    assert_ne!(line_digest([&one, &two]), line_digest([&two, &one]));
}

async fn a_long_line_is_set_and_digested_whole(counters: &dyn Counters) {
    let mut line: Vec<UserId> = (0..20_000).map(|_| Ids::default().user()).collect();
    let event = lined_up(counters, &line).await;
    assert_says(counters, event, 1, 0, &line).await;
    let steps: Vec<LineStep> = (0..500).map(|_| LineStep::Leave { ahead: 0 }).collect();
    step(counters, event, 2, &steps).await;
    step(counters, event, 3, &[LineStep::Leave { ahead: 10_000 }]).await;
    line.drain(..500);
    line.remove(10_000);
    assert_says(counters, event, 3, 0, &line).await;
    let gone = Projection { gone: true, ..projection(event, 4, 0, &[]) };
    counters.project(&[gone]).await.expect("an answer");
}
