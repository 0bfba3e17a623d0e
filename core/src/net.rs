//! HTTP clients with time-outs: there is no other way to make one here.

mod proxy;

pub use proxy::{Proxy, is_loopback, proxy_for, through};

use std::time::Duration;

/// How long a connection may take to open.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client for requests that are answered at once.
pub fn http_client(timeout: Duration) -> reqwest::Client {
    build(reqwest::Client::builder().timeout(timeout))
}

/// A client for answers that go on for ever, but never are silent for longer than this.
pub fn stream_client(silence: Duration) -> reqwest::Client {
    build(reqwest::Client::builder().read_timeout(silence))
}

fn build(builder: reqwest::ClientBuilder) -> reqwest::Client {
    builder
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("happening/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .proxy(proxy::of_machine())
        .build()
        .expect("the TLS provider and the built-in settings are fixed at compile time")
}
