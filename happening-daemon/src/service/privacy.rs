//! What a person may ask for: all that is stored about them, and to be forgotten.
//!
//! Forgetting is anonymizing. Bookings of the past stay, so that counts stay true, under a row that names nobody. What is
//! still to take place is given up through the engine first, so that seats come free and the waitlist is served.

pub(crate) mod rules;

use super::bookings::hide_event;
use super::fields;
use super::{Caller, Error, Services};
use crate::booking::EngineError;
use crate::identity::Claims;
use crate::store::{Erasure, OpenBooking, PastErasure, subject_hash};
use futures::{StreamExt as _, TryStreamExt as _};
use happening_core::booking::Command;
use happening_core::fields::address_key;
use happening_core::id::UserId;
use happening_core::wire::{EraseUser, PersonalData, User};

/// Cancellations under way at a time.
const AT_ONCE: usize = 64;

impl Services {
    /// All that is stored about a person, for themselves and operators.
    pub async fn export_user(&self, caller: &Caller, user: UserId) -> Result<PersonalData, Error> {
        self.must_answer_for(caller, user).await?;
        let email = proven_address(caller, user);
        let exported = self.store.export_user(user, email.as_deref(), &self.actor(caller)).await?;
        let mut exported = exported.ok_or_else(|| Error::not_found("user"))?;
        for exported in &mut exported.bookings {
            hide_event(caller, &mut exported.booking);
        }
        Ok(exported)
    }

    /// Forgets a person. All that stands in the way is reported before anything is given up.
    pub async fn erase_user(&self, caller: &Caller, user: UserId, erase: EraseUser) -> Result<(), Error> {
        let person = self.must_answer_for(caller, user).await?;
        let actor = caller.user()?.id;
        // Seen before anything is given up, and decided once more with what it depends on locked.
        rules::must_be_erasable(&mut self.begin(caller).await?, user).await?;
        self.cancel_open_bookings(user, actor).await?;
        let erasure = Erasure {
            user,
            subject_hash: subject_hash(&person.keycloak_id),
            email: proven_address(caller, user),
            account: erase.keycloak_account,
        };
        let mut unit = self.begin(caller).await?;
        let left = rules::erase(&mut unit, &erasure).await?;
        unit.commit().await?;
        self.serve_lines(&left).await;
        // What they booked meanwhile. The erasure is done: what cannot be cancelled now, the housekeeping cancels.
        if let Err(error) = self.cancel_open_bookings(user, actor).await {
            tracing::warn!(%user, code = %error.code, "open bookings of an erased person stay for now");
        }
        Ok(())
    }

    /// The person, if the caller is them or an operator.
    async fn must_answer_for(&self, caller: &Caller, user: UserId) -> Result<User, Error> {
        let person = self.user(caller, user).await?;
        if caller.is(user) || caller.is_operator() {
            return Ok(person);
        }
        Err(Error::forbidden("Only the person themselves and operators may do this."))
    }

    async fn cancel_open_bookings(&self, user: UserId, actor: UserId) -> Result<(), Error> {
        let open = self.store.list_open_bookings(user, self.clock.now()).await?;
        let cancelled = futures::stream::iter(open).map(|open| self.give_up(open, actor));
        cancelled.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Cancels a booking whose person is going or gone.
    pub(super) async fn give_up(&self, open: OpenBooking, actor: UserId) -> Result<(), Error> {
        if let Some(booking) = self.store.find_booking(open.booking).await? {
            self.give_back_in_parts(&booking, actor).await?;
        }
        match self.engine.submit(open.event, Command::Cancel { booking: open.booking }, actor).await {
            // The event ended or went meanwhile: nothing is left to give up.
            Ok(_) | Err(EngineError::Refused(_) | EngineError::UnknownEvent) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses a token from before its person was erased: it must not make them known again. A later one is somebody new.
    pub(super) async fn must_not_be_erased(&self, claims: &Claims) -> Result<(), Error> {
        let erasure = self.store.find_erasure(&subject_hash(&claims.subject)).await?;
        let is_older =
            |erasure: PastErasure| claims.issued_at.is_none_or(|issued_at| issued_at <= erasure.at);
        if erasure.is_some_and(is_older) {
            return Err(Error::forbidden("This account was erased here. Sign in anew to begin again."));
        }
        Ok(())
    }
}

/// The address of the person, in lower case, if it is they who ask and the issuer verified it: as for answering invites. What
/// others wrote to an address is nobody's who only claims it. Nothing is known of it when an operator asks for somebody.
fn proven_address(caller: &Caller, user: UserId) -> Option<String> {
    let proven = caller.is(user) && caller.claims.email_verified;
    let email = caller.claims.email.as_deref().filter(|_| proven);
    email.and_then(|email| fields::email(email).ok()).map(|email| address_key(&email))
}

#[cfg(test)]
mod tests;
