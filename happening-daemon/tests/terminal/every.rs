//! Every subcommand against the daemon, in stories: exit code, stdout and stderr. A subcommand that no story tells fails
//! the test.

use crate::cli::{Ended, Terminal, binary};
use crate::support::Daemon;
use crate::support::parts::Parts;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tempfile::TempDir;

on_both_parts!(
    a_person_looks_around,
    an_organization_is_led,
    an_event_takes_place,
    operators_look_after_the_rest,
    organizations_come_from_files_and_trials_go,
);

/// Told where more is to be said of them.
const ELSEWHERE: [(&str, &str); 3] = [
    ("login", "somebody approves it on the issuer's pages: login.rs, and whoever tells a story here"),
    ("reconcile cancel", "a job must be under way: `happening-cli/tests/cli/jobs.rs`"),
    ("reconcile status", "a job must have been started: `happening-cli/tests/cli/jobs.rs`"),
];

const STORIES: [&str; 5] = [CALLER, ORGANIZATION, EVENT, OPERATIONS, FILES];

// A story is told in steps: who runs what; `exit` and its code, where that is not 0; lines of stdout, in their order, and
// none if stdout is empty; all lines of stderr. With `~` in place of `$` a step is repeated until it is so. Words are
// compared, not the spaces between them: `_` is any word, `{=name}` one that is called `{name}` from then on.

const CALLER: &str = "\
member$ whoami
User member
E-mail member@happening.test
Organizations Demo (user)
Token from the file _

member$ status
PART KIND STATE LATENCY
daemon happening ok -
store _ ok _ ms

member$ config list
server {server} HAPPENING_SERVER
storage keyring default

member$ config set storage keyring
Name storage
Value keyring
From config.json

member$ config unset storage
Value keyring
From default

member$ config set storage file
Value file

member$ doctor
CHECK STATE FOUND MENDED BY
token store ok {=store} -
clock ok agrees with the daemon's -
sign-in ok member, by the file _ -

member$ context add local http://127.0.0.1:9 --use
Server http://127.0.0.1:9
Current yes

member$ context list
NAME SERVER CURRENT
local http://127.0.0.1:9 yes

member$ context use local
Name local
Current yes
stderr: warning: HAPPENING_SERVER is set, and outranks the context: unset it to use the context

member$ context remove local
ID local
Deleted yes
stderr: It was the one in use: `happening context use NAME` chooses another.

member$ api GET /events --jq .[].name
Harbour Lights

member$ help exit-codes
6 a conflict: seats taken, sold out, there already, stale, or what was waited for can no longer come

member$ man booking move
.SH NAME
happening\\-booking\\-move \\- Give a confirmed booking other seats of the same event

member$ completion bash
_clap_complete_happening() {

member$ logout
SERVER FROM REVOKED
{server} file yes

member$ whoami
exit 4
stderr: error: not signed in: nobody is at {server}; run `happening login`
";

const ORGANIZATION: &str = "\
admin$ org create --name Jazz --timezone Asia/Tokyo
Organization {=jazz}
Name Jazz
Owner admin
Time zone Asia/Tokyo

admin$ org list
{jazz} Jazz orgAdmin 1 _ _ UTC

admin$ org update Jazz --contact door@jazz.test
Contact door@jazz.test

admin$ org get Jazz
Organization {jazz}
Status active
Contact door@jazz.test

admin$ org set-role Jazz organizer organizer
Organization {jazz}
Role invited
Invite {=offered}
stderr: invited; they accept with `happening invite accept _

organizer$ invite accept {offered}
Invite {offered}
Status accepted

admin$ org set-role Jazz organizer organizer
Role organizer

operator$ org set-role {jazz} member user
Role user

admin$ org members Jazz
_ admin admin@happening.test orgAdmin _ _ UTC
_ member member@happening.test user _ _ UTC
_ organizer organizer@happening.test organizer _ _ UTC

admin$ org remove-member Jazz member --yes
Organization {jazz}
Role removed

member$ org get {jazz} --quiet
exit 3
stderr: error: organization {jazz}: There is no such organization.
stderr: request id: _

operator$ org map-service-account {jazz} happening-ci organizer
Client happening-ci
Role organizer
Username service-account-happening-ci

admin$ org service-accounts Jazz
CLIENT ROLE USERNAME SINCE
happening-ci organizer service-account-happening-ci _ _ UTC

admin$ org unmap-service-account Jazz happening-ci --yes
ID happening-ci
Deleted yes

admin$ org transfer Jazz --to organizer --yes
Organization {jazz}
Members 2
Owner admin
stderr: offered; they accept with `happening invite accept _

operator$ org transfer {jazz} --to organizer --yes
Organization {jazz}
Members 2
Owner organizer

operator$ org suspend {jazz} --yes
Name Jazz
Status suspended

admin$ org update Jazz --contact bar@jazz.test
exit 6
stderr: error: the organization was not changed: This organization is suspended: it can be looked at, but not changed.
stderr: hint: `happening org get ORG` shows it; an operator lets it go on
stderr: request id: _

operator$ org resume {jazz}
Name Jazz
Status active

admin$ org audit Jazz --limit 1
WHEN WHO ACTION TARGET OLD NEW FROM
_ _ UTC operator organization.resumed organization {jazz} _ _ 127.0.0.1

operator$ audit --limit 1
_ _ UTC operator organization.resumed organization {jazz} _ _ 127.0.0.1

guest$ whoami
E-mail guest@happening.test
Organizations none

admin$ invite send guest@happening.test --org Jazz
Invite {=first}
Email guest@happening.test
Role user
Status pending
BY admin
Token _

guest$ invite list
{first} Jazz guest@happening.test user pending admin _ _ UTC

guest$ invite reject {first} --block
Invite {first}
Status rejected

guest$ invite blocks
{jazz} Jazz _ _ UTC

admin$ invite send guest@happening.test --org Jazz --role organizer
Invite {=second}
Role organizer

guest$ invite unblock Jazz
Name Jazz

guest$ invite unblock Jazz
exit 3
stderr: error: no organization Jazz is blocked

admin$ invite resend {second}
exit 1
stderr: error: the invite was not sent again: An invite is sent again at most once an hour.
stderr: hint: try again in _ s; `happening status` shows what is down
stderr: request id: _

guest$ invite accept {second}
Invite {second}
Organization Jazz
Status accepted

admin$ invite send nobody@example.test --org Jazz
Invite {=third}

admin$ invite revoke {third} --yes
ID {third}
Deleted yes

guest$ user get
ID {=guest}
Username guest
Status active

admin$ user list --search gues
ID USERNAME EMAIL NAME STATUS
{guest} guest guest@happening.test Gus Demo active

operator$ user suspend guest --yes
ID {guest}
Status suspended

guest$ user get
exit 5
stderr: error: This account is suspended.
stderr: hint: `happening whoami` shows who you are and your roles
stderr: request id: _

operator$ user resume guest
ID {guest}
Status active

guest$ user export --jq .memberships[]|.organization_name,.role
Jazz
organizer

operator$ user erase guest --yes
ID {guest}
Deleted yes

operator$ user get guest
exit 3
stderr: error: nobody whom you may find is called `guest`: it has to be the whole username or address

organizer$ org delete Jazz --yes
ID {jazz}
Deleted yes
";

const EVENT: &str = "\
organizer$ event create --org Demo --name Gala --date 2099-12-01T19:00 --seats 5
Event {=gala}
Name Gala
Date 2099-12-01 19:00 UTC
Seats 5
Free 5
Organizer organizer

member$ event update {gala} --name Ball
exit 5
stderr: error: the event was not changed: Only the event's organizer or an orgAdmin does this.
stderr: hint: `happening whoami` shows who you are and your roles
stderr: request id: _

organizer$ event update {gala} --name Ball --category concert
Event {gala}
Name Ball
Category concert

member$ event list
ID NAME DATE FREE SEATS WAITING STATUS
{gala} Ball 2099-12-01 19:00 UTC 5 5 0 upcoming

organizer$ event resize {gala} --seats 4 --plan
Seats 5 → 4
Possible yes
Free 5 → 4

organizer$ event resize {gala} --seats 4
Event {gala}
Seats 4
Free 4

member$ event get {gala}
Name Ball
Seats 4
Category concert

member$ event calendar {gala}
BEGIN:VCALENDAR
METHOD:PUBLISH
STATUS:CONFIRMED
SUMMARY:Ball

member$ event hold {gala} --seat 2-3
Token {=hold}
Seats 2, 3
Conflicts -

member$ event seats {gala}
Ball: 4 seats, 2 free, 0 taken, 2 being picked
1 2~ 3~ 4

member$ event release {gala} {hold}
ID {hold}
Deleted yes

member$ event wait {gala} --for=available
Event {gala}
Free 4

member$ event watch {gala} --timeout 1s
_ _ UTC 4 of 4 seats are free, 0 booked, 0 being picked, 0 parties wait

member$ booking create {gala} --seats 2
Booking {=two}
Status confirmed
Seat numbers 1, 2

member$ booking list
{two} Ball 2099-12-01 19:00 UTC 2 confirmed -

organizer$ booking move {two} --seats 2,4
Booking {two}
Seat numbers 2, 4

member$ booking get {two}
Event {gala}
Status confirmed
Seat numbers 2, 4

member$ booking history {two}
WHEN WHO ACTION SEATS WHY
_ _ UTC member booked 2 -
_ _ UTC organizer moved 2 from seats 1 and 2 to seats 2 and 4

organizer$ booking export --event {gala} --fields event_name,username,assigned_seats
event_name,username,assigned_seats
Ball,member,\"[2,4]\"

organizer$ booking create {gala} --seats 2
Booking {=rest}
Seat numbers 1, 3

member$ booking create {gala} --seats 3
Booking {=party}
Status waiting
Place in line 1
stderr: Not enough free seats: the booking waits. `happening booking get {party}` tells its place.

member$ booking create {gala} --seats 1
Booking {=last}
Place in line 2
stderr: Not enough free seats: the booking waits. `happening booking get {last}` tells its place.

organizer$ waitlist list {gala}
PLACE NUMBER BOOKING WHO SEATS SINCE
1 1 {party} member 3 _ _ UTC
2 2 {last} member 1 _ _ UTC

member$ waitlist why {last}
Booking {last}
Place in line 2
Parties ahead 1
Seats ahead 3
Policy split

organizer$ waitlist simulate {gala} --free 1
Free seats 0, then 0
Waiting 2, then 2
{party} 1 1 2

organizer$ waitlist watch {gala} --timeout 1s
_ _ UTC 0 of 4 seats are free, 4 booked, 0 being picked, 2 parties wait

organizer$ waitlist promote {gala}
stderr: Nobody waits who could be served with what is free.

member$ waitlist remove {last} --yes
Booking {last}
Status cancelled

member$ booking cancel-seats {two} --seat 4 --yes
Booking {two}
Cancelled 1
Status confirmed
Remaining seat numbers 2

member$ booking wait {party} --for=confirmed --timeout 1s
exit 7
stderr: error: waited in vain: the booking is number 1 in line for 2 seats

organizer$ booking cancel {rest} --yes
Booking {rest}
Status cancelled

member$ booking wait {party} --for=confirmed
Booking {party}
Status confirmed
Seat numbers 1, 3

admin$ event reassign {gala} --to admin
Event {gala}
Free 0
Organizer admin

admin$ event cancel {gala} --yes
Event {gala}
Status cancelled

member$ event wait {gala} --for=available
exit 6
stderr: error: the event is cancelled, 0 of 4 seats are free

admin$ event delete {gala} --yes
ID {gala}
Deleted yes

organizer$ event import {csv} --org Demo
LINE NAME OUTCOME EVENT WHY
2 First created {=imported} -

member$ event get {imported}
Name First
Seats 7
";

/// Nobody answers where notifications are delivered to.
const OPERATIONS: &str = "\
organizer$ event create --org Demo --name Gala --date 2099-12-01T19:00 --seats 5
Event {=gala}

organizer$ booking create {gala} --seats 1
Seat numbers 1

operator~ queue status
Parked 1
Worker here runs
Sent 0
Given up 1

operator$ queue parked --fields id,kind,times
ID KIND TIMES
{=parked} notification 1

operator$ notification undelivered --fields id,username,status,message
ID USERNAME STATUS MESSAGE
{=told} organizer failed Your booking is confirmed: seat 1.

organizer$ notification list
{told} _ _ UTC booking_confirmed Your booking is confirmed: seat 1. failed

organizer$ notification read {told}
{told} done -

organizer$ notification list --unread
stderr: No notifications.

operator$ notification preview --type booking_confirmed --lang de
Subject: Buchung bestätigt: Winter concert
Guten Tag Ada,

operator$ notification resend {told}
ID STATE WHY NOT
{told} done -

operator~ queue status
Parked 1
Given up 2

operator$ queue requeue {parked} --quiet
exit 3
ID STATE WHY NOT
{parked} failed There is no such parked message.
stderr: error: not requeued: There is no such parked message.
stderr: request id: _

operator$ queue parked --fields id,kind
{=parked} notification

operator$ queue requeue {parked}
{parked} done -

operator~ queue status
Parked 1
Given up 3

operator$ queue discard --all --yes
ID STATE WHY NOT
_ done -

operator$ queue parked -o name

operator~ redis inspect {gala} --check
Gala: _ agrees with the database
free seats 4 4
waiting 0 0

operator$ redis keys --match event:{gala}:*
KEY KIND EXPIRES IN
event:{gala}:slots string -

operator$ reconcile {gala} --fix
stderr: 1 event compared.
stderr: Everything agrees.

member$ reconcile
exit 5
stderr: error: the events could not be compared: Only operators and support see how the installation is.
stderr: hint: `happening whoami` shows who you are and your roles
stderr: request id: _
";

const FILES: &str = "\
admin$ diff -f {yaml}
exit 10
STATE KIND NAME WHAT
create organization Folk
create event Ceilidh date 2099-06-01T19:00:00Z; seats 9
stderr: note: 2 things differ

admin$ apply -f {yaml}
STATE KIND NAME WHAT
created organization Folk
created event Ceilidh date 2099-06-01T19:00:00Z; seats 9
stderr: 2 created.

admin$ diff -f {yaml}
stderr: No differences.

admin$ export Folk
happening: 1
name: Folk
- who: \"admin@happening.test\"
role: orgAdmin
- name: Ceilidh
date: \"2099-06-01T19:00\"
seats: 9

member$ export Demo
exit 5
stderr: error: organization Demo: its invites: Only an orgAdmin does this.
stderr: hint: `happening whoami` shows who you are and your roles
stderr: request id: _

admin$ demo
1. Whoever signs in may found an organization. Nobody else sees what is in it.
-> Booked: seats 1-3.
-> The organization is gone, and its event with it.
stderr: Not enough free seats: the booking waits. `happening booking get _ tells its place.

operator$ smoke
CHECK STATUS TOOK WHY
no seat is booked twice passed _ ms
the counters agree with the truth passed _ ms
nothing is left behind passed _ ms

operator$ load --buyers 2 --seats 4
Confirmed 4
Waiting 1
Errors none
no seat is booked twice passed _ ms
the counters agree with the truth passed _ ms

operator$ org list -o name
";

/// The file `{csv}`.
const SEASON: &str = "name,date,seats\nFirst,2099-06-01T19:00,7\n";

/// The file `{yaml}`.
const FOLK: &str = "\
happening: 1
organization: {name: Folk}
events:
  - {name: Ceilidh, date: 2099-06-01T19:00, seats: 9}
";

async fn a_person_looks_around(parts: Parts) {
    tell(CALLER, &parts, &[]).await;
}

async fn an_organization_is_led(parts: Parts) {
    tell(ORGANIZATION, &parts, &[]).await;
}

async fn an_event_takes_place(parts: Parts) {
    tell(EVENT, &parts, &[]).await;
}

async fn operators_look_after_the_rest(parts: Parts) {
    let nobody_answers = [
        ("WEBHOOK_URL", "http://127.0.0.1:1"),
        ("WEBHOOK_ALLOW_PRIVATE", "true"),
        ("NOTIFICATION_TRIES", "1"),
    ];
    tell(OPERATIONS, &parts, &nobody_answers).await;
}

async fn organizations_come_from_files_and_trials_go(parts: Parts) {
    tell(FILES, &parts, &[]).await;
}

/// How long a step is repeated.
const PATIENCE: Duration = Duration::from_secs(30);

/// Words by their names.
type Known = BTreeMap<String, String>;

/// One command.
struct Step {
    who: &'static str,
    command: &'static str,
    repeated: bool,
    code: i32,
    stdout: Vec<&'static str>,
    stderr: Vec<&'static str>,
}

fn steps(story: &'static str) -> impl Iterator<Item = Step> {
    story.trim_end().split("\n\n").map(|step| {
        let mut lines = step.lines().peekable();
        let prompt = lines.next().expect("a prompt");
        let (words, command) = prompt.split_once(' ').expect("a command");
        let who = words.trim_end_matches(['$', '~']);
        assert_ne!(who, words, "no prompt: {prompt}");
        let code = lines.next_if(|line| line.starts_with("exit "));
        let code = code.map_or(0, |line| line["exit ".len()..].parse().expect("an exit code"));
        let (stderr, stdout): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("stderr: "));
        let stderr = stderr.into_iter().map(|line| &line["stderr: ".len()..]).collect();
        Step { who, command, repeated: words.ends_with('~'), code, stdout, stderr }
    })
}

impl Step {
    /// Whether a command ended as it must; it may give words a name.
    fn agrees(&self, ended: &Ended, known: &mut Known) -> bool {
        let mut lines = ended.stdout.lines();
        let stdout = self.stdout.iter().all(|wanted| lines.any(|line| fits(wanted, line, known)))
            && (!self.stdout.is_empty() || ended.stdout.is_empty());
        let told: Vec<_> = ended.stderr.lines().collect();
        let stderr = told.len() == self.stderr.len()
            && told.iter().zip(&self.stderr).all(|(line, wanted)| fits(wanted, line, known));
        ended.code == self.code && stdout && stderr
    }
}

/// Whether a line is as it must be, word by word.
fn fits(wanted: &str, line: &str, known: &mut Known) -> bool {
    let (wanted, line): (Vec<_>, Vec<_>) =
        (wanted.split_whitespace().collect(), line.split_whitespace().collect());
    let mut named = Vec::new();
    let fits = wanted.len() == line.len()
        && wanted.iter().zip(&line).all(|(wanted, word)| {
            let Some(name) = wanted.strip_prefix("{=").and_then(|name| name.strip_suffix('}')) else {
                return *wanted == "_" || filled(wanted, known) == *word;
            };
            named.push((name.to_owned(), (*word).to_owned()));
            true
        });
    if fits {
        known.extend(named);
    }
    fits
}

/// A text with the words in place of their names.
fn filled(text: &str, known: &Known) -> String {
    known.iter().fold(text.to_owned(), |text, (name, word)| text.replace(&format!("{{{name}}}"), word))
}

/// Tells a story; those who appear in it have signed in.
async fn tell(story: &'static str, parts: &Parts, settings: &[(&str, &str)]) {
    let daemon = Daemon::start_on(parts, 0, settings).await;
    let files = TempDir::new().expect("a directory");
    let server = daemon.url().as_str().trim_end_matches('/').to_owned();
    let mut known = Known::from([("server".to_owned(), server)]);
    for (name, text) in [("csv", SEASON), ("yaml", FOLK)] {
        let path = files.path().join(name);
        std::fs::write(&path, text).expect("written");
        known.insert(name.to_owned(), path.to_str().expect("UTF-8").to_owned());
    }
    let mut people = BTreeMap::new();
    for name in steps(story).map(|step| step.who).collect::<BTreeSet<_>>() {
        people.insert(name, Terminal::signed_in(&daemon, name).await);
    }
    for step in steps(story) {
        let command = filled(step.command, &known);
        let arguments: Vec<_> = command.split(' ').collect();
        let begun = Instant::now();
        loop {
            let ended = people[step.who].run(&arguments).await;
            if step.agrees(&ended, &mut known) {
                break;
            }
            let again = step.repeated && begun.elapsed() < PATIENCE;
            assert!(again, "{}", disagreement(&step, &ended, &command));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// What was wanted beside what was found.
fn disagreement(step: &Step, ended: &Ended, command: &str) -> String {
    let Step { who, code, stdout, stderr, .. } = step;
    let mut told = format!("{who}$ happening {command}\nwanted: exit {code}\n");
    for line in stdout.iter().chain(stderr) {
        writeln!(told, "  {line}").expect("written");
    }
    write!(told, "found: exit {}\n{}\nstderr:\n{}", ended.code, ended.stdout, ended.stderr).expect("written");
    told
}

#[tokio::test]
async fn no_subcommand_is_missing() {
    let pages = TempDir::new().expect("a directory");
    let directory = pages.path().to_str().expect("UTF-8");
    let written =
        tokio::process::Command::new(binary("happening")).args(["man", "--directory", directory]).status();
    assert!(written.await.expect("happening runs").success());
    let names: BTreeSet<String> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("a page").file_name().into_string().expect("UTF-8"))
        .filter_map(|page| Some(page.strip_prefix("happening-")?.strip_suffix(".1")?.to_owned()))
        .collect();
    let is_noun = |name: &String| names.iter().any(|other| other.starts_with(&format!("{name}-")));
    // Nouns are one word; verbs may be more.
    let all: BTreeSet<String> = names
        .iter()
        .filter(|name| name.contains('-') || !is_noun(name))
        .map(|name| name.replacen('-', " ", 1))
        .collect();
    assert!(all.contains("booking cancel-seats") && all.contains("whoami"), "{all:?}");

    // A noun that does something by itself is told beside its verbs.
    let told = STORIES.into_iter().flat_map(steps).filter_map(|step| {
        let words: Vec<_> = step.command.split(' ').collect();
        if !is_noun(&words[0].to_owned()) {
            return Some(words[0].to_owned());
        }
        let is_verb = |word: &&&str| word.starts_with(|first: char| first.is_ascii_lowercase());
        let verb = words.get(1).filter(is_verb)?;
        Some(format!("{} {verb}", words[0]))
    });
    let told: BTreeSet<String> =
        told.chain(ELSEWHERE.iter().map(|(command, _)| (*command).to_owned())).collect();
    assert_eq!(told, all, "what the stories tell, and what there is");
}
