//! An account is disabled or deleted at Keycloak: its valid token stops counting here. An outage of Keycloak is neither.

use crate::in_step::House;
use crate::stack::{Fault, Outage, Part};
use crate::stage::pause;
use crate::support::eventually;
use crate::support::people::Signed;
use happening_core::client::{Client, ClientError};
use happening_core::wire::EraseUser;
use std::time::{Duration, Instant};

/// How soon a token of a disabled or deleted account stops working.
const NOTICED: Duration = Duration::from_mins(1);

/// What one daemon has noted, another one sees.
const SEEN_BY_OTHERS: Duration = Duration::from_secs(6);

/// How soon an account works that may sign in again.
const BACK: Duration = Duration::from_secs(15);

/// Longer than an account goes without being looked at.
const LONG: Duration = Duration::from_secs(26);

/// What a caller is told; `None` is an answer.
async fn refusal(client: &Client) -> Option<(u16, String)> {
    match client.events(None, None).await {
        Ok(_) => None,
        Err(ClientError::Refused { problem, .. }) => Some((problem.status, problem.detail.clone())),
        Err(other) => panic!("neither an answer nor a refusal: {other}"),
    }
}

async fn is_refused_as(client: &Client, word: &str) -> bool {
    refusal(client).await.is_some_and(|(status, detail)| status == 401 && detail.contains(word))
}

async fn newcomer(house: &House) -> Signed {
    let (newcomer, token) = house.newcomer("watched").await;
    let (signed, _) = newcomer.sign_up(house.daemon(), token).await;
    assert_eq!(refusal(&signed.client).await, None);
    signed
}

#[tokio::test]
async fn a_disabled_account_stops_working_and_works_again() {
    let house = House::with(2).await;
    let (person, other) = (newcomer(&house).await, newcomer(&house).await);
    let elsewhere = house.daemons[1].client(person.token.clone());
    assert_eq!(refusal(&elsewhere).await, None);

    house.keycloak.set_enabled(&person.subject, false).await;
    eventually("a disabled account is refused", NOTICED, || is_refused_as(&person.client, "disabled")).await;
    eventually("by the other daemon too", SEEN_BY_OTHERS, || is_refused_as(&elsewhere, "disabled")).await;
    assert_eq!(refusal(&other.client).await, None, "and nobody else");

    house.keycloak.set_enabled(&person.subject, true).await;
    let works = async || refusal(&person.client).await.is_none() && refusal(&elsewhere).await.is_none();
    eventually("an account that is enabled again works", BACK, works).await;
}

#[tokio::test]
async fn a_deleted_account_stops_working() {
    let house = House::with(1).await;
    let person = newcomer(&house).await;
    house.keycloak.delete_account(&person.subject).await;
    eventually("a deleted account is refused", NOTICED, || is_refused_as(&person.client, "no longer exists"))
        .await;
}

#[tokio::test]
async fn nobody_is_refused_because_keycloak_is_away() {
    let house = House::with(1).await;
    let person = newcomer(&house).await;
    for fault in [Fault::Paused, Fault::Stopped] {
        let outage = Outage::begin(fault, Part::Keycloak).await;
        while outage.begun.elapsed() < LONG {
            let asked = Instant::now();
            assert_eq!(refusal(&person.client).await, None, "Keycloak is {fault:?}");
            assert!(
                asked.elapsed() < Duration::from_secs(1),
                "{:?} with Keycloak {fault:?}",
                asked.elapsed()
            );
            pause(200).await;
        }
        outage.end().await;
    }
}

#[tokio::test]
async fn an_erased_person_is_gone_at_keycloak_too_if_they_ask_for_it() {
    let house = House::with(1).await;
    let (stays, token) = house.newcomer("stays").await;
    let (kept, _) = stays.sign_up(house.daemon(), token).await;
    let (goes, token) = house.newcomer("goes").await;
    let (erased, _) = goes.sign_up(house.daemon(), token).await;
    house.is_in_step("two sign-ups", NOTICED).await;
    for (person, keycloak_account) in [(&kept, false), (&erased, true)] {
        let erase = EraseUser { keycloak_account };
        person.client.erase_user(person.user.expect("a user"), erase).await.expect("erased");
    }
    house.is_in_step("two erasures", NOTICED).await;
    assert!(house.keycloak.has_account(&stays.username).await, "nobody asked for it");
    assert!(!house.keycloak.has_account(&goes.username).await, "asked for");
}
