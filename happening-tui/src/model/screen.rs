//! The screens and their panes, and the way that a person has gone through them.
//!
//! Add a screen: a variant of [`Screen`] with its key and panes, its place in [`crate::layout`], what it wants to know in
//! [`crate::update::feeds`]. Add a table: a variant of [`Pane`] and its rows in [`crate::model::rows`].

use happening_core::id::EventId;

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    /// How everything is, as charts.
    Overview,
    /// Organizations with their members and invites.
    Organizations,
    /// The list of events.
    Events,
    /// The event that is open.
    Event,
    /// People and what they have booked.
    Bookings,
    /// Every waitlist.
    Waitlists,
    /// Notifications on their way, and what is parked.
    Queue,
    /// The counters beside the truth.
    Redis,
    /// Who did what.
    Audit,
    /// The calls that were made.
    Log,
}

/// What has the keys within a screen. All but [`Pane::Charts`] and [`Pane::Seats`] are tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pane {
    /// Rates over the last minutes.
    Charts,
    /// Organizations.
    Organizations,
    /// Members of the organization under the cursor.
    Members,
    /// Its invites.
    Invites,
    /// Its service accounts.
    ServiceAccounts,
    /// Events.
    Events,
    /// The seat map of the event that is open.
    Seats,
    /// Its waitlist.
    Line,
    /// Its bookings.
    EventBookings,
    /// People that were found.
    People,
    /// Bookings of the person under the cursor.
    PersonBookings,
    /// What that person was told.
    Told,
    /// Events with a waitlist.
    WaitingEvents,
    /// Who waits at the event under the cursor.
    Parties,
    /// What is parked.
    Parked,
    /// Notifications that did not arrive.
    Undelivered,
    /// Events, with the counters beside the truth.
    Counters,
    /// Keys.
    Keys,
    /// The audit log.
    Audit,
    /// The log of calls.
    Log,
}

impl Screen {
    /// Every screen, in the order of their keys.
    pub const ALL: [Self; 10] = [
        Self::Overview,
        Self::Organizations,
        Self::Events,
        Self::Event,
        Self::Bookings,
        Self::Waitlists,
        Self::Queue,
        Self::Redis,
        Self::Audit,
        Self::Log,
    ];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Organizations => "Organizations",
            Self::Events => "Events",
            Self::Event => "Event",
            Self::Bookings => "Bookings",
            Self::Waitlists => "Waitlists",
            Self::Queue => "Notifications and queue",
            Self::Redis => "Redis",
            Self::Audit => "Audit",
            Self::Log => "Log",
        }
    }

    /// What it is called on the command line and in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Organizations => "organizations",
            Self::Events => "events",
            Self::Event => "event",
            Self::Bookings => "bookings",
            Self::Waitlists => "waitlists",
            Self::Queue => "queue",
            Self::Redis => "redis",
            Self::Audit => "audit",
            Self::Log => "log",
        }
    }

    /// The screen of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|screen| screen.name() == name)
    }

    /// Its key.
    pub fn key(self) -> char {
        ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'][self.index()]
    }

    /// Its place in [`Self::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its panes, in the order in which `tab` goes through them.
    pub const fn panes(self) -> &'static [Pane] {
        match self {
            Self::Overview => &[Pane::Charts],
            Self::Organizations => {
                &[Pane::Organizations, Pane::Members, Pane::Invites, Pane::ServiceAccounts]
            }
            Self::Events => &[Pane::Events],
            Self::Event => &[Pane::Seats, Pane::Line, Pane::EventBookings],
            Self::Bookings => &[Pane::People, Pane::PersonBookings, Pane::Told],
            Self::Waitlists => &[Pane::WaitingEvents, Pane::Parties],
            Self::Queue => &[Pane::Parked, Pane::Undelivered],
            Self::Redis => &[Pane::Counters, Pane::Keys],
            Self::Audit => &[Pane::Audit],
            Self::Log => &[Pane::Log],
        }
    }

    /// Whether only operators and support may look.
    pub const fn is_staffs(self) -> bool {
        matches!(self, Self::Overview | Self::Queue | Self::Redis | Self::Audit)
    }
}

impl Pane {
    /// Every one that is a table.
    pub const TABLES: [Self; 18] = [
        Self::Organizations,
        Self::Members,
        Self::Invites,
        Self::ServiceAccounts,
        Self::Events,
        Self::Line,
        Self::EventBookings,
        Self::People,
        Self::PersonBookings,
        Self::Told,
        Self::WaitingEvents,
        Self::Parties,
        Self::Parked,
        Self::Undelivered,
        Self::Counters,
        Self::Keys,
        Self::Audit,
        Self::Log,
    ];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Charts => "Last minutes",
            Self::Organizations => "Organizations",
            Self::Members => "Members",
            Self::Invites => "Invites",
            Self::ServiceAccounts => "Service accounts",
            Self::Events => "Events",
            Self::Seats => "Seats",
            Self::Line => "Waitlist",
            Self::EventBookings | Self::PersonBookings => "Bookings",
            Self::People => "People",
            Self::Told => "Told",
            Self::WaitingEvents => "Events with a waitlist",
            Self::Parties => "Waiting",
            Self::Parked => "Parked",
            Self::Undelivered => "Not delivered",
            Self::Counters => "Counters",
            Self::Keys => "Keys",
            Self::Audit => "Audit log",
            Self::Log => "Calls",
        }
    }
}

/// Where a person is: a screen, and what is open on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The screen.
    pub screen: Screen,
    /// The event that is open.
    pub event: Option<EventId>,
}

/// The way that a person has gone.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// Where they came from, the latest last.
    pub back: Vec<Location>,
    /// Where they went back from, the latest last.
    pub forward: Vec<Location>,
}

/// Steps that are remembered.
const LONGEST: usize = 50;

impl Trail {
    /// They leave a place for a new one.
    pub fn leave(&mut self, from: Location) {
        self.back.push(from);
        self.forward.clear();
        if self.back.len() > LONGEST {
            self.back.remove(0);
        }
    }
}
