//! Every action with its keys; within a context, in the order of the footer.

use super::key::{code, ctrl, key};
use super::rights::{
    always, books, can_go_back, can_go_forward, can_retry, filtered, governs, has_an_event, invites,
    on_a_confirmed_booking, on_a_member, on_a_person, on_a_row, on_a_seat, on_a_service_account,
    on_a_waiting_booking, on_an_event, on_an_event_of_staff, on_an_open_booking, on_an_open_invite, operates,
    operates_on_a_row, publishes, removes, runs, runs_upcoming, searches, staff, suspends_organizations,
    suspends_people, transfers, with_contexts, with_errors, with_panes, with_undo,
};
use super::{Action, Availability, Binding, Key, Place};
use crate::model::{Model, Pane, Screen};
use crossterm::event::KeyCode;

const fn bind(
    action: Action,
    keys: &'static [Key],
    hint: &'static str,
    about: &'static str,
    places: &'static [Place],
    available: fn(&Model) -> Availability,
) -> Binding {
    Binding { action, keys, hint, about, places, available }
}

const S: &[Place] = &[Place::Screens];
const T: &[Place] = &[Place::Tables];
const SCREENS_AND_SIGN_IN: &[Place] = &[Place::Screens, Place::SignIn];
const MOVING: &[Place] = &[Place::Screens, Place::Chooser];
const EVERYWHERE: &[Place] =
    &[Place::Screens, Place::SignIn, Place::Filter, Place::Dialog, Place::Form, Place::Chooser];
const SEATS: &[Place] = &[Place::Pane(Pane::Seats)];
const EVENT_LISTS: &[Place] =
    &[Place::Pane(Pane::Events), Place::Screen(Screen::Event), Place::Pane(Pane::WaitingEvents)];
const BOOKINGS: &[Place] = &[
    Place::Pane(Pane::EventBookings),
    Place::Pane(Pane::PersonBookings),
    Place::Pane(Pane::Line),
    Place::Pane(Pane::Parties),
    Place::Pane(Pane::Seats),
];
const CONFIRMED: &[Place] =
    &[Place::Pane(Pane::EventBookings), Place::Pane(Pane::PersonBookings), Place::Pane(Pane::Seats)];
const WAITING: &[Place] = &[
    Place::Pane(Pane::Line),
    Place::Pane(Pane::Parties),
    Place::Pane(Pane::EventBookings),
    Place::Pane(Pane::PersonBookings),
];
const MEMBERS: &[Place] =
    &[Place::Pane(Pane::Members), Place::Pane(Pane::Invites), Place::Pane(Pane::ServiceAccounts)];
const ORGANIZATIONS: &[Place] = &[Place::Screen(Screen::Organizations)];
const OVERLAYS: &[Place] = &[Place::Dialog, Place::Form, Place::Chooser];
const ABOUT_PEOPLE: &[Place] = &[
    Place::Pane(Pane::EventBookings),
    Place::Pane(Pane::Line),
    Place::Pane(Pane::Parties),
    Place::Pane(Pane::Seats),
    Place::Pane(Pane::Members),
    Place::Pane(Pane::Parked),
    Place::Pane(Pane::Undelivered),
    Place::Pane(Pane::Audit),
];

/// Every action.
#[rustfmt::skip]
pub static BINDINGS: &[Binding] = &[
    bind(Action::Retry, &[key('r')], "sign in again", "Sign in again, with a new code", &[Place::SignIn], can_retry),

    bind(Action::Open, &[code(KeyCode::Enter)], "open", "Open what is under the cursor", T, on_a_row),
    bind(Action::Filter, &[key('/')], "filter", "Filter: a regular expression; `!` in front turns it around, `-f ` looks for letters in their order", T, always),
    bind(Action::Pick, &[key(' ')], "pick", "Pick the seat under the cursor, or leave it", SEATS, on_a_seat),
    bind(Action::PickRange, &[key('V')], "range", "Begin a range of seats; `space` at its other end picks all of it", SEATS, on_a_seat),
    bind(Action::Book, &[key('b')], "book", "Book seats for a person: those that are picked, or any", EVENT_LISTS, books),
    bind(Action::Cancel, &[key('c')], "cancel", "Cancel the booking, or take the party off the waitlist", BOOKINGS, on_an_open_booking),
    bind(Action::CancelSeats, &[key('s')], "some seats", "Cancel some seats of the booking", CONFIRMED, on_a_confirmed_booking),
    bind(Action::Move, &[key('m')], "move", "Give the booking other seats", CONFIRMED, on_a_confirmed_booking),
    bind(Action::Promote, &[key('t')], "promote", "Serve this party now, out of turn", WAITING, on_a_waiting_booking),
    bind(Action::ShowPerson, &[key('v')], "person", "Show all that this person has", ABOUT_PEOPLE, on_a_person),
    bind(Action::FindPeople, &[key('f')], "find", "Look for people by name, e-mail address or booking id", &[Place::Screen(Screen::Bookings)], searches),
    bind(Action::Again, &[key('a')], "requeue", "Publish what is parked again", &[Place::Pane(Pane::Parked)], operates_on_a_row),
    bind(Action::Again, &[key('a')], "send again", "Send the notification again", &[Place::Pane(Pane::Undelivered)], operates_on_a_row),
    bind(Action::Again, &[key('a')], "invite again", "Invite again: a new token, seven more days", &[Place::Pane(Pane::Invites)], on_an_open_invite),
    bind(Action::Discard, &[key('D')], "discard", "Throw what is parked away", &[Place::Pane(Pane::Parked)], operates_on_a_row),
    bind(Action::Heal, &[key('H')], "heal", "Make the event's counters and derived figures right", &[Place::Screen(Screen::Redis)], operates_on_a_row),
    bind(Action::HealAll, &[key('W')], "heal all", "Make the counters and derived figures of every event right", &[Place::Screen(Screen::Redis), Place::Screen(Screen::Overview)], operates),
    bind(Action::FindKeys, &[key('f')], "pattern", "Look for keys by a pattern, such as event:*", &[Place::Screen(Screen::Redis)], staff),
    bind(Action::FindAudit, &[key('f')], "find", "Ask for entries of one action, person or target", &[Place::Screen(Screen::Audit)], staff),
    bind(Action::Invite, &[key('I')], "invite", "Invite somebody to the organization", ORGANIZATIONS, invites),
    bind(Action::SetRole, &[key('u')], "role", "Set the member's role", &[Place::Pane(Pane::Members)], on_a_member),
    bind(Action::SetRole, &[key('u')], "role", "Set the service account's role", &[Place::Pane(Pane::ServiceAccounts)], on_a_service_account),
    bind(Action::Remove, &[key('D')], "remove", "Remove the member, revoke the invite, or take the service account's role away", MEMBERS, removes),
    bind(Action::PauseCharts, &[key(' ')], "pause", "Stop the charts to scroll back with ← and →, or let them follow", &[Place::Pane(Pane::Charts)], always),
    bind(Action::NewEvent, &[key('n')], "new", "Publish an event", EVENT_LISTS, publishes),
    bind(Action::EditEvent, &[key('e')], "edit", "Change the event", EVENT_LISTS, runs),
    bind(Action::Capacity, &[key('+')], "capacity", "Change how many seats there are, with a plan first", EVENT_LISTS, runs),
    bind(Action::Pause, &[key('p')], "", "Pause sales, or go on with them; the waitlist and cancellations go on", EVENT_LISTS, runs_upcoming),
    bind(Action::Serve, &[key('S')], "", "Serve the waitlist with the seats that are free", EVENT_LISTS, runs),
    bind(Action::CallOff, &[key('X')], "", "Call the event off", EVENT_LISTS, runs_upcoming),
    bind(Action::DeleteEvent, &[key('D')], "", "Take the event out of every list", EVENT_LISTS, runs),
    bind(Action::Reassign, &[key('R')], "", "Hand the event to another organizer", EVENT_LISTS, governs),
    bind(Action::ShowWaitlist, &[key('w')], "", "Show the event's waitlist", &[Place::Pane(Pane::Events), Place::Screen(Screen::Event)], on_an_event),
    bind(Action::Inspect, &[key('i')], "", "Show the event's counters beside the truth", EVENT_LISTS, on_an_event_of_staff),
    bind(Action::ZoomIn, &[key('z')], "zoom", "Nearer: fewer seats in a cell", SEATS, always),
    bind(Action::ZoomOut, &[key('Z')], "", "Farther: more seats in a cell", SEATS, always),
    bind(Action::Jump, &[key('J')], "jump", "Go to a seat by its number", SEATS, on_a_seat),
    bind(Action::FindSeats, &[key('f')], "find", "Show where somebody sits", SEATS, on_a_seat),

    bind(Action::KeepFilter, &[code(KeyCode::Enter), code(KeyCode::Down)], "keep", "Keep the filter", &[Place::Filter], always),
    bind(Action::ClearFilter, &[code(KeyCode::Esc)], "show all", "Take the filter away", &[Place::Filter], filtered),
    bind(Action::Mark, &[key(' ')], "", "Mark the row, to do something with all marked ones", T, on_a_row),
    bind(Action::MarkAll, &[key('A')], "", "Mark every row that is shown, or none", T, on_a_row),
    bind(Action::Sort, &[key('o')], "sort", "Sort by a column; once more turns the order around", T, always),
    bind(Action::Columns, &[key('C')], "", "Choose which columns are shown", T, always),
    bind(Action::Export, &[key('E')], "", "Write the rows to a CSV or JSON file", T, on_a_row),
    bind(Action::Copy, &[key('y')], "", "Copy the id, or in the log the command that does the same", T, on_a_row),

    bind(Action::Accept, &[code(KeyCode::Enter)], "accept", "Do it", &[Place::Dialog, Place::Chooser], always),
    bind(Action::Accept, &[code(KeyCode::Enter)], "next field", "Go to the next field; at the last one, take the form", &[Place::Form], always),
    bind(Action::Submit, &[ctrl('s')], "done", "Take the form as it is, without the fields that follow", &[Place::Form], always),
    bind(Action::NextField, &[code(KeyCode::Tab)], "next", "Go to the other button", &[Place::Dialog], always),
    bind(Action::NextField, &[code(KeyCode::Tab)], "", "Go to the next field", &[Place::Form], always),
    bind(Action::PreviousField, &[code(KeyCode::BackTab)], "", "Go to the field or button before", &[Place::Dialog, Place::Form], always),
    bind(Action::Close, &[code(KeyCode::Esc)], "close", "Put it away", OVERLAYS, always),

    bind(Action::NextPane, &[code(KeyCode::Tab)], "pane", "Go to the next pane", S, with_panes),
    bind(Action::PreviousPane, &[code(KeyCode::BackTab)], "", "Go to the pane before", S, with_panes),
    bind(Action::Undo, &[key('U')], "undo", "Take the last change back, where that is possible", S, with_undo),
    bind(Action::Dismiss, &[key('x')], "dismiss", "Take the oldest error away", SCREENS_AND_SIGN_IN, with_errors),
    bind(Action::Leave, &[code(KeyCode::Esc), code(KeyCode::Backspace)], "back", "Take filter, marks or picked seats away; else go back", S, always),
    bind(Action::Back, &[key('[')], "", "Go back to where you were", S, can_go_back),
    bind(Action::Forward, &[key(']')], "", "Go where you went back from", S, can_go_forward),
    bind(Action::Refresh, &[key('r'), code(KeyCode::F(5))], "refresh", "Ask the daemon now", S, always),
    bind(Action::EditOrganization, &[key('e')], "settings", "Change the organization's name, time zone, waitlist or contact", ORGANIZATIONS, invites),
    bind(Action::MapServiceAccount, &[key('n')], "service account", "Give a service account a role in the organization", ORGANIZATIONS, invites),
    bind(Action::SetStatus, &[key('P')], "suspend", "Suspend the organization, or let it go on", &[Place::Pane(Pane::Organizations)], suspends_organizations),
    bind(Action::SetStatus, &[key('P')], "suspend", "Suspend the person, or let them act again", &[Place::Pane(Pane::People)], suspends_people),
    bind(Action::Transfer, &[key('R')], "", "Hand the organization to another owner", ORGANIZATIONS, transfers),
    bind(Action::Down, &[key('j'), code(KeyCode::Down)], "", "One down", S, always),
    bind(Action::Up, &[key('k'), code(KeyCode::Up)], "", "One up", S, always),
    bind(Action::Down, &[code(KeyCode::Down), ctrl('n')], "", "One down in the list", &[Place::Chooser], always),
    bind(Action::Up, &[code(KeyCode::Up)], "", "One up in the list", &[Place::Chooser], always),
    bind(Action::Left, &[key('h'), code(KeyCode::Left)], "", "One to the left; in a table, back", S, always),
    bind(Action::Right, &[key('l'), code(KeyCode::Right)], "", "One to the right; in a table, open", S, always),
    bind(Action::PageDown, &[code(KeyCode::PageDown), ctrl('f')], "", "One screen down", MOVING, always),
    bind(Action::PageUp, &[code(KeyCode::PageUp), ctrl('b')], "", "One screen up", MOVING, always),
    bind(Action::Top, &[key('g'), code(KeyCode::Home)], "", "To the beginning", S, always),
    bind(Action::Bottom, &[key('G'), code(KeyCode::End)], "", "To the end", S, always),
    bind(Action::Go(Screen::Overview), &[key('1')], "", "Go to the overview", S, always),
    bind(Action::Go(Screen::Organizations), &[key('2')], "", "Go to organizations", S, always),
    bind(Action::Go(Screen::Events), &[key('3')], "", "Go to events", S, always),
    bind(Action::Go(Screen::Event), &[key('4')], "", "Go to the event that is open", S, has_an_event),
    bind(Action::Go(Screen::Bookings), &[key('5')], "", "Go to people and their bookings", S, always),
    bind(Action::Go(Screen::Waitlists), &[key('6')], "", "Go to waitlists", S, always),
    bind(Action::Go(Screen::Queue), &[key('7')], "", "Go to notifications and queue", S, always),
    bind(Action::Go(Screen::Redis), &[key('8')], "", "Go to Redis", S, always),
    bind(Action::Go(Screen::Audit), &[key('9')], "", "Go to the audit log", S, always),
    bind(Action::Go(Screen::Log), &[key('0')], "", "Go to the log of calls", S, always),
    bind(Action::Theme, &[ctrl('t')], "", "Another theme: dark, light, high contrast, 16 colours", SCREENS_AND_SIGN_IN, always),
    bind(Action::Mouse, &[key('M')], "", "Free the mouse, so that the terminal can select text, or take it again", SCREENS_AND_SIGN_IN, always),
    bind(Action::Contexts, &[key('@')], "", "Go to another daemon", SCREENS_AND_SIGN_IN, with_contexts),
    bind(Action::SignOut, &[key('Q')], "", "Sign out", S, always),
    bind(Action::Suspend, &[ctrl('z')], "", "Stop, until the shell goes on with it (`fg`)", EVERYWHERE, always),
    bind(Action::Palette, &[key(':'), ctrl('p')], "0-9 go", "Find actions, screens, events and people", S, always),
    bind(Action::Menu, &[key('?'), code(KeyCode::F(1))], "help", "Show what can be done here", SCREENS_AND_SIGN_IN, always),
    bind(Action::Quit, &[key('q')], "quit", "Quit", SCREENS_AND_SIGN_IN, always),
    bind(Action::Abort, &[ctrl('c')], "", "Quit, from wherever you are", EVERYWHERE, always),
];
