//! How often one person may send requests, and one address without a valid token.
//!
//! Token buckets (the crate `governor`): so many requests a second on average, and [`BURST`] times as many at once, which no
//! client of one person meets; what costs most has buckets of its own. A person is known by the issuer and subject of a token
//! that was verified, so a new token is no new bucket. A request is counted once, where its caller is identified
//! (`caller.rs`). Operators are not counted: imports and load tests are their work.
//!
//! Each daemon counts in memory and sends the others four times a second what it counted (`shared.rs`), so a person has one
//! rate behind all daemons of an installation, and no request waits for Redis.
//!
//! To limit a further kind of request: a [`Rate`] with its setting, and its name at its routes (`routes.rs`).

mod shared;

use super::error::Error;
use super::routes::{Rate, route_of};
use crate::idempotency::{Digest, digest};
use crate::identity::Claims;
use crate::places::network_of;
use crate::service::{self, digest_of};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use happening_core::wire::ErrorCode;
use shared::Unshared;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Requests at once, for each one that comes back in a period. Also the length of the pause after which all are back.
const BURST: u32 = 10;

/// After so many requests, buckets that are full again are dropped.
const SWEEP: u32 = 65_536;

/// How many requests are at hand: the headers of an answer (draft-ietf-httpapi-ratelimit-headers, version 6).
pub const HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// The settings; 0 is any number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rates {
    /// Requests of one person a second.
    pub requests_per_second: u32,
    /// Requests without a valid token of one address a second.
    pub anonymous_per_second: u32,
    /// Dry runs, plans, simulations and questions about a place in line of one person a second.
    pub questions_per_second: u32,
    /// Invites that one person sends in an hour.
    pub invites_per_hour: u32,
    /// Organizations that one person founds in an hour.
    pub organizations_per_hour: u32,
}

impl Rate {
    /// Of a request; a dry run is a question, whatever its route.
    fn of(parts: &Parts) -> Option<Self> {
        let is_dry_run = parts.extensions.get::<DryRun>().is_some();
        let of_route = || route_of(&parts.method, &parts.extensions)?.rate;
        if is_dry_run { Some(Self::Questions) } else { of_route() }
    }

    /// What is counted, and the period of its limit: for the message of a refusal.
    const fn counted(self) -> (&'static str, &'static str) {
        match self {
            Self::Questions => ("dry runs, plans and questions about the waitlist", "second"),
            Self::Invites => ("invites", "hour"),
            Self::Organizations => ("new organizations", "hour"),
        }
    }
}

/// A request that is only tried: a mark on it, see `dry_run.rs`.
#[derive(Debug, Clone, Copy)]
pub(super) struct DryRun;

/// What a caller has left, written on the request once it was counted.
#[derive(Debug, Clone, Default)]
struct Counted(Arc<OnceLock<Option<Allowance>>>);

/// What is left in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowance {
    limit: u32,
    remaining: u32,
    /// Seconds until the bucket is full.
    reset: u64,
}

/// A bucket for each person or address.
struct Buckets {
    limiter: RateLimiter<Digest, DefaultKeyedStateStore<Digest>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    rate: NonZeroU32,
    /// In which one bucket gets [`Self::rate`] requests back.
    period: Duration,
    burst: NonZeroU32,
    taken: AtomicU32,
    /// Taken here, of which other daemons do not know yet.
    unshared: Unshared,
}

impl Buckets {
    /// So many in a period; none for 0.
    fn of(rate: u32, period: Duration, burst: u32) -> Option<Self> {
        let rate = NonZeroU32::new(rate)?;
        let burst = NonZeroU32::new(rate.get().saturating_mul(burst))?;
        let quota = Quota::with_period(period / rate.get())?.allow_burst(burst);
        let (limiter, clock) = (RateLimiter::keyed(quota).with_middleware(), DefaultClock::default());
        Some(Self {
            limiter,
            clock,
            rate,
            period,
            burst,
            taken: AtomicU32::new(0),
            unshared: Unshared::default(),
        })
    }

    /// Takes one from a bucket: what is left there, or how long there is nothing in it.
    fn take(&self, key: &Digest) -> Result<Allowance, Duration> {
        if self.taken.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
        }
        let left = self.limiter.check_key(key).map_err(|until| until.wait_time_from(self.clock.now()))?;
        self.unshared.add(key);
        let remaining = left.remaining_burst_capacity();
        let missing = f64::from(self.burst.get().saturating_sub(remaining));
        let reset = missing * self.period.as_secs_f64() / f64::from(self.rate.get());
        let reset = Duration::try_from_secs_f64(reset.ceil()).unwrap_or_default().as_secs();
        Ok(Allowance { limit: self.burst.get(), remaining, reset })
    }

    /// The same, or the refusal: of what there is too much, and the period of the limit.
    fn admit(&self, key: &Digest, counted: (&str, &str)) -> Result<Allowance, Error> {
        self.take(key).map_err(|wait| self.refused(counted, wait))
    }

    fn refused(&self, (what, period): (&str, &str), wait: Duration) -> Error {
        let rate = self.rate;
        let detail =
            format!("Too many {what}: {rate} a {period} on average are answered, {} at once.", self.burst);
        let wait = wait.as_secs() + 1;
        let members = vec![("limit", rate.get().into()), ("retry_after", wait.into())];
        service::Error { members, ..service::Error::new(ErrorCode::RateLimited, detail) }.into()
    }
}

/// All buckets.
pub struct RateLimits {
    people: Option<Buckets>,
    addresses: Option<Buckets>,
    questions: Option<Buckets>,
    invites: Option<Buckets>,
    organizations: Option<Buckets>,
}

impl RateLimits {
    /// Full buckets.
    pub fn new(rates: Rates) -> Self {
        const SECOND: Duration = Duration::from_secs(1);
        const HOUR: Duration = Duration::from_hours(1);
        Self {
            people: Buckets::of(rates.requests_per_second, SECOND, BURST),
            addresses: Buckets::of(rates.anonymous_per_second, SECOND, BURST),
            questions: Buckets::of(rates.questions_per_second, SECOND, BURST),
            invites: Buckets::of(rates.invites_per_hour, HOUR, 1),
            organizations: Buckets::of(rates.organizations_per_hour, HOUR, 1),
        }
    }

    /// Counts a request of a person, unless it was counted already.
    pub(super) fn count_person(&self, parts: &Parts, claims: &Claims) -> Result<(), Error> {
        let counted = parts.extensions.get::<Counted>().cloned().unwrap_or_default();
        if counted.0.get().is_some() {
            return Ok(());
        }
        let rate = Rate::of(parts);
        let special = match rate {
            Some(Rate::Questions) => self.questions.as_ref(),
            Some(Rate::Invites) => self.invites.as_ref(),
            Some(Rate::Organizations) => self.organizations.as_ref(),
            None => None,
        };
        if special.is_none() && self.people.is_none() {
            return Ok(());
        }
        let person = digest_of(claims);
        if let (Some(buckets), Some(rate)) = (special, rate) {
            buckets.admit(&person, rate.counted())?;
        }
        let general = self.people.as_ref().map(|buckets| buckets.admit(&person, ("requests", "second")));
        let left = general.transpose()?;
        // Counted by the first.
        let _ = counted.0.set(left);
        Ok(())
    }

    /// Counts a request without a valid token. `rejection` is its answer as long as the address sends few of them.
    pub(super) fn count_anonymous(&self, address: Option<IpAddr>, rejection: Error) -> Error {
        let (Some(buckets), Some(address)) = (&self.addresses, address) else { return rejection };
        let key = digest(&[network_of(address).to_string().as_bytes()]);
        let admitted = buckets.admit(&key, ("requests without a valid token", "second"));
        admitted.err().unwrap_or(rejection)
    }
}

/// Marks a request to be counted once; `answer` gets the headers that say what its caller has left.
pub(super) async fn counted<F: Future<Output = Response>>(
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let counted = Counted::default();
    request.extensions_mut().insert(counted.clone());
    let mut response = answer(request).await;
    if let Some(Some(Allowance { limit, remaining, reset })) = counted.0.get() {
        let values = [HeaderValue::from(*limit), HeaderValue::from(*remaining), HeaderValue::from(*reset)];
        response.headers_mut().extend(HEADERS.into_iter().zip(values));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: Digest = [1; 32];
    const BEN: Digest = [2; 32];

    #[test]
    fn a_bucket_is_used_up_alone_and_says_what_is_left() {
        let buckets = Buckets::of(1, Duration::from_hours(1), 3).expect("a limit");
        let left: Vec<u32> = (0..3).map(|_| buckets.take(&ADA).expect("one is left").remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let wait = buckets.take(&ADA).expect_err("nothing is left");
        assert!(wait > Duration::from_mins(59) && wait <= Duration::from_hours(1), "{wait:?}");
        let other = buckets.take(&BEN).expect("somebody else");
        assert_eq!(other, Allowance { limit: 3, remaining: 2, reset: 3_600 });
        assert!(Buckets::of(0, Duration::from_secs(1), 3).is_none(), "any number");
    }
}
