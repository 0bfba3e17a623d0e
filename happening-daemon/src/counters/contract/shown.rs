//! What operators are shown.

use super::*;
use happening_core::wire::CountersSay;
use std::collections::BTreeSet;

on_all_counters!(an_event_is_shown_as_it_is, keys_are_found_by_pattern_page_by_page);

async fn an_event_is_shown_as_it_is(counters: &dyn Counters) {
    let (event, line) = (event(), users::<3>());
    assert_eq!(counters.inspect(event).await.expect("an answer").slots, None);
    counters.restore(&[snapshot(event, 5, 17, &line)], false).await.expect("set");
    let expected = CountersSay {
        slots: Some("17".to_owned()),
        version: Some("5".to_owned()),
        waiting: Some(3),
        waitlist: line.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(counters.inspect(event).await.expect("an answer"), expected);
    let crowd: Vec<UserId> = (0..150).map(|_| Ids::default().user()).collect();
    counters.restore(&[snapshot(event, 6, 0, &crowd)], false).await.expect("set");
    let shown = counters.inspect(event).await.expect("an answer");
    assert_eq!((shown.waiting, shown.waitlist.len()), (Some(150), 100));
    assert_eq!(shown.waitlist[0], crowd[0].to_string(), "the head first");
}

async fn keys_are_found_by_pattern_page_by_page(counters: &dyn Counters) {
    let events: Vec<EventId> = (0..700).map(|_| event()).collect();
    let snapshots: Vec<_> = events.iter().map(|event| snapshot(*event, 1, 9, &users::<1>())).collect();
    counters.restore(&snapshots, false).await.expect("set");
    let all = async |pattern: &str| {
        let (mut found, mut cursor) = (BTreeSet::new(), 0);
        loop {
            let page = counters.keys(pattern, cursor).await.expect("an answer");
            assert!(page.keys.len() < 5_000, "a page is bounded");
            found.extend(page.keys.into_iter().map(|key| (key.key, key.kind)));
            match page.cursor {
                Some(next) => cursor = next,
                None => return found,
            }
        }
    };
    let slots = all("event:*:slots").await;
    let expected = |event: &EventId| (format!("event:{event}:slots"), "string".to_owned());
    assert!(events.iter().all(|event| slots.contains(&expected(event))));
    assert!(slots.iter().all(|(key, _)| key.ends_with(":slots")));
    let one = all(&format!("event:{}:*", events[0])).await;
    let kinds: Vec<(String, &str)> =
        vec![("slots".into(), "string"), ("version".into(), "string"), ("waitlist".into(), "list")];
    let expected =
        kinds.into_iter().map(|(name, kind)| (format!("event:{}:{name}", events[0]), kind.to_owned()));
    assert_eq!(one, expected.collect());
    assert_eq!(all("event:nothing-like-it").await, BTreeSet::new());
}
