//! Mail at a real mail server with STARTTLS and AUTH (`tests/mail/server.py`), read by another library than the one that
//! wrote it.

use crate::support::parts::Parts;
use crate::support::people::{Signed, book, demo_organization, publish, sign_in};
use crate::support::{Daemon, ending_with_us, eventually, python, refused};
use happening_core::wire::{
    ErrorCode, NotificationStatus, NotificationType, ParkedMessage, ParkedQuery, PreviewQuery, UpdateEvent,
    UpdateOrganization, UpdateSettings,
};
use serde_json::Value;
use std::fs;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Child;

on_both_parts!(
    mail_arrives_whatever_the_server_does,
    a_mail_can_be_read_by_people_and_by_calendars,
    a_mail_server_that_hangs_delays_no_other_channel,
    staff_see_what_people_will_read,
    an_event_is_a_file_for_calendars,
);

const PATIENCE: Duration = Duration::from_mins(1);

/// A mail server.
struct MailServer {
    folder: TempDir,
    process: Option<Child>,
}

impl MailServer {
    async fn start() -> Self {
        let mut server = Self { folder: TempDir::new().expect("a folder"), process: None };
        server.go_on().await;
        server
    }

    /// Starts it, on the port that it had.
    async fn go_on(&mut self) {
        let port = self.port().unwrap_or_else(|| "0".to_owned());
        let ready = self.folder.path().join("port");
        let _ = fs::remove_file(&ready);
        let (interpreter, scripts) = python::environment("mail");
        let mut command = ending_with_us(interpreter);
        command.arg(scripts.join("server.py")).arg(self.folder.path()).arg(port).kill_on_drop(true);
        self.process = Some(command.spawn().expect("the mail server starts"));
        eventually("the mail server listens", PATIENCE, async || ready.is_file()).await;
    }

    async fn stop(&mut self) {
        self.process.take().expect("a mail server").kill().await.expect("ended");
    }

    fn port(&self) -> Option<String> {
        fs::read_to_string(self.folder.path().join("port")).ok()
    }

    fn settings(&self) -> Vec<(String, String)> {
        let port = self.port().expect("a port");
        let setting = |name: &str, value: String| (name.to_owned(), value);
        vec![
            setting("SMTP_URL", format!("smtp://tickets:p%40ss%3Aword@127.0.0.1:{port}?tls=required")),
            setting("MAIL_FROM", "Tickets <tickets@example.org>".to_owned()),
            setting("PUBLIC_URL", "https://tickets.example.org/".to_owned()),
            setting("SSL_CERT_FILE", self.folder.path().join("ca.pem").display().to_string()),
            setting("NOTIFICATION_BACKOFF_SECONDS", "1".to_owned()),
        ]
    }

    fn misbehave(&self, how: &str, content: &str) {
        fs::write(self.folder.path().join(how), content).expect("written");
    }

    fn behave(&self, how: &str) {
        fs::remove_file(self.folder.path().join(how)).expect("removed");
    }

    /// What it was sent, in order.
    fn mails(&self) -> Vec<Value> {
        let (interpreter, scripts) = python::environment("mail");
        let mut command = std::process::Command::new(interpreter);
        let read = python::run(command.arg(scripts.join("read.py")).arg(self.folder.path()));
        serde_json::from_str(&read).expect("JSON")
    }

    /// How many mails it was sent.
    fn count(&self) -> usize {
        let entries = fs::read_dir(self.folder.path()).expect("a folder").flatten();
        entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "eml")).count()
    }
}

async fn start(parts: &Parts, server: &MailServer, more: &[(&str, &str)]) -> Daemon {
    let settings = server.settings();
    let mut settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    settings.extend(more);
    Daemon::start_on(parts, 0, &settings).await
}

async fn statuses(person: &Signed) -> Vec<NotificationStatus> {
    let told = person.client.notifications_of(person.user.expect("a user")).await.expect("notifications");
    told.into_iter().map(|told| told.status).collect()
}

async fn all_sent(person: &Signed, count: usize) {
    let sent = async || statuses(person).await == vec![NotificationStatus::Sent; count];
    eventually(&format!("{count} are sent"), PATIENCE, sent).await;
}

async fn parked(person: &Signed) -> Vec<ParkedMessage> {
    person.client.parked(&ParkedQuery::default()).await.expect("parked ones")
}

/// Notifications that the log channel delivered, by the daemon's log.
fn logged(daemon: &Daemon) -> usize {
    daemon.log().lines().filter(|line| line.contains(" notification id=")).count()
}

async fn mail_arrives_whatever_the_server_does(parts: Parts) {
    let mut server = MailServer::start().await;
    server.stop().await;
    let log = ("HAPPENING_LOG", "info,happening::notification=info");
    let daemon = start(&parts, &server, &[("NOTIFICATION_TRIES", "20"), log]).await;
    let (organizer, operator) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "operator").await);
    let member = sign_in(&daemon, "member").await;
    let event = publish(&organizer, 20).await.id;

    // The server is down: it is tried again until it is back. The log has it once.
    book(&member, event, 1).await;
    let tried = async || operator.client.queue_status().await.expect("figures").worker.failed >= 2;
    eventually("it is tried again", PATIENCE, tried).await;
    assert_eq!((statuses(&member).await, server.count()), (vec![NotificationStatus::Pending], 0));
    server.go_on().await;
    all_sent(&member, 1).await;
    assert_eq!((server.count(), logged(&daemon)), (1, 1));

    // Greylisted: the second try succeeds.
    server.misbehave("greylist", "");
    book(&member, event, 1).await;
    all_sent(&member, 2).await;
    server.behave("greylist");
    assert_eq!((server.count(), logged(&daemon)), (2, 2));

    // Cut off after the mail: nobody knows whether it arrived, so it comes again, and can be recognized.
    server.misbehave("drop", "");
    book(&member, event, 1).await;
    all_sent(&member, 3).await;
    let mails = server.mails();
    assert_eq!((mails.len(), logged(&daemon)), (4, 3));
    let id = |mail: &Value| mail["headers"]["message-id"].as_str().expect("a Message-ID").to_owned();
    assert_eq!(id(&mails[2]), id(&mails[3]));
    assert_ne!(id(&mails[1]), id(&mails[2]));

    // The recipient is refused: final at once, with the server's answer. Others go on.
    let address = organizer.client.user(organizer.user.expect("a user")).await.expect("a user").email;
    server.misbehave("reject", &address);
    book(&organizer, event, 1).await;
    let failed = async || statuses(&organizer).await == [NotificationStatus::Failed];
    eventually("it is given up", PATIENCE, failed).await;
    let parked = parked(&operator).await;
    assert_eq!((parked.len(), parked[0].times, parked[0].user_id), (1, 1, organizer.user));
    assert!(
        parked[0].reason.starts_with("mail: ") && parked[0].reason.contains("550"),
        "{}",
        parked[0].reason
    );
    assert!(parked[0].reason.contains("5.1.1 no such user here"), "{}", parked[0].reason);
    book(&member, event, 1).await;
    all_sent(&member, 4).await;
    assert_eq!((server.count(), logged(&daemon)), (5, 5));

    // Sent by hand once the address is known there.
    server.behave("reject");
    operator.client.requeue_parked(parked[0].id).await.expect("requeued");
    all_sent(&organizer, 1).await;
    assert_eq!(server.count(), 6);
    let outbox = operator.client.queue_status().await.expect("figures").outbox;
    assert_eq!((outbox.pending, outbox.parked), (0, 0));
    assert!(!daemon.log().contains("p@ss") && !daemon.log().contains("p%40ss"), "no password in the log");
}

async fn a_mail_can_be_read_by_people_and_by_calendars(parts: Parts) {
    let server = MailServer::start().await;
    let daemon = start(&parts, &server, &[("DEFAULT_LANGUAGE", "de")]).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 3).await;
    let booking = book(&member, event.id, 2).await;
    all_sent(&member, 1).await;
    book(&member, event.id, 2).await;
    all_sent(&member, 2).await;
    member.client.cancel_booking(booking.id).await.expect("cancelled");
    // The cancellation, and the seats that it freed for the same person.
    all_sent(&member, 4).await;
    let mails = server.mails();
    let first = &mails[0];
    assert_eq!((&first["kind"], &first["envelope"]["tls"]), (&"multipart/alternative".into(), &true.into()));
    assert_eq!(first["parts"], serde_json::json!(["text/plain", "text/html", "text/calendar"]));
    assert_eq!(first["envelope"]["from"], "tickets@example.org");
    let address = member.client.user(member.user.expect("a user")).await.expect("a user").email;
    assert_eq!(first["envelope"]["to"], serde_json::json!([address]));
    let headers = &first["headers"];
    assert_eq!(headers["from"], "Demo <tickets@example.org>");
    assert_eq!(headers["subject"], format!("Buchung bestätigt: {}", event.name));
    assert_eq!(headers["auto-submitted"], "auto-generated");
    let told = member.client.notifications_of(member.user.expect("a user")).await.expect("notifications");
    let oldest = told.last().expect("the first one");
    assert_eq!(headers["message-id"], format!("<{}@example.org>", oldest.id));
    assert!(first["text"].as_str().expect("text").contains("Plätze: 1 und 2"), "{}", first["text"]);
    let link = format!("https://tickets.example.org/events/{}", event.id);
    assert!(first["text"].as_str().expect("text").contains(&link), "{}", first["text"]);
    // Slashes are escaped in HTML.
    let html = first["html"].as_str().expect("text").replace("&#x2f;", "/");
    assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
    let calendar = &first["calendar"];
    assert_eq!((&calendar["method"], &first["calendar_method"]), (&"REQUEST".into(), &"REQUEST".into()));
    assert_eq!((&calendar["uid"], &calendar["status"]), (&event.id.to_string().into(), &"CONFIRMED".into()));
    assert_eq!(calendar["starts"].as_str().map(|at| at.parse().expect("a time")), Some(event.event_date));
    assert_eq!(calendar["attendee"], format!("mailto:{address}"));
    assert_eq!(calendar["organizer"], "mailto:tickets@example.org");

    // Who waits has no more seats than before, so the entry stays; the numbers of the versions rise.
    let subjects: Vec<_> =
        mails.iter().map(|mail| mail["headers"]["subject"].as_str().expect("text")).collect();
    assert!(subjects[1].starts_with("Auf der Warteliste"), "{subjects:?}");
    let sequence = |mail: &Value| mail["calendar"]["sequence"].as_u64().expect("a number");
    assert!(sequence(&mails[1]) > sequence(first) && sequence(&mails[3]) > sequence(&mails[1]));

    // The event is called off: entries are cancelled.
    organizer.client.delete_event(event.id).await.expect("deleted");
    all_sent(&member, 5).await;
    let last = server.mails().pop().expect("a mail");
    assert_eq!(
        (&last["calendar"]["method"], &last["calendar"]["status"]),
        (&"CANCEL".into(), &"CANCELLED".into())
    );
    assert!(
        last["headers"]["subject"].as_str().expect("text").starts_with("Abgesagt"),
        "{}",
        last["headers"]
    );
}

/// A server that takes connections and says nothing.
async fn a_mail_server_that_hangs_delays_no_other_channel(parts: Parts) {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", silent.local_addr().expect("an address"));
    let log = ("HAPPENING_LOG", "info,happening::notification=info");
    let settings = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "tickets@example.org"), log];
    let daemon = Daemon::start_on(&parts, 0, &settings).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 1_000).await.id;
    for booked in 1..=60 {
        book(&member, event, 1).await;
        eventually("it is in the log", Duration::from_secs(10), async || logged(&daemon) >= booked).await;
    }
    drop(silent);
}

async fn staff_see_what_people_will_read(parts: Parts) {
    let daemon = Daemon::start_on(&parts, 0, &[("PUBLIC_URL", "https://tickets.example.org/")]).await;
    let (admin, support) = (sign_in(&daemon, "admin").await, sign_in(&daemon, "support").await);
    let organization = demo_organization(&admin).await;
    let settings = UpdateSettings {
        timezone: Some(Some("Asia/Tokyo".to_owned())),
        language: Some(Some("de".to_owned())),
        color: Some(Some("#7a1020".to_owned())),
        ..UpdateSettings::default()
    };
    let update = UpdateOrganization { settings: Some(settings), ..UpdateOrganization::default() };
    admin.client.update_organization(organization, &update).await.expect("updated");
    for &kind in NotificationType::ALL {
        let query = PreviewQuery { kind, language: None, org_id: Some(organization) };
        let preview = support.client.preview_message(&query).await.expect("a preview");
        assert_eq!((preview.kind, preview.language.as_str()), (kind, "de"));
        assert!(preview.text.contains("Demo") && preview.text.contains("JST"), "{}", preview.text);
        assert!(preview.html.contains("#7a1020") && preview.html.contains("tickets.example.org"));
        assert_eq!(preview.calendar.is_some(), kind != NotificationType::BookingWaitlisted);
        let english = PreviewQuery { kind, language: Some("en-GB".to_owned()), org_id: None };
        let preview = support.client.preview_message(&english).await.expect("a preview");
        assert_eq!(preview.language, "en");
        refused(admin.client.preview_message(&query).await, ErrorCode::Forbidden);
    }
    let nonsense = PreviewQuery {
        kind: NotificationType::EventUpdated,
        language: Some("../de".to_owned()),
        org_id: None,
    };
    refused(support.client.preview_message(&nonsense).await, ErrorCode::ValidationFailed);
}

async fn an_event_is_a_file_for_calendars(parts: Parts) {
    let daemon = Daemon::start(&parts).await;
    let (organizer, member) = (sign_in(&daemon, "organizer").await, sign_in(&daemon, "member").await);
    let event = publish(&organizer, 3).await;
    let folder = TempDir::new().expect("a folder");
    let read = async |person: &Signed| {
        let calendar = person.client.event_calendar(event.id).await.expect("a calendar");
        fs::write(folder.path().join("event.ics"), calendar).expect("written");
        let (interpreter, scripts) = python::environment("mail");
        let mut command = std::process::Command::new(interpreter);
        let read = python::run(command.arg(scripts.join("read.py")).arg(folder.path()));
        serde_json::from_str::<Value>(&read).expect("JSON")[0].clone()
    };
    let first = read(&member).await;
    assert_eq!((&first["method"], &first["status"]), (&"PUBLISH".into(), &"CONFIRMED".into()));
    assert_eq!((&first["uid"], &first["summary"]), (&event.id.to_string().into(), &event.name.into()));
    assert_eq!(first["starts"].as_str().map(|at| at.parse().expect("a time")), Some(event.event_date));
    let update = UpdateEvent {
        name: Some("Ball, with \"friends\"; at last".to_owned()),
        event_date: Some("2099-07-01T19:00:00+02:00".to_owned()),
        ..UpdateEvent::default()
    };
    organizer.client.update_event(event.id, &update).await.expect("updated");
    let second = read(&member).await;
    assert_eq!(
        (&second["uid"], &second["summary"]),
        (&first["uid"], &"Ball, with \"friends\"; at last".into())
    );
    assert_eq!(second["starts"], "2099-07-01T17:00:00+00:00");
    assert!(second["sequence"].as_u64() > first["sequence"].as_u64());
    let guest = sign_in(&daemon, "guest").await;
    refused(guest.client.event_calendar(event.id).await, ErrorCode::NotFound);
}
