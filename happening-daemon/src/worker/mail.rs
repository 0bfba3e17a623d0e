//! Mail: each notification is sent to its person by SMTP, as text and HTML, with an entry for the calendar.
//!
//! What a mail says is read from the store when it is sent, so a mail that was delayed is true when it arrives. A repeat
//! has the Message-ID of the first one (the notification's id), by which mail servers and programs recognize it.
//!
//! An answer of the server of class 5, about the recipient or the message, is final: it is recorded, and the notification is
//! parked. All else is tried again: answers of class 4, lost connections, and answers about the daemon's own account, which
//! an operator corrects.

use super::{Channel, Undelivered};
use crate::store::{Participation, Store};
use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use happening_core::clock::Clock;
use happening_core::id::{EventId, NotificationId};
use happening_core::wire::QueuedNotification;
use happening_messages::{
    BookingFacts, EventFacts, Facts, Links, Message, Messages, OrganizationFacts, Recipient, one_line,
};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::response::Category;
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::sync::Arc;
use std::time::Duration;

/// Connections to the mail server, and mails under way, at once.
const CONNECTIONS: u32 = 8;

/// How long the mail server may take to answer a command.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An idle connection is closed after so long.
const IDLE: Duration = Duration::from_secs(30);

/// Of what permanent answers say of the sender or of the account (RFC 3463): for an operator to correct.
const OURS: [&str; 4] = ["5.1.7", "5.1.8", "5.7.8", "5.7.9"];

/// How mail is sent.
pub struct MailSettings<'a> {
    /// The mail server: `smtp://` or `smtps://`.
    pub url: &'a str,
    /// Who sends, such as `Happening <tickets@example.org>`.
    pub from: &'a str,
    /// Where people find events: `/events/` and the id are added.
    pub public_url: Option<&'a str>,
    /// What mails look like.
    pub messages: Arc<Messages>,
}

/// Sends mail.
pub struct MailChannel {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: Option<String>,
    messages: Arc<Messages>,
    store: Arc<dyn Store>,
    clock: Clock,
}

impl MailChannel {
    /// A channel; connects when first used. Settings that cannot be used are errors, which show no password.
    pub fn new(settings: &MailSettings<'_>, store: Arc<dyn Store>, clock: Clock) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(settings.url)
            .map_err(|_| anyhow!("SMTP_URL is no address such as smtps://user:password@mail.example.org"))?
            .timeout(Some(TIMEOUT))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE))
            .build();
        let from =
            settings.from.parse().context("MAIL_FROM is no address such as Tickets <tickets@example.org>")?;
        let public_url = settings.public_url.map(str::to_owned);
        Ok(Self { transport, from, public_url, messages: settings.messages.clone(), store, clock })
    }

    /// Whether the mail server answers, and takes the user and password.
    pub async fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.transport.test_connection().await?, "the mail server does not answer");
        Ok(())
    }

    fn mail(
        &self,
        id: NotificationId,
        message: &Message,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> Result<lettre::Message, Undelivered> {
        let Recipient { name, address, .. } = &facts.recipient;
        let to: Address =
            address.parse().map_err(|_| Undelivered::finally("the e-mail address cannot be used"))?;
        let sender = self.from.email.clone();
        let organization = one_line(&facts.organization.name);
        let from = Mailbox::new(Some(organization).filter(|name| !name.is_empty()), sender.clone());
        let mut builder = lettre::Message::builder()
            .message_id(Some(format!("<{id}@{}>", sender.domain())))
            .date(now.into())
            .from(from)
            .to(Mailbox::new(name.as_deref().map(one_line), to))
            .subject(message.subject.clone())
            // RFC 3834, section 5: nobody answers by a program.
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(reply_to) = facts.organization.contact.as_deref().and_then(|contact| contact.parse().ok())
        {
            builder = builder.reply_to(Mailbox::new(None, reply_to));
        }
        // RFC 2046, section 5.1.4: the last part that a program understands is shown.
        let mut parts = MultiPart::alternative()
            .singlepart(SinglePart::plain(message.text.clone()))
            .singlepart(SinglePart::html(message.html.clone()));
        if let Some(invitation) = &message.invitation {
            let to = (name.as_deref(), address.as_str());
            let body = invitation.render(sender.as_ref(), to, now);
            // RFC 6047, section 2.4.
            let kind = format!("text/calendar; charset=utf-8; method={}", invitation.method.as_str());
            let kind = ContentType::parse(&kind).context("a media type")?;
            parts = parts.singlepart(SinglePart::builder().header(kind).body(body));
        }
        Ok(builder.multipart(parts).context("the mail cannot be made")?)
    }
}

#[async_trait]
impl Channel for MailChannel {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn at_once(&self) -> usize {
        CONNECTIONS as usize
    }

    async fn deliver(&self, notification: &QueuedNotification) -> Result<(), Undelivered> {
        let event =
            notification.event_id.ok_or_else(|| Undelivered::finally("the notification names no event"))?;
        let found = self.store.find_participation(notification.user_id, event).await.context("the store")?;
        // A service account, or a person who was erased: nobody reads it.
        let Some(found) = found.filter(|found| !found.email.is_empty()) else { return Ok(()) };
        let facts = facts(notification, event, found, Links::to_event(self.public_url.as_deref(), event));
        let message = self.messages.compose(&facts).context("the message cannot be made")?;
        let mail = self.mail(notification.id, &message, &facts, self.clock.now())?;
        self.transport.send(mail).await.map(drop).map_err(|error| refused(&error))
    }
}

/// What the mail server's answer means.
fn refused(error: &SmtpError) -> Undelivered {
    let said = error.to_string();
    // RFC 5321, section 4.2.1: x5x is about the mail itself; the others are about commands, the connection, the account.
    let is_about_mail = error.status().is_some_and(|code| code.category == Category::MailSystem);
    let is_ours = OURS.iter().any(|code| said.contains(code));
    if error.is_permanent() && is_about_mail && !is_ours {
        return Undelivered::finally(&said);
    }
    anyhow!(said).into()
}

/// A header that this file writes: its value is one line of ASCII.
fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// What the message says.
fn facts(notification: &QueuedNotification, event: EventId, found: Participation, links: Links) -> Facts {
    let bookings = &found.bookings;
    let mut seats: Vec<u32> = bookings.iter().flat_map(|booking| booking.seats.iter().copied()).collect();
    seats.sort_unstable();
    let booking = notification.booking_id.and_then(|id| bookings.iter().find(|booking| booking.id == id));
    Facts {
        kind: notification.kind,
        text: notification.message.clone(),
        count: notification.seats,
        by_other: notification.booked_by.is_some(),
        seats,
        had_seats: bookings.iter().any(|booking| booking.had_seats),
        waiting: bookings.iter().filter(|booking| booking.place.is_some()).map(|booking| booking.size).sum(),
        booking: booking.map(|booking| BookingFacts {
            id: booking.id,
            status: booking.status,
            size: booking.size,
            seats: booking.seats.clone(),
            place: booking.place,
        }),
        recipient: Recipient { name: found.first_name, address: found.email, language: None },
        event: EventFacts {
            id: event,
            name: found.event_name,
            starts_at: found.starts_at,
            ends_at: Some(found.ends_at),
            capacity: found.capacity,
            is_off: found.is_off,
            version: found.version,
            updated_at: found.updated_at,
        },
        organization: OrganizationFacts::new(found.organization, found.organization_name, found.settings),
        links,
    }
}
