//! Events: publish, read, change, hand over, delete.

pub(crate) mod rules;

use super::amendments::{announcement, differences};
use super::schedule::{Rescheduling, Schedule};
use super::{Caller, Error, Page, Precondition, Services, fields, pages};
use crate::store::{Actor, CounterSnapshot, Details, EventCounts, EventFilter, NewEvent};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use happening_core::booking::{Amendment, DEFAULT_BYPASS_LIMIT, MAX_CAPACITY, Terms};
use happening_core::id::{EventId, OrganizationId, UserId};
use happening_core::wire::{
    CreateEvent, ErrorCode, Event, EventStatus, EventsQuery, OrganizationSettings, ReassignEvent, Role,
    SeatMap, UpdateEvent, WaitingParty, WaitlistPolicy, WaitlistQuery,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Bytes of a tag's digest that are kept.
const DIGEST: usize = 12;

impl Services {
    /// Publishes an event.
    pub async fn create_event(&self, caller: &Caller, create: CreateEvent) -> Result<Event, Error> {
        let own = caller.user()?.id;
        caller.must_see(create.org_id)?;
        if !caller.publishes_in(create.org_id) {
            return Err(Error::forbidden("Only organizers and orgAdmins publish events."));
        }
        let created_by = create.created_by.unwrap_or(own);
        self.must_be_organizer(caller, create.org_id, created_by).await?;
        self.must_be_active(caller, create.org_id).await?;
        let settings = self.settings(create.org_id).await?;
        let name = fields::name("name", &create.name)?;
        let description = create.description.as_deref().map(fields::description).transpose()?.flatten();
        if !(1..=MAX_CAPACITY).contains(&create.total_slots) {
            return Err(Error::invalid("total_slots", format!("must be between 1 and {MAX_CAPACITY}")));
        }
        self.must_be_a_limit(create.max_seats_per_booking)?;
        let schedule = Schedule::of(&create, &settings)?;
        let terms = Terms {
            capacity: create.total_slots,
            status: EventStatus::Upcoming,
            starts_at: schedule.start,
            bookings_close_at: schedule.bookings_close_at,
            policy: create.waitlist_policy.or(settings.waitlist_policy).unwrap_or(WaitlistPolicy::Split),
            bypass_limit: create.bypass_limit.unwrap_or(DEFAULT_BYPASS_LIMIT),
            waitlist_limit: create.waitlist_limit,
            max_seats: create.max_seats_per_booking,
            sales_paused: false,
            deleted: false,
        };
        let event = NewEvent {
            id: self.ids.event(),
            organization: create.org_id,
            created_by,
            name,
            description,
            category: create.category,
            ends_at: schedule.end,
            terms,
        };
        let mut unit = self.begin(caller).await?;
        rules::publish(&mut unit, &event).await?;
        let published = unit.find_event(event.id).await?.ok_or_else(|| Error::not_found("event"))?;
        unit.commit().await?;
        self.count_new(&event).await;
        Ok(published)
    }

    /// Refuses an organizer of a new event other than the caller, unless the caller governs the organization and the other
    /// one may organize events there.
    async fn must_be_organizer(
        &self,
        caller: &Caller,
        organization: OrganizationId,
        organizer: UserId,
    ) -> Result<(), Error> {
        if caller.is(organizer) {
            return Ok(());
        }
        if !caller.governs(organization) {
            return Err(Error::forbidden("Only orgAdmins and operators publish an event for somebody else."));
        }
        let role = self.store.find_role(organizer, organization).await?;
        if role.is_none_or(|role| role < Role::Organizer) {
            let why = "must be an organizer or orgAdmin of the organization";
            return Err(Error::invalid("created_by", why));
        }
        Ok(())
    }

    /// Of the seats of one booking, as an event may set it.
    fn must_be_a_limit(&self, seats: Option<u32>) -> Result<(), Error> {
        let most = self.limits.seats_per_booking;
        if seats.is_none_or(|seats| (1..=most).contains(&seats)) {
            return Ok(());
        }
        Err(Error::invalid("max_seats_per_booking", format!("must be between 1 and {most}")))
    }

    /// Sets the counters of a new event. If they do not answer, the reconciler does it later.
    async fn count_new(&self, event: &NewEvent) {
        if self.counters_liveness.is_down() {
            return;
        }
        let mark = EventCounts { event: event.id, version: 0, available: event.terms.capacity, waiting: 0 };
        if let Err(error) =
            self.counters.restore(&[CounterSnapshot { mark, waitlist: Vec::new() }], false).await
        {
            self.counters_liveness.miss(&error);
        }
    }

    /// Events that the caller may see.
    pub async fn list_events(&self, caller: &Caller, query: EventsQuery) -> Result<Page<Event>, Error> {
        self.must_be_up()?;
        let size = pages::size(query.limit)?;
        let after = query.cursor.as_deref().map(pages::read_mark).transpose()?;
        let filter = EventFilter {
            organization: query.org_id,
            created_by: query.created_by,
            status: query.status,
            text: fields::searched("q", query.q)?,
            after: after.map(|(date, id)| (date, EventId(id))),
            limit: Some(size + 1),
        };
        let events = self.store.list_events(caller.organizations().as_deref(), &filter).await?;
        Ok(Page::of(events, size, |event| pages::write_mark(event.event_date, event.id.0)))
    }

    /// One event.
    pub async fn event(&self, caller: &Caller, event: EventId) -> Result<Event, Error> {
        self.must_be_up()?;
        let found = self.store.find_event(event).await?;
        let found =
            found.filter(|event| caller.sees(event.org_id)).ok_or_else(|| Error::not_found("event"))?;
        self.live.changes().remember(found.id, found.org_id);
        Ok(found)
    }

    /// The seats of an event.
    pub async fn seats(&self, caller: &Caller, event: EventId) -> Result<SeatMap, Error> {
        Ok(self.seats_and_holds(caller, event).await?.0)
    }

    /// The same, and every seat that somebody holds, booked or not.
    async fn seats_and_holds(&self, caller: &Caller, event: EventId) -> Result<(SeatMap, Vec<u32>), Error> {
        let visible = self.event(caller, event).await?;
        let seats = self.store.find_seats(visible.id).await?.ok_or_else(|| Error::not_found("event"))?;
        let holds = self.list_holds(event).await.unwrap_or_default();
        let held: Vec<u32> = holds.iter().map(|hold| hold.seat).collect();
        let is_free = |seat: &u32| *seat <= seats.total && seats.taken.binary_search(seat).is_err();
        let free = held.iter().copied().filter(is_free).collect();
        Ok((SeatMap { held: free, ..seats }, held))
    }

    /// The seats of an event, and from what they follow.
    pub async fn marked_seats(&self, caller: &Caller, event: EventId) -> Result<(SeatsMark, SeatMap), Error> {
        self.live.versions().expect(event);
        let (seats, held) = self.seats_and_holds(caller, event).await?;
        // Event and seats are of one instant.
        let version = seats.event.as_ref().map_or(0, |event| event.version);
        self.live.versions().note(event, version);
        Ok((SeatsMark { version, held }, seats))
    }

    /// From what the seats would follow now, if that is known without asking the store.
    pub async fn seats_mark(&self, caller: &Caller, event: EventId) -> Result<Option<SeatsMark>, Error> {
        if !caller.sees(self.organization_of(event).await?) {
            return Err(Error::not_found("event"));
        }
        let Some(version) = self.live.versions().current(event) else { return Ok(None) };
        // The mirror says whether it is worth to ask.
        let holds = if self.held.any_held(event, self.clock.now()) {
            self.list_holds(event).await.unwrap_or_default()
        } else {
            Vec::new()
        };
        Ok(Some(SeatsMark { version, held: holds.iter().map(|hold| hold.seat).collect() }))
    }

    /// Who waits for an event: for those who run it.
    pub async fn waitlist(
        &self,
        caller: &Caller,
        event: EventId,
        query: WaitlistQuery,
    ) -> Result<Page<WaitingParty>, Error> {
        self.must_see_line(caller, event).await?;
        let size = pages::size(query.limit)?;
        // No number is larger than what the database counts in.
        let after = query.cursor.map(|number| number.min(i64::MAX.unsigned_abs()));
        let read = self.store.list_waitlist(event, after, Some(size + 1)).await?;
        let page = Page::of(read, size, |(number, _)| number.to_string());
        let items = page.items.into_iter().map(|(_, party)| party).collect();
        Ok(Page { items, next: page.next })
    }

    /// Who waits and who booked: for those who run the event, and staff.
    pub(super) async fn must_see_line(&self, caller: &Caller, event: EventId) -> Result<(), Error> {
        let event = self.event(caller, event).await?;
        if caller.is_staff() { Ok(()) } else { Self::must_run(caller, &event) }
    }

    /// Changes an event that meets `precondition`.
    pub async fn update_event(
        &self,
        caller: &Caller,
        event: EventId,
        update: UpdateEvent,
        precondition: &Precondition,
    ) -> Result<Event, Error> {
        caller.must_be("user_id", update.user_id)?;
        loop {
            let before = self.event(caller, event).await?;
            match self.update_from(caller, &before, &update, precondition).await {
                // Perhaps amended since it was read: what it is now counts.
                Err(error) if error.code == ErrorCode::Stale => {
                    precondition.must_admit(&self.event(caller, event).await?)?;
                }
                done => break done?,
            }
        }
        self.amended(event).await
    }

    /// An event after it was amended.
    async fn amended(&self, event: EventId) -> Result<Event, Error> {
        let found = self.store.find_event(event).await?.ok_or_else(|| Error::not_found("event"))?;
        Ok(self.engine.after_dry_run(found).await?)
    }

    async fn update_from(
        &self,
        caller: &Caller,
        before: &Event,
        update: &UpdateEvent,
        precondition: &Precondition,
    ) -> Result<(), Error> {
        Self::must_run(caller, before)?;
        precondition.must_admit(before)?;
        self.must_be_active(caller, before.org_id).await?;
        if update.status.is_some_and(EventStatus::is_live) && !before.status.is_live() {
            self.must_have_room_for_event(caller, before.org_id).await?;
        }
        let settings = self.settings(before.org_id).await?;
        let Rescheduling { start: starts_at, end: ends_at, bookings_close_at } =
            Rescheduling::of(before, update, &settings, self.clock.now())?;
        self.must_be_a_limit(update.max_seats_per_booking.flatten())?;
        let details = Details {
            name: update.name.as_deref().map(|name| fields::name("name", name)).transpose()?,
            description: update
                .description
                .as_ref()
                .map(|text| fields::description(text.as_deref().unwrap_or_default()))
                .transpose()?,
            category: update.category,
            created_by: None,
            ends_at,
        };
        let moved = starts_at.is_some_and(|date| date != before.event_date);
        let announcement = announcement(before, update.status, details.name.as_deref(), moved);
        let amendment = Amendment {
            capacity: update.total_slots,
            status: update.status,
            starts_at,
            bookings_close_at,
            policy: update.waitlist_policy,
            bypass_limit: update.bypass_limit,
            waitlist_limit: update.waitlist_limit,
            max_seats: update.max_seats_per_booking,
            sales_paused: update.sales_paused,
            delete: false,
            as_of: precondition.as_of(before),
        };
        let audit = differences(before, &amendment, &details)
            .into_values()
            .map(|(old, new)| ("event.updated", Some(old), Some(new)));
        self.amend(self.actor(caller), before, amendment, details, announcement, audit).await
    }

    /// Hands an event to another organizer of its organization.
    pub async fn reassign_event(
        &self,
        caller: &Caller,
        event: EventId,
        reassign: ReassignEvent,
    ) -> Result<Event, Error> {
        caller.must_be("requested_by", reassign.requested_by)?;
        let before = self.event(caller, event).await?;
        if !caller.governs(before.org_id) {
            return Err(Error::forbidden("Only an orgAdmin hands an event to another organizer."));
        }
        self.must_be_active(caller, before.org_id).await?;
        let role = self.store.find_role(reassign.new_created_by, before.org_id).await?;
        if role.is_none_or(|role| role < Role::Organizer) {
            return Err(Error::invalid(
                "new_created_by",
                "must be an organizer or orgAdmin of the same organization",
            ));
        }
        let details = Details { created_by: Some(reassign.new_created_by), ..Details::default() };
        let organizer = |user: UserId| Some(json!({ "created_by": user }));
        let audit = ("event.reassigned", organizer(before.created_by), organizer(reassign.new_created_by));
        self.amend(self.actor(caller), &before, Amendment::default(), details, None, Some(audit)).await?;
        self.amended(event).await
    }

    /// Takes an event that meets `precondition` out of every list, and notifies those who booked.
    pub async fn delete_event(
        &self,
        caller: &Caller,
        event: EventId,
        user: Option<UserId>,
        precondition: &Precondition,
    ) -> Result<(), Error> {
        caller.must_be("user_id", user)?;
        loop {
            let before = self.event(caller, event).await?;
            match self.delete_from(caller, &before, precondition).await {
                Err(error) if error.code == ErrorCode::Stale => {
                    precondition.must_admit(&self.event(caller, event).await?)?;
                }
                done => return done,
            }
        }
    }

    async fn delete_from(
        &self,
        caller: &Caller,
        before: &Event,
        precondition: &Precondition,
    ) -> Result<(), Error> {
        Self::must_run(caller, before)?;
        precondition.must_admit(before)?;
        self.must_be_active(caller, before.org_id).await?;
        self.delete_for(self.actor(caller), before, precondition.as_of(before)).await
    }

    /// Deletes an event for a user who may, if it is `as_of` this version.
    pub(super) async fn delete_for(
        &self,
        by: Actor,
        before: &Event,
        as_of: Option<u64>,
    ) -> Result<(), Error> {
        let amendment =
            Amendment { status: Some(EventStatus::Cancelled), delete: true, as_of, ..Amendment::default() };
        let announcement = format!("{} will not take place.", before.name);
        let old = json!({ "name": before.name, "status": before.status });
        let audit = ("event.deleted", Some(old), None);
        self.amend(by, before, amendment, Details::default(), Some(announcement), Some(audit)).await
    }

    /// An orgAdmin runs every event of the organization, an organizer their own.
    pub(super) fn must_run(caller: &Caller, event: &Event) -> Result<(), Error> {
        if caller.runs(event.org_id, event.created_by) {
            return Ok(());
        }
        Err(Error::forbidden("Only the event's organizer or an orgAdmin does this."))
    }

    async fn settings(&self, organization: OrganizationId) -> Result<OrganizationSettings, Error> {
        self.must_be_up()?;
        let found = self.store.find_organization(organization).await?;
        found.map(|organization| organization.settings).ok_or_else(|| Error::not_found("organization"))
    }
}

/// From what the seats of an event follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatsMark {
    /// The event's version.
    version: u64,
    /// The seats that are held, booked or not.
    held: Vec<u32>,
}

impl SeatsMark {
    /// The tag of such seats. Weak: what else stands beside the seats does not count. The same at every daemon, whatever it was
    /// built with.
    pub fn tag(&self) -> String {
        let mut digest = Sha256::new();
        for seat in &self.held {
            digest.update(seat.to_be_bytes());
        }
        format!("W/\"{}-{}\"", self.version, URL_SAFE_NO_PAD.encode(&digest.finalize()[..DIGEST]))
    }

    /// Whether such seats are not older than others.
    pub fn is_as_new_as(&self, other: &Self) -> bool {
        self.version >= other.version && self.held == other.held
    }
}
