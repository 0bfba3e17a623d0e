//! Members, invites and service accounts.

use super::document::{At, Declaration, DeclaredInvite, DeclaredMember, DeclaredServiceAccount};
use super::plan::{Action, Actual, Differences, Kind, Step};
use crate::fields::{address, address_key};
use crate::id::UserId;
use crate::wire::{Invite, InviteKind, InviteStatus, MapServiceAccount, Member, Role};
use std::collections::{HashMap, HashSet};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) username: String,
    email: String,
    /// In the organization; absent for those who are not in it.
    role: Option<Role>,
}

/// Who is meant by a name.
pub(super) enum Meant<'a> {
    One(&'a Person),
    Several(Vec<&'a Person>),
    Nobody,
}

/// Those who have an account, by all that they are called.
pub(super) struct Directory {
    people: Vec<Person>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Directory {
    pub(super) fn of(actual: &Actual) -> Self {
        let mut directory = Self { people: Vec::new(), by_name: HashMap::new() };
        for member in &actual.members {
            directory.add(member.id, &member.username, &member.email, Some(member.role));
        }
        for user in &actual.people {
            if !directory.by_name.contains_key(&user.id.to_string()) {
                directory.add(user.id, &user.username, &user.email, None);
            }
        }
        directory
    }

    fn add(&mut self, id: UserId, username: &str, email: &str, role: Option<Role>) {
        let mut names = vec![id.to_string(), address_key(username), address_key(email)];
        // Who has their address for a username has one name less, and service accounts have no address.
        names.sort();
        names.dedup();
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            self.by_name.entry(name).or_default().push(self.people.len());
        }
        self.people.push(Person { id, username: username.to_owned(), email: email.to_owned(), role });
    }

    /// A username is one person's; an address may be several people's.
    pub(super) fn find(&self, name: &str) -> Meant<'_> {
        let name = address_key(name);
        let found: Vec<&Person> =
            self.by_name.get(&name).into_iter().flatten().map(|index| &self.people[*index]).collect();
        match found.as_slice() {
            [] => Meant::Nobody,
            [one] => Meant::One(one),
            several => match several.iter().find(|person| address_key(&person.username) == name) {
                Some(one) => Meant::One(one),
                None => Meant::Several(found),
            },
        }
    }
}

/// Declared members who are none yet, as they are called: somebody has to ask the daemon for their accounts.
pub fn names_to_look_up(declaration: &Declaration, members: &[Member]) -> Vec<String> {
    let known = Directory::of(&Actual { members: members.to_vec(), ..Actual::default() });
    let declared = declaration.members.iter().flatten().map(|member| member.value.who.value.trim());
    let unknown = declared.filter(|who| matches!(known.find(who), Meant::Nobody));
    // An id needs no looking up.
    unknown.filter(|who| who.parse::<UserId>().is_err()).map(str::to_owned).collect()
}

/// What is to be done for people, and who is accounted for by it.
pub(super) struct People {
    pub(super) steps: Vec<Step>,
    /// Declared members with an account.
    pub(super) members: HashMap<UserId, Role>,
    /// Addresses that may have an invite, in lower case.
    pub(super) addresses: HashSet<String>,
}

impl People {
    pub(super) fn plan(declaration: &Declaration, actual: &Actual, directory: &Directory) -> Self {
        let mut planned = Self { steps: Vec::new(), members: HashMap::new(), addresses: HashSet::new() };
        let invites = latest(&actual.invites);
        let mut lines = HashMap::new();
        for At { value: member, .. } in declaration.members.iter().flatten() {
            let step = planned.member(member, actual.caller, directory, &invites, &mut lines);
            planned.steps.push(step);
        }
        for At { value: invite, .. } in declaration.invites.iter().flatten() {
            let step = planned.invite(invite, directory, &invites);
            planned.steps.push(step);
        }
        let accounts = declaration.service_accounts.iter().flatten();
        planned.steps.extend(accounts.map(|account| service_account(&account.value, actual)));
        planned
    }

    fn member(
        &mut self,
        DeclaredMember { who, role }: &DeclaredMember,
        caller: Option<UserId>,
        directory: &Directory,
        invites: &HashMap<String, &Invite>,
        lines: &mut HashMap<UserId, u32>,
    ) -> Step {
        let role = *role;
        let step = Step::new(Kind::Member, &who.value, who.line);
        let set = |user: UserId| Action::SetMember { user, role, is_caller: caller == Some(user) };
        let mut differences = Differences::default();
        match directory.find(&who.value) {
            Meant::One(person) => {
                if let Some(line) = lines.insert(person.id, who.line) {
                    return step
                        .impossible(format!("line {line} declares the same person, {}", person.username));
                }
                self.members.insert(person.id, role);
                self.addresses.insert(address_key(&person.email));
                let changed = differences.compare("role", person.role, Some(role)).is_some();
                match person.role {
                    None => {
                        let asked = invited(step, &person.email, role, None, invites);
                        match asked.action {
                            // By the account: an operator adds them at once.
                            Some(Action::Invite { instead_of: None, .. }) => {
                                Step { action: Some(set(person.id)), ..asked }
                            }
                            _ => asked,
                        }
                    }
                    Some(_) if changed => step.change(set(person.id), differences.0),
                    Some(_) => step,
                }
            }
            Meant::Several(people) => {
                let mut names: Vec<_> = people.iter().map(|person| person.username.as_str()).collect();
                names.sort_unstable();
                self.members.extend(people.iter().map(|person| (person.id, role)));
                step.impossible(format!("several people have this address: name one of {}", names.join(", ")))
            }
            Meant::Nobody => self.newcomer(step, role, invites),
        }
    }

    /// Somebody who is not known by name: who is named by id may still be there.
    fn newcomer(&mut self, step: Step, role: Role, invites: &HashMap<String, &Invite>) -> Step {
        let name = step.name.clone();
        if let Ok(user) = name.parse::<UserId>() {
            let mut differences = Differences::default();
            differences.compare("role", None, Some(role));
            return step.create(Action::SetMember { user, role, is_caller: false }, differences.0);
        }
        if !name.contains('@') {
            return step.impossible(
                "nobody has this username; whoever has no account yet is invited by e-mail address",
            );
        }
        // Only of whom nobody knows: members from before may have another one.
        if let Err(error) = address(&name) {
            return step.impossible(error.to_string());
        }
        self.addresses.insert(address_key(&name));
        let step = invited(step, &name, role, None, invites);
        if step.note.is_some() { step } else { step.note("has no account yet, and is invited") }
    }

    fn invite(
        &mut self,
        DeclaredInvite { email, role, message }: &DeclaredInvite,
        directory: &Directory,
        invites: &HashMap<String, &Invite>,
    ) -> Step {
        let address = email.value.trim();
        self.addresses.insert(address_key(address));
        let step = Step::new(Kind::Invite, address, email.line);
        match directory.find(address) {
            Meant::One(person) if person.role.is_some() => step.note("is a member"),
            _ => invited(step, address, *role, message.clone(), invites),
        }
    }
}

/// Whether an invite is one that a file may have: not to be owner, and not a service account's, which has no address.
pub(super) fn is_declarable(invite: &Invite) -> bool {
    invite.kind == InviteKind::Membership && invite.email.contains('@')
}

/// The newest invite of each address.
fn latest(invites: &[Invite]) -> HashMap<String, &Invite> {
    let mut latest: HashMap<String, &Invite> = HashMap::new();
    for invite in invites.iter().filter(|invite| is_declarable(invite)) {
        let newest = latest.entry(address_key(&invite.email)).or_insert(invite);
        if (invite.created_at, invite.id) > (newest.created_at, newest.id) {
            *newest = invite;
        }
    }
    latest
}

/// Somebody is to have an invite that waits for an answer. A declined one is not sent again: a "no" is not undone by a
/// nightly script.
fn invited(
    step: Step,
    address: &str,
    role: Role,
    message: Option<String>,
    invites: &HashMap<String, &Invite>,
) -> Step {
    let found = invites.get(&address_key(address)).copied();
    let invite = |instead_of| Action::Invite { email: address.to_owned(), role, message, instead_of };
    let mut differences = Differences::default();
    match found.map(|found| (found, found.status)) {
        None | Some((_, InviteStatus::Accepted)) => {
            differences.compare("role", None, Some(role));
            step.create(invite(None), differences.0)
        }
        Some((_, InviteStatus::Rejected)) => {
            step.note("declined the invite: `happening invite send` invites again")
        }
        Some((found, _)) if found.role != role => {
            differences.compare("role", Some(found.role), Some(role));
            step.change(invite(Some(found.id)), differences.0)
        }
        Some((_, InviteStatus::Pending)) => step.note("is invited, and has not answered yet"),
        Some((found, InviteStatus::Expired)) => step
            .change(Action::Resend(found.id), Vec::new())
            .note("the invite had expired, and is sent again"),
    }
}

fn service_account(declared: &DeclaredServiceAccount, actual: &Actual) -> Step {
    let (client, role) = (&declared.client_id, declared.role);
    let step = Step::new(Kind::ServiceAccount, &client.value, client.line);
    let found = actual.service_accounts.iter().find(|account| account.client_id == client.value);
    if found.is_some_and(|found| found.pending && found.role == role) {
        return step.note("is asked, and has not accepted yet");
    }
    let mut differences = Differences::default();
    let Some(role) = differences.compare("role", found.map(|found| found.role), Some(role)) else {
        return step;
    };
    let action = Action::MapServiceAccount(MapServiceAccount { client_id: client.value.clone(), role });
    match found {
        None => step.create(action, differences.0),
        Some(_) => step.change(action, differences.0),
    }
}
