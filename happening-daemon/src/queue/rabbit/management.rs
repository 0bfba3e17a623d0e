//! RabbitMQ's management plugin: the one place that knows rates. Its figures are some seconds old.

use crate::queue::QueueError;
use happening_core::wire::QueueRates;
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// Operators wait for this.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The plugin's address, and who asks.
pub(super) struct Management {
    http: reqwest::Client,
    queue: Url,
    user: String,
    password: Option<String>,
}

/// What it says of a queue.
pub(super) struct Report {
    pub unacknowledged: Option<u64>,
    pub rates: Option<QueueRates>,
}

#[derive(Deserialize)]
struct Queue {
    messages_unacknowledged: Option<u64>,
    /// Absent until something was published.
    message_stats: Option<Stats>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stats {
    #[serde(rename = "publish_details")]
    publish: Rate,
    #[serde(rename = "deliver_get_details")]
    deliver: Rate,
    #[serde(rename = "ack_details")]
    acknowledge: Rate,
}

#[derive(Default, Deserialize)]
struct Rate {
    rate: f64,
}

impl Management {
    /// The plugin at `url`, asked about the queue `name` as the user of the broker's own address `amqp`.
    pub fn new(url: &str, amqp: &str, name: &str) -> Result<Self, QueueError> {
        let wrong = |what: &str| QueueError::Away(format!("{what} is no address"));
        let amqp: Url = amqp.parse().map_err(|_| wrong("RABBITMQ_URL"))?;
        let mut queue: Url = url.parse().map_err(|_| wrong("RABBITMQ_MANAGEMENT_URL"))?;
        let host = match amqp.path().trim_start_matches('/') {
            "" => "/".to_owned(),
            host => decoded(host),
        };
        queue
            .path_segments_mut()
            .map_err(|()| wrong("RABBITMQ_MANAGEMENT_URL"))?
            .pop_if_empty()
            .extend(["api", "queues", &host, name]);
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| QueueError::Away(error.to_string()))?;
        let (user, password) = (decoded(amqp.username()), amqp.password().map(decoded));
        Ok(Self { http, queue, user, password })
    }

    pub async fn report(&self) -> Result<Report, QueueError> {
        let failed = |error: reqwest::Error| QueueError::Away(error.without_url().to_string());
        let request = self.http.get(self.queue.clone()).basic_auth(&self.user, self.password.as_ref());
        let answer = request.send().await.map_err(failed)?.error_for_status().map_err(failed)?;
        let Queue { messages_unacknowledged, message_stats } = answer.json().await.map_err(failed)?;
        let rates = message_stats.map(|stats| QueueRates {
            publish: stats.publish.rate,
            deliver: stats.deliver.rate,
            acknowledge: stats.acknowledge.rate,
        });
        Ok(Report { unacknowledged: messages_unacknowledged, rates })
    }
}

/// A part of an address, as it is meant.
fn decoded(text: &str) -> String {
    let query = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_virtual_host_and_the_name_are_parts_of_the_path() {
        let asked = |url: &str, amqp: &str| {
            let management = Management::new(url, amqp, "a/b").expect("addresses");
            (management.queue.to_string(), management.user, management.password)
        };
        let (queue, user, password) = asked("http://broker:15672/", "amqp://me:p%40ss@broker/%2f");
        assert_eq!(queue, "http://broker:15672/api/queues/%2F/a%2Fb");
        assert_eq!((user.as_str(), password.as_deref()), ("me", Some("p@ss")));
        assert_eq!(asked("http://b/rabbit", "amqp://b/own").0, "http://b/rabbit/api/queues/own/a%2Fb");
        assert!(Management::new("nonsense", "amqp://b", "q").is_err());
    }
}
