//! What a person should look at now, and on which screen.

use super::{Model, Screen};
use crate::text;
use happening_core::wire::Health;

/// Seconds that a notification may wait.
const LAG: u64 = 15;

/// Commands that may wait to be decided.
const COMMANDS: u64 = 4_000;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What is wrong.
    pub what: String,
    /// Where to look.
    pub screen: Screen,
}

/// Everything, the worst first.
pub fn all(model: &Model) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let mut add = |what: String, screen| alarms.push(Alarm { what, screen });
    if let Some(status) = &model.data.status {
        for state in [Health::Down, Health::Degraded] {
            for (name, _) in status.parts.iter().filter(|(_, part)| part.state == state) {
                let screen = match name.as_str() {
                    "counters" => Screen::Redis,
                    "queue" => Screen::Queue,
                    _ => Screen::Log,
                };
                add(format!("{}: {state}", text::visible(name)), screen);
            }
        }
        if let Some(trouble) = &status.keycloak.trouble {
            add(format!("Keycloak: {}", text::visible(trouble)), Screen::Organizations);
        }
        for task in &status.keycloak.failures {
            let tries = text::count(task.attempts, "try", "tries");
            let what = format!("Keycloak: {} failed after {tries}: {}", task.kind, task.error);
            add(text::visible(&what), Screen::Organizations);
        }
        if status.engine.queued > COMMANDS {
            add(
                format!("{} commands wait to be decided", text::number(status.engine.queued)),
                Screen::Events,
            );
        }
    }
    if let Some(report) = model.data.drifts.as_ref() {
        let open = report.drifts.iter().filter(|drift| !drift.fixed).count();
        if open > 0 {
            add(
                text::count(open as u64, "figure drifts", "figures drift") + " from the truth",
                Screen::Redis,
            );
        }
    }
    if let Some(queue) = &model.data.queue {
        if queue.outbox.parked > 0 {
            add(text::count(queue.outbox.parked, "message is parked", "messages are parked"), Screen::Queue);
        }
        if let Some(lag) = queue.lag_seconds.filter(|lag| *lag > LAG) {
            add(format!("a notification has waited for {lag} s"), Screen::Queue);
        }
        if queue.queue.as_ref().is_some_and(|queue| queue.consumers == 0) {
            add("nobody takes messages from the queue".to_owned(), Screen::Queue);
        }
    }
    alarms
}
