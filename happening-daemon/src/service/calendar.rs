//! Events as entries for calendars.

use super::{Caller, Error, Services};
use happening_core::id::EventId;
use happening_core::wire::{Event, EventStatus};
use happening_messages::{Entry, Links, Method, calendar};

impl Services {
    /// An event as iCalendar, for those who may see it. Its UID and SEQUENCE are those of the entries in mails.
    pub async fn event_calendar(&self, caller: &Caller, event: EventId) -> Result<String, Error> {
        let event = self.event(caller, event).await?;
        let link = Links::to_event(self.operations.public_url.as_deref(), event.id).event;
        Ok(calendar(Method::Publish, None, &[entry(event, link)], None, self.clock.now()))
    }
}

fn entry(event: Event, link: Option<String>) -> Entry {
    Entry {
        event: event.id,
        version: event.version,
        is_off: event.status == EventStatus::Cancelled,
        name: event.name,
        description: event.description,
        starts_at: event.event_date,
        ends_at: event.event_end,
        updated_at: event.updated_at,
        link,
    }
}
