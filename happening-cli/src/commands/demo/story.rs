//! What happens.

use super::stage::Narrator;
use crate::cleanup::Made;
use crate::commands::{booking, event, notification, org, queue, waitlist};
use crate::output::{BookingDetail, seat_ranges};
use crate::trial::{Purpose, event_of};
use happening_core::id::OrganizationId;
use happening_core::wire::{Notification, NotificationStatus, SeatMap};

const SEATS: u32 = 5;

/// Tells all of it.
pub async fn tell(
    narrator: &mut Narrator<'_>,
    org: Option<OrganizationId>,
    keep: bool,
) -> anyhow::Result<()> {
    let (organization, is_own) = match org {
        Some(org) => (org, false),
        None => (found(narrator, keep).await?, true),
    };
    let event = publish(narrator, organization, is_own).await?;
    let first = book(narrator, &event).await?;
    let late = overbook(narrator, &event).await?;
    promote(narrator, &event, &first, &late).await?;
    narrator
        .step::<notification::list::Args>(
            "Whoever booked was told of each change, in the commit that made it.",
            &["notification", "list", "--event", &event],
            |told| format!("{} notifications, {} of them delivered by now.", told.len(), sent(told)),
        )
        .await?;
    if narrator.sees_the_queue().await {
        narrator
            .step::<queue::status::Args>(
                "They went through the outbox and the queue. Operators and support look there.",
                &["queue", "status"],
                |status| match status[0].outbox.pending {
                    0 => "Nothing waits there.".to_owned(),
                    pending => format!("{pending} are still on their way."),
                },
            )
            .await?;
    }
    if keep {
        narrator.app.console.note(&format!("Organization {organization} and event {event} stay."));
        return Ok(());
    }
    clean_up(narrator, organization, &event, is_own).await
}

async fn found(narrator: &mut Narrator<'_>, keep: bool) -> anyhow::Result<OrganizationId> {
    let mut name = Purpose::Demo.name(narrator.app.draw());
    if keep {
        // What is to stay must not be taken for something that was left behind.
        name.push_str(" (kept)");
    }
    let founded = narrator
        .step::<org::create::Args>(
            "Whoever signs in may found an organization. Nobody else sees what is in it.",
            &["org", "create", "--name", &name],
            |_| "You are its orgAdmin, and may publish events there.".to_owned(),
        )
        .await?;
    let organization = one(founded.records())?.id;
    narrator.made(Made::Organization(organization));
    Ok(organization)
}

async fn publish(
    narrator: &mut Narrator<'_>,
    organization: OrganizationId,
    is_own: bool,
) -> anyhow::Result<String> {
    let date = event_of(narrator.app, organization, "", SEATS).event_date;
    let (org, seats) = (organization.to_string(), SEATS.to_string());
    let published = narrator
        .step::<event::create::Args>(
            "An event has numbered seats. This one has five.",
            &["event", "create", "--org", &org, "--name", "First Night", "--date", &date, "--seats", &seats],
            |events| format!("All {} seats are free.", events[0].available_slots),
        )
        .await?;
    let event = one(published.records())?.id;
    if !is_own {
        narrator.made(Made::Event(event));
    }
    Ok(event.to_string())
}

async fn book(narrator: &mut Narrator<'_>, event: &str) -> anyhow::Result<String> {
    let first = narrator
        .step::<booking::create::Args>(
            "Three seats, whichever are free. It answers once they are in the database.",
            &["booking", "create", event, "--seats", "3"],
            |bookings| format!("Booked: seats {}.", seats(bookings)),
        )
        .await?;
    narrator
        .step::<booking::create::Args>(
            "Two more, by their numbers.",
            &["booking", "create", event, "--seat", "4-5"],
            |bookings| format!("Booked: seats {}. Now the event is full.", seats(bookings)),
        )
        .await?;
    Ok(one(first.records())?.booking.id.to_string())
}

async fn overbook(narrator: &mut Narrator<'_>, event: &str) -> anyhow::Result<String> {
    let late = narrator
        .step::<booking::create::Args>(
            "Whoever comes now is not turned away.",
            &["booking", "create", event, "--seats", "2"],
            |bookings| {
                let number = bookings.iter().find_map(|one| one.booking.waiting_number).unwrap_or_default();
                format!("The booking waits, and has the number {number}.")
            },
        )
        .await?;
    narrator
        .step::<waitlist::list::Args>(
            "Those who wait stand in line.",
            &["waitlist", "list", event],
            |parties| {
                format!("{} waits.", if parties.len() == 1 { "One party" } else { "More than one party" })
            },
        )
        .await?;
    Ok(one(late.records())?.booking.id.to_string())
}

async fn promote(narrator: &mut Narrator<'_>, event: &str, first: &str, late: &str) -> anyhow::Result<()> {
    narrator
        .step::<booking::cancel::Args>(
            "The first booking is given back.",
            &["booking", "cancel", first, "--yes"],
            |_| "Its seats went to the head of the line, in the same commit.".to_owned(),
        )
        .await?;
    narrator
        .step::<booking::get::Args>("The booking that waited:", &["booking", "get", late], |bookings| {
            format!("Promoted to seats {}.", seats(bookings))
        })
        .await?;
    narrator
        .step::<event::seats::Args>("The hall:", &["event", "seats", event], |maps| free(&maps[0]))
        .await?;
    Ok(())
}

async fn clean_up(
    narrator: &mut Narrator<'_>,
    organization: OrganizationId,
    event: &str,
    is_own: bool,
) -> anyhow::Result<()> {
    let id = organization.to_string();
    if is_own {
        narrator
            .step::<org::delete::Args>(
                "That was the story. What was made for it goes.",
                &["org", "delete", &id, "--force", "--yes"],
                |_| "The organization is gone, and its event with it.".to_owned(),
            )
            .await?;
    } else {
        narrator
            .step::<event::delete::Args>(
                "That was the story. What was made for it goes.",
                &["event", "delete", event, "--yes"],
                |_| "The event is gone.".to_owned(),
            )
            .await?;
    }
    narrator.app.cleanup.keep();
    Ok(())
}

fn sent(told: &[Notification]) -> usize {
    told.iter().filter(|one| one.status == NotificationStatus::Sent).count()
}

fn seats(bookings: &[BookingDetail]) -> String {
    let seats = bookings.iter().find_map(|one| one.booking.assigned_seats.as_deref());
    seats.map_or_else(|| "none".to_owned(), seat_ranges)
}

fn free(map: &SeatMap) -> String {
    let free: Vec<u32> = (1..=map.total).filter(|seat| !map.taken.contains(seat)).collect();
    format!("Taken: {}. Free: {}.", seat_ranges(&map.taken), seat_ranges(&free))
}

/// What a command that makes one thing has made.
fn one<T>(records: &[T]) -> anyhow::Result<&T> {
    records.first().ok_or_else(|| anyhow::anyhow!("the command answered nothing"))
}
