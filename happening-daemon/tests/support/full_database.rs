//! A database after years of use, filled past the daemon: past events of many organizations with bookings, seats, history
//! and notifications, as the daemon would have written them.

use super::parts::Parts;

/// How much there is. Every organization has [`MEMBERS`] members of its own, the first of whom governs it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub organizations: u32,
    /// Past events of each organization.
    pub events: u32,
    /// Confirmed bookings of each event, of one seat each.
    pub bookings: u32,
}

/// A database that a scan is felt in: 1,000 organizations, 20,000 people, 100,000 events, a million bookings.
pub const FULL: Size = Size { organizations: 1_000, events: 100, bookings: 10 };

pub const MEMBERS: u32 = 20;

const SEATS: u32 = 100;

/// Rows that one statement writes: on SQLite others wait for it.
const CHUNK: u32 = 200_000;

impl Size {
    pub fn people(self) -> u32 {
        self.organizations * MEMBERS
    }

    pub fn all_events(self) -> u32 {
        self.organizations * self.events
    }

    pub fn all_bookings(self) -> u32 {
        self.all_events() * self.bookings
    }

    /// Writes all of it. The daemon has made its tables before.
    pub async fn fill(self, parts: &Parts) {
        let sql = Dialect { is_postgres: parts.stack().is_some() };
        for (count, table, columns, values) in self.tables(sql) {
            for first in (0..count).step_by(CHUNK as usize) {
                let last = count.min(first + CHUNK) - 1;
                let statement = format!(
                    "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) \
                     INSERT INTO {table} ({columns}) SELECT {values} FROM n"
                );
                parts.execute(statement).await;
            }
        }
        // SQLite's planner does without statistics: the daemon never takes any.
        if sql.is_postgres {
            // Also merges what the trigram indexes have pending: until then the planner prefers to scan.
            parts.execute("VACUUM (ANALYZE)").await;
        }
    }

    fn tables(self, sql: Dialect) -> Vec<Table> {
        self.catalogue(sql).into_iter().chain(self.sales(sql)).collect()
    }

    /// Organizations, their people and their events.
    fn catalogue(self, sql: Dialect) -> [Table; 4] {
        let Self { organizations, bookings, .. } = self;
        let long_ago = sql.days_ago("2000");
        let organizer = format!("(i % {organizations}) * {MEMBERS}");
        let free = SEATS - bookings;
        let (organization, user, event) = (sql.id('a', "i"), sql.id('b', "i"), sql.id('c', "i"));
        let own = sql.id('a', &format!("(i / {MEMBERS})"));
        let (publisher, creator) = (sql.id('a', &format!("i % {organizations}")), sql.id('b', &organizer));
        let begins = sql.days_ago(&format!("((i / {organizations}) * 3 + 2)"));
        [
            (
                organizations,
                "organizations",
                // Keycloak has them: its sync is not what is measured.
                "id, name, name_folded, keycloak_org_id, created_at, updated_at",
                format!(
                    "{organization}, 'Society ' || i, 'society ' || i, 'known-' || i, {long_ago}, {long_ago}"
                ),
            ),
            (
                self.people(),
                "users",
                "id, keycloak_id, username, username_folded, email, email_folded, created_at, updated_at",
                format!(
                    "{user}, 'subject-' || i, 'user' || i, 'user' || i, 'user' || i || '@example.org', \
                     'user' || i || '@example.org', {long_ago}, {long_ago}"
                ),
            ),
            (
                self.people(),
                "organization_users",
                "organization_id, user_id, role, joined_at",
                format!(
                    "{own}, {user}, CASE i % {MEMBERS} WHEN 0 THEN 'orgAdmin' ELSE 'user' END, {long_ago}"
                ),
            ),
            (
                self.all_events(),
                "events",
                "id, org_id, created_by, name, name_folded, event_date, event_end, status, total_slots, available_slots, version, \
                 created_at, updated_at",
                format!(
                    "{event}, {publisher}, {creator}, 'Concert ' || i, 'concert ' || i, {begins}, {begins}, 'completed', {SEATS}, {free}, \
                     {bookings}, {long_ago}, {long_ago}"
                ),
            ),
        ]
    }

    /// Bookings, and what goes with them.
    fn sales(self, sql: Dialect) -> [Table; 4] {
        let Self { organizations, bookings, .. } = self;
        let number = format!("(i / {bookings})");
        let booker = format!("({number} % {organizations} * {MEMBERS} + (i % {bookings}) * 2 % {MEMBERS})");
        let at = sql.days_ago(&format!("(({number} / {organizations}) * 3 + 10)"));
        let (user, booking, event) = (sql.id('b', &booker), sql.id('d', "i"), sql.id('c', &number));
        let notification = sql.id('e', "i");
        [
            (
                self.all_bookings(),
                "bookings",
                "id, event_id, user_id, seats, status, created_at, updated_at",
                format!("{booking}, {event}, {user}, 1, 'confirmed', {at}, {at}"),
            ),
            (
                self.all_bookings(),
                "booking_seats",
                "booking_id, event_id, seat_no, status",
                format!("{booking}, {event}, i % {bookings} + 1, 'booked'"),
            ),
            (
                self.all_bookings(),
                "booking_history",
                "booking_id, event_id, actor_id, action, seats, created_at",
                format!("{booking}, {event}, {user}, 'booked', 1, {at}"),
            ),
            (
                self.all_bookings(),
                "notifications",
                "id, user_id, event_id, booking_id, type, message, seats, status, created_at",
                format!(
                    "{notification}, {user}, {event}, {booking}, 'booking_confirmed', 'Your seat is booked.', 1, \
                     'sent', {at}"
                ),
            ),
        ]
    }
}

/// How many rows, of which table, its columns, and their values for row `i`.
type Table = (u32, &'static str, &'static str, String);

/// How the databases write ids and times.
#[derive(Clone, Copy)]
struct Dialect {
    is_postgres: bool,
}

impl Dialect {
    /// The id with this number among those that begin with `kind`.
    fn id(self, kind: char, number: &str) -> String {
        if self.is_postgres {
            format!("('{kind}0000000-0000-4000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid")
        } else {
            format!("unhex(printf('{kind}0000000000040008000%012x', {number}))")
        }
    }

    fn days_ago(self, days: &str) -> String {
        if self.is_postgres {
            format!("now() - make_interval(days => {days})")
        } else {
            format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-' || ({days}) || ' days')")
        }
    }
}
