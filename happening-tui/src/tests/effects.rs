//! Effects, done for real against a daemon that is not there.

use super::*;
use crate::effect::SignInFrom;
use crate::runner::Runner;
use happening_core::signin::{Config, Environment, Storage};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Nobody may listen on port 1.
const NOBODY: &str = "http://127.0.0.1:1";

async fn first(environment: Environment, effects: Vec<Effect>) -> Option<Message> {
    let home = tempfile::tempdir().unwrap();
    let config = Config::load(Environment { config_dir: Some(home.path().into()), ..environment }).unwrap();
    let (sender, mut messages) = mpsc::channel(8);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let server = NOBODY.parse().unwrap();
    let mut runner = Runner::new(server, config, Storage::File, sender, tasks.clone(), stop.clone());
    for effect in effects {
        runner.run(effect);
    }
    drop(runner);
    let message = messages.recv().await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    message
}

#[tokio::test]
async fn a_sign_in_at_a_daemon_that_is_away_says_so() {
    for from in [SignInFrom::AtHand, SignInFrom::Scratch] {
        let message = first(Environment::default(), vec![Effect::SignIn { attempt: 7, from }]).await;
        let Some(Message::SignIn { attempt: 7, step: SignInStep::Failed(trouble) }) = message else {
            panic!("{message:?}")
        };
        assert_eq!(trouble.kind, TroubleKind::Away);
        assert!(trouble.what.contains(NOBODY), "{}", trouble.what);
    }
}

#[tokio::test]
async fn a_token_from_the_environment_that_is_none_is_named() {
    let environment = Environment { token: Some("abc".to_owned()), ..Environment::default() };
    let message = first(environment, vec![Effect::SignIn { attempt: 1, from: SignInFrom::AtHand }]).await;
    let Some(Message::SignIn { step: SignInStep::Failed(trouble), .. }) = message else {
        panic!("{message:?}")
    };
    assert_eq!(trouble.kind, TroubleKind::Refused);
    assert!(trouble.what.starts_with("HAPPENING_TOKEN is refused"), "{}", trouble.what);
}

#[tokio::test]
async fn without_anyone_signed_in_nothing_is_watched() {
    let effects = vec![
        Effect::WatchEverything,
        Effect::WatchEvent { watch: 1, event: events()[0].id },
        Effect::Silence,
    ];
    assert!(first(Environment::default(), effects).await.is_none());
    let effects = vec![Effect::Ask { attempt: 3, query: Query::Events }];
    let message = first(Environment::default(), effects).await;
    let Some(Message::Answered { attempt: 3, answer: Err(trouble), .. }) = message else {
        panic!("{message:?}")
    };
    assert_eq!(trouble.kind, TroubleKind::SignedOut);
}

#[tokio::test]
async fn a_file_that_is_there_is_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("out.csv");
    let effect = |text: &str| vec![Effect::Write { path: path.clone(), text: text.to_owned() }];
    let message = first(Environment::default(), effect("one")).await;
    assert!(matches!(message, Some(Message::Written(Ok(_)))), "{message:?}");
    let message = first(Environment::default(), effect("two")).await;
    assert!(matches!(message, Some(Message::Written(Err(_)))), "{message:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
}
