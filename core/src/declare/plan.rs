//! What leads from what is there to what is declared.

use super::document::{Declaration, DeclaredOrganization};
use super::people::{self, Directory};
use super::{events, pruning};
use crate::id::{EventId, InviteId, UserId};
use crate::string_enum::string_enum;
use crate::wire::{
    CreateOrganization, Event, FoundUser, Invite, MapServiceAccount, Member, Organization,
    OrganizationSettings, Role, ServiceAccount, UpdateEvent, UpdateOrganization, UpdateSettings,
};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

string_enum! {
    /// What a step is about.
    Kind {
        /// The organization itself.
        Organization = "organization",
        /// A member, or somebody who is to become one.
        Member = "member",
        /// An invite.
        Invite = "invite",
        /// A service account.
        ServiceAccount = "service_account",
        /// An event.
        Event = "event",
    }
}

string_enum! {
    /// What is to be done with a thing.
    State {
        /// Nothing: it is as declared.
        Unchanged = "unchanged",
        /// It is not there yet.
        Create = "create",
        /// It is there, and otherwise.
        Change = "change",
        /// It is there, and not declared.
        Remove = "remove",
        /// What is declared cannot be brought about; the note says why.
        Impossible = "impossible",
    }
}

/// What is there, as far as the declaration speaks of it.
#[derive(Debug, Clone, Default)]
pub struct Actual {
    /// The organization; absent if it is to be founded.
    pub organization: Option<Organization>,
    /// Who applies the declaration.
    pub caller: Option<UserId>,
    /// All members.
    pub members: Vec<Member>,
    /// All invites, answered ones too.
    pub invites: Vec<Invite>,
    /// All service accounts.
    pub service_accounts: Vec<ServiceAccount>,
    /// All events.
    pub events: Vec<Event>,
    /// Those of [`super::names_to_look_up`] who have an account.
    pub people: Vec<FoundUser>,
}

/// The steps, in the order of the declaration, and then what is to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One for each thing.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether everything is as declared.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.state == State::Unchanged)
    }
}

/// What is to be done with one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Where it is declared; absent for what is to be removed.
    pub line: Option<u32>,
    /// What is to be done.
    pub state: State,
    /// By what; absent where nothing is done.
    pub action: Option<Action>,
    /// Field by field.
    pub differences: Vec<Difference>,
    /// What people should know of it.
    pub note: Option<String>,
}

impl Step {
    pub(super) fn new(kind: Kind, name: &str, line: u32) -> Self {
        Self {
            kind,
            name: name.trim().to_owned(),
            line: Some(line).filter(|line| *line > 0),
            state: State::Unchanged,
            action: None,
            differences: Vec::new(),
            note: None,
        }
    }

    pub(super) fn create(self, action: Action, differences: Vec<Difference>) -> Self {
        Self { state: State::Create, action: Some(action), differences, ..self }
    }

    pub(super) fn change(self, action: Action, differences: Vec<Difference>) -> Self {
        Self { state: State::Change, action: Some(action), differences, ..self }
    }

    pub(super) fn remove(kind: Kind, name: &str, action: Action) -> Self {
        Self { state: State::Remove, action: Some(action), ..Self::new(kind, name, 0) }
    }

    pub(super) fn impossible(self, why: impl Into<String>) -> Self {
        Self { state: State::Impossible, ..self.note(why) }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

/// A field that is otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// As the file calls it.
    pub field: &'static str,
    /// What is there; null if nothing is.
    pub old: Value,
    /// What is declared; null if nothing is.
    pub new: Value,
}

/// The fields that differ, as they are compared.
#[derive(Debug, Default)]
pub(super) struct Differences(pub(super) Vec<Difference>);

impl Differences {
    /// Compares what is declared, if it is, with what is there. Returns what is declared where it differs.
    pub(super) fn compare<T: Serialize + PartialEq>(
        &mut self,
        field: &'static str,
        old: Option<T>,
        new: Option<T>,
    ) -> Option<T> {
        let new = new?;
        let old = match old {
            Some(old) if old == new => return None,
            old => json!(old),
        };
        self.0.push(Difference { field, old, new: json!(new) });
        Some(new)
    }
}

impl Differences {
    /// The same of what may be absent: `Some(None)` is declared to be so.
    #[expect(clippy::option_option, reason = "left out, declared to be absent, or a value")]
    pub(super) fn compare_clearable<T: Serialize + PartialEq>(
        &mut self,
        field: &'static str,
        old: Option<&T>,
        new: Option<Option<T>>,
    ) -> Option<Option<T>> {
        let new = new.filter(|new| new.as_ref() != old)?;
        self.0.push(Difference { field, old: json!(old), new: json!(new) });
        Some(new)
    }
}

/// A change at the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Founds the organization.
    CreateOrganization(CreateOrganization),
    /// Changes its name or settings.
    UpdateOrganization(UpdateOrganization),
    /// Gives somebody a role.
    SetMember {
        /// Whom.
        user: UserId,
        /// What they may do.
        role: Role,
        /// Whether it is the person who applies the declaration.
        is_caller: bool,
    },
    /// Removes a member.
    RemoveMember(UserId),
    /// Invites somebody.
    Invite {
        /// Whom.
        email: String,
        /// What they will be.
        role: Role,
        /// A few words.
        message: Option<String>,
        /// An invite to the same address that is taken back first.
        instead_of: Option<InviteId>,
    },
    /// Sends an invite again.
    Resend(InviteId),
    /// Takes an invite back.
    RevokeInvite(InviteId),
    /// Gives a client a role.
    MapServiceAccount(MapServiceAccount),
    /// Takes it from them.
    UnmapServiceAccount(String),
    /// Publishes an event.
    CreateEvent(Box<Draft>),
    /// Changes an event.
    ChangeEvent {
        /// Which.
        event: EventId,
        /// As it was when this was decided.
        version: u64,
        /// What is to be otherwise.
        draft: Box<Draft>,
    },
    /// Deletes an event.
    DeleteEvent(EventId),
}

impl Action {
    /// Actions of an earlier phase come first; those of one phase do not depend on each other. Who is to govern does so
    /// before somebody else no longer does; who applies the declaration gives their own rights up last.
    pub fn phase(&self) -> u8 {
        match self {
            Self::CreateOrganization(_) | Self::UpdateOrganization(_) => 0,
            Self::SetMember { is_caller: true, .. } => 6,
            Self::SetMember { role: Role::OrgAdmin, .. } => 1,
            Self::SetMember { .. } | Self::Invite { .. } | Self::Resend(_) | Self::MapServiceAccount(_) => 2,
            Self::CreateEvent(_) | Self::ChangeEvent { .. } => 3,
            Self::DeleteEvent(_) | Self::RevokeInvite(_) => 4,
            Self::RemoveMember(_) | Self::UnmapServiceAccount(_) => 5,
        }
    }
}

/// What an event is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Its fields; of a new one all that are declared, of another those that differ.
    pub fields: UpdateEvent,
    /// Whose it is to be, if that is somebody else.
    pub organizer: Option<UserId>,
}

/// An `Idempotency-Key` that follows from what is asked: the same request, be it after a kill, has the same.
pub fn key(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps "ab", "c" and "a", "bc" apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The steps from what is there to what is declared. Without `prune` what is not declared is left alone; with it, it goes
/// where the file has a list of its kind.
pub fn plan(declaration: &Declaration, actual: &Actual, prune: bool) -> Plan {
    let directory = Directory::of(actual);
    let mut steps = vec![organization(&declaration.organization, actual)];
    let people = people::People::plan(declaration, actual, &directory);
    let events = events::Events::plan(declaration, actual, &directory);
    steps.extend(people.steps.iter().chain(&events.steps).cloned());
    if prune {
        steps.extend(pruning::removals(declaration, actual, &people, &events));
    }
    Plan { steps }
}

fn organization(declared: &DeclaredOrganization, actual: &Actual) -> Step {
    let name = declared.name.value.trim();
    let step = Step::new(Kind::Organization, name, declared.name.line);
    let found = actual.organization.as_ref();
    let before = found.map(|found| found.settings.clone()).unwrap_or_default();
    let text = |text: &Option<Option<super::At<String>>>| {
        text.as_ref().map(|text| text.as_ref().map(|text| text.value.clone()))
    };
    let mut differences = Differences::default();
    let renamed = differences.compare("name", found.map(|found| found.name.clone()), Some(name.to_owned()));
    let timezone =
        differences.compare_clearable("timezone", before.timezone.as_ref(), text(&declared.timezone));
    let policy = differences.compare_clearable(
        "waitlist_policy",
        before.waitlist_policy.as_ref(),
        declared.waitlist_policy,
    );
    let contact = differences.compare_clearable("contact", before.contact.as_ref(), text(&declared.contact));
    let language =
        differences.compare_clearable("language", before.language.as_ref(), text(&declared.language));
    let color = differences.compare_clearable("color", before.color.as_ref(), text(&declared.color));
    let event_minutes = differences.compare_clearable(
        "event_minutes",
        before.event_minutes.as_ref(),
        declared.event_minutes.as_ref().map(|minutes| minutes.as_ref().map(|at| at.value)),
    );
    let settings =
        UpdateSettings { timezone, waitlist_policy: policy, contact, language, color, event_minutes };
    let settings = Some(settings).filter(|settings| *settings != UpdateSettings::default());
    if found.is_none() {
        let settings = settings.map(|settings| settings.applied_to(&OrganizationSettings::default()));
        let create = CreateOrganization { name: name.to_owned(), settings };
        return step.create(Action::CreateOrganization(create), differences.0);
    }
    if differences.0.is_empty() {
        return step;
    }
    step.change(Action::UpdateOrganization(UpdateOrganization { name: renamed, settings }), differences.0)
}
