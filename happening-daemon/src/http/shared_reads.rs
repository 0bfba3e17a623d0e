//! Answers that many people share: read from the store once, encoded once, sent to all who may see the same.
//!
//! A page that a thousand people reload asks for the same lists a thousand times. Each handler says who may be sent the same
//! answer ([`Scope`]), after it has checked that the caller is among them; `routes.rs` says which routes share.
//!
//! - **Fresh.** A list is sent only to requests before whose arrival nothing relevant was committed here since it was begun:
//!   no event of these organizations (`live/changes.rs`), and nothing by a unit of work. So everybody reads what
//!   they, or anybody else at this daemon, wrote. What another daemon commits is known with its message, and after
//!   [`LIVES`] at the latest. The seats of an event are compared by its version and by what is held instead
//!   (`live/versions.rs`).
//! - **Once.** While an answer is made, requests for the same wait for it. Where many wait, the next one is begun after a
//!   pause, in proportion to what the last one cost: however many bookings change a list, and however many people read it,
//!   making it takes a third of the time of one reader.
//! - **Bounded.** Only who makes an answer takes a place among the heavy readers (`readers.rs`). Answers are forgotten after
//!   [`LIVES`], and earlier where they would take more than [`BYTES`].

use super::Api;
use super::error::Error;
use super::etag::{self, Encoded, IfNoneMatch};
use super::page::Paged;
use super::readers::Readers;
use crate::identity::Claims;
use crate::live::Changes;
use crate::service::{self, Caller, Page, SeatsMark};
use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;
use happening_core::id::OrganizationId;
use happening_core::wire::{ErrorCode, SeatMap};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long an answer is sent: what another daemon changed unnoticed is seen after this.
const LIVES: Duration = Duration::from_secs(1);

/// Bytes of all answers and of what they are to.
const BYTES: u64 = 64 * 1024 * 1024;

/// Answers that are made at once, or were a moment ago.
const MAKING: u64 = 1_000;
const MAKING_REMEMBERED: Duration = Duration::from_secs(10);

/// Requests that wait for the same answer, from which on making it pauses; for how many times of what it took; and the
/// longest pause.
const MANY: usize = 4;
const PAUSE: u32 = 2;
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Who is sent the same answer to the same address, and what changes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// Who sees the events of the same organizations, in order (`None`: of all). Any commit of these events changes it.
    Events(Option<Vec<OrganizationId>>),
    /// Who sees the event.
    Seats,
    /// Who sees the organization.
    Organization,
    /// Who has a token that says the same: what a person is sent depends on its roles and on its address too.
    Caller(Arc<Claims>),
}

impl Scope {
    /// What the caller alone is sent.
    pub(super) fn of(caller: &Caller) -> Self {
        Self::Caller(caller.claims.clone())
    }
}

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    scope: Scope,
    /// Path and query.
    address: String,
}

impl Key {
    fn new(scope: Scope, uri: &Uri) -> Self {
        let address = uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string);
        Self { scope, address }
    }
}

/// An answer that is sent to many.
struct Shared {
    encoded: Encoded,
    /// Where the next page is.
    link: Option<HeaderValue>,
    /// What changed later is not in it; see [`Changes`].
    begun: u64,
    /// From what it follows, if it is the seats of an event.
    seats: Option<SeatsMark>,
    /// When there was a place for its reading.
    started: Instant,
    ended: Instant,
}

impl Shared {
    fn send(&self, known: &IfNoneMatch) -> Response {
        let mut response = etag::encoded(known, &self.encoded);
        response.headers_mut().extend(self.link.clone().map(|link| (header::LINK, link)));
        response
    }
}

/// An answer that was just made.
struct Read {
    encoded: Encoded,
    link: Option<HeaderValue>,
    seats: Option<SeatsMark>,
}

/// One at a time makes an answer.
#[derive(Default)]
struct Making {
    /// When the last attempt failed, and why: who waited for it fails alike.
    failed: Mutex<Option<(Instant, service::Error)>>,
    waiting: AtomicUsize,
}

/// Counted for as long as it waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn at(making: &'a Making) -> Self {
        making.waiting.fetch_add(1, Ordering::Relaxed);
        Self(&making.waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The answers that are shared.
pub struct SharedReads {
    answers: moka::sync::Cache<Key, Arc<Shared>>,
    making: moka::sync::Cache<Key, Arc<Making>>,
    changes: Changes,
    readers: Arc<Readers>,
}

impl SharedReads {
    /// None yet. `changes` says when events change; who makes an answer takes a place among `readers`.
    pub fn new(changes: Changes, readers: Arc<Readers>) -> Self {
        let size = |key: &Key, answer: &Arc<Shared>| {
            u32::try_from(key.address.len() + answer.encoded.body().len()).unwrap_or(u32::MAX)
        };
        Self {
            answers: moka::sync::Cache::builder()
                .weigher(size)
                .max_capacity(BYTES)
                .eviction_policy(moka::policy::EvictionPolicy::lru())
                .time_to_live(LIVES)
                .build(),
            making: moka::sync::Cache::builder().max_capacity(MAKING).time_to_idle(MAKING_REMEMBERED).build(),
            changes,
            readers,
        }
    }

    /// An answer that holds until something is written, made by `read` if there is none that is fresh.
    async fn unchanged<F>(&self, key: Key, read: impl FnOnce() -> F) -> Result<Arc<Shared>, service::Error>
    where
        F: Future<Output = Result<Read, service::Error>>,
    {
        let changed = match &key.scope {
            Scope::Events(organizations) => self.changes.last(organizations.as_deref()),
            Scope::Seats | Scope::Organization | Scope::Caller(_) => self.changes.last_of_all(),
        };
        self.get(key, |answer| answer.begun >= changed, read).await
    }

    /// The answer under this key, made by `read` if there is none, or none that is fresh.
    async fn get<F>(
        &self,
        key: Key,
        is_fresh: impl Fn(&Shared) -> bool,
        read: impl FnOnce() -> F,
    ) -> Result<Arc<Shared>, service::Error>
    where
        F: Future<Output = Result<Read, service::Error>>,
    {
        let arrived = Instant::now();
        let fresh = || self.answers.get(&key).filter(|answer| is_fresh(answer));
        if let Some(answer) = fresh() {
            return Ok(answer);
        }
        let making = self.making.get_with(key.clone(), Arc::default);
        let waiting = Waiting::at(&making);
        let mut failed = making.failed.lock().await;
        drop(waiting);
        if let Some(answer) = fresh() {
            return Ok(answer);
        }
        if let Some((_, error)) = failed.as_ref().filter(|(at, _)| *at > arrived) {
            return Err(error.clone());
        }
        if making.waiting.load(Ordering::Relaxed) >= MANY
            && let Some(last) = self.answers.get(&key)
        {
            let pause = ((last.ended - last.started) * PAUSE).min(LONGEST_PAUSE);
            tokio::time::sleep_until((last.ended + pause).into()).await;
        }
        match self.make(read).await {
            Ok(answer) => {
                let answer = Arc::new(answer);
                self.answers.insert(key.clone(), answer.clone());
                Ok(answer)
            }
            Err(error) => {
                *failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    async fn make<F>(&self, read: impl FnOnce() -> F) -> Result<Shared, service::Error>
    where
        F: Future<Output = Result<Read, service::Error>>,
    {
        let _place = self.readers.place().await.ok_or_else(busy)?;
        let (begun, started) = (self.changes.now(), Instant::now());
        let Read { encoded, link, seats } = read().await?;
        Ok(Shared { encoded, link, begun, seats, started, ended: Instant::now() })
    }
}

/// An answer that all of the scope, which the caller belongs to, may be sent.
pub(super) async fn one<F>(
    api: &Api,
    scope: Scope,
    uri: &Uri,
    known: &IfNoneMatch,
    read: impl FnOnce() -> F,
) -> Result<Response, Error>
where
    F: Future<Output = Result<Encoded, service::Error>>,
{
    let answer = api.shared_reads.unchanged(Key::new(scope, uri), async || {
        Ok(Read { encoded: read().await?, link: None, seats: None })
    });
    Ok(answer.await?.send(known))
}

/// The same for a page of a list.
pub(super) async fn page<T: Serialize, F>(
    api: &Api,
    scope: Scope,
    uri: &Uri,
    known: &IfNoneMatch,
    read: impl FnOnce() -> F,
) -> Result<Response, Error>
where
    F: Future<Output = Result<Page<T>, service::Error>>,
{
    let answer = api.shared_reads.unchanged(Key::new(scope, uri), async || {
        let page = read().await?;
        let (encoded, link) = Paged::new(uri, page.items, "cursor", page.next).encode()?;
        Ok(Read { encoded, link, seats: None })
    });
    Ok(answer.await?.send(known))
}

/// The seats of an event, which the caller may see; `current` is from what they follow now, if that is known.
pub(super) async fn seats<F>(
    api: &Api,
    current: Option<SeatsMark>,
    uri: &Uri,
    known: &IfNoneMatch,
    read: impl FnOnce() -> F,
) -> Result<Response, Error>
where
    F: Future<Output = Result<(SeatsMark, SeatMap), service::Error>>,
{
    let arrived = Instant::now();
    let is_fresh = |answer: &Shared| match (&answer.seats, &current) {
        (Some(seats), Some(current)) => seats.is_as_new_as(current),
        _ => answer.started >= arrived,
    };
    let answer = api.shared_reads.get(Key::new(Scope::Seats, uri), is_fresh, async || {
        let (mark, seats) = read().await?;
        Ok(Read { encoded: Encoded::tagged(mark.tag(), &seats)?, link: None, seats: Some(mark) })
    });
    Ok(answer.await?.send(known))
}

/// Too many read at this moment.
pub(super) fn busy() -> service::Error {
    service::Error::new(
        ErrorCode::Unavailable,
        "Many are reading at this moment. Please try again in a moment.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::RealmRoles;
    use crate::service::RequestSource;
    use chrono::DateTime;
    use futures::future::join_all;
    use happening_core::id::EventId;
    use uuid::Uuid;

    const EVENT: EventId = EventId(Uuid::from_u128(1));
    const HERE: OrganizationId = OrganizationId(Uuid::from_u128(2));

    /// Shared answers, and how often one was made.
    struct Stage {
        shared: SharedReads,
        made: AtomicUsize,
    }

    impl Stage {
        fn new() -> Self {
            let changes = Changes::default();
            changes.remember(EVENT, HERE);
            Self { shared: SharedReads::new(changes, Arc::new(Readers::of(4))), made: AtomicUsize::new(0) }
        }

        /// What is answered: how many were made before.
        async fn read(&self) -> Result<String, service::Error> {
            let key = Key { scope: Scope::Events(Some(vec![HERE])), address: "/events".to_owned() };
            let made = self.shared.unchanged(key, async || {
                let number = self.made.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
                if number == 1 {
                    Err(busy())
                } else {
                    Ok(Read { encoded: Encoded::of(&number)?, link: None, seats: None })
                }
            });
            Ok(String::from_utf8_lossy(made.await?.encoded.body()).into_owned())
        }
    }

    #[tokio::test]
    async fn many_share_one_answer_until_something_changes() {
        let stage = Stage::new();
        let crowd = join_all((0..50).map(|_| stage.read())).await;
        assert!(crowd.iter().all(|answer| answer.as_deref() == Ok("0")), "{crowd:?}");
        assert_eq!(stage.read().await.as_deref(), Ok("0"));
        stage.shared.changes.note(EVENT);
        let failed = join_all((0..50).map(|_| stage.read())).await;
        assert!(failed.iter().all(Result::is_err), "who waited for it fails alike: {failed:?}");
        assert_eq!(stage.read().await.as_deref(), Ok("2"), "and the next one tries again");
        stage.shared.changes.note_all();
        assert_eq!(stage.read().await.as_deref(), Ok("3"));
        assert_eq!(stage.read().await.as_deref(), Ok("3"));
    }

    #[tokio::test]
    async fn what_changes_while_it_is_read_is_not_in_it() {
        let stage = Stage::new();
        let (first, second) = tokio::join!(stage.read(), async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            stage.shared.changes.note(EVENT);
            stage.shared.changes.note_all();
            // The first answer is begun already, and it is not for who comes now; the second attempt fails.
            stage.read().await
        });
        assert_eq!((first.as_deref(), second.is_err()), (Ok("0"), true));
    }

    #[test]
    fn what_one_token_opens_is_not_sent_to_another_of_the_same_person() {
        let caller = |email_verified, support| {
            let claims = Claims {
                issuer: "issuer".to_owned(),
                subject: "mia".to_owned(),
                username: None,
                email: Some("mia@example.org".to_owned()),
                email_verified,
                first_name: None,
                last_name: None,
                client: None,
                service_client: None,
                realm_roles: RealmRoles { operator: false, support },
                issued_at: None,
                expires_at: DateTime::UNIX_EPOCH,
            };
            Scope::of(&Caller { claims: Arc::new(claims), person: None, source: RequestSource::default() })
        };
        assert!(caller(true, true) == caller(true, true));
        assert!(caller(true, true) != caller(true, false) && caller(true, true) != caller(false, true));
    }
}
