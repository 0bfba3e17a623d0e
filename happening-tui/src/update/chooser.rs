//! Lists to choose from: the menu, the palette, columns, daemons.

use super::{go, keys, signin, toast};
use crate::action::{self, Availability};
use crate::effect::{Effect, SignInFrom};
use crate::model::{
    Chooser, ChooserKind, Item, Model, Overlay, Pane, RowKey, Screen, SignInScreen, Then, fuzzy,
};
use std::collections::HashSet;

/// Things of a kind that the palette offers beyond actions and screens.
const MOST_ITEMS: usize = 20_000;

fn open(model: &mut Model, kind: ChooserKind, items: Vec<Item>) {
    let shown = (0..items.len()).collect();
    model.overlay =
        Some(Overlay::Chooser(Chooser { kind, text: String::new(), items, shown, cursor: 0, top: 0 }));
}

/// What can be done here, with its keys, whether now or not.
pub fn menu(model: &mut Model) {
    let mut items = actions(model);
    // What cannot be done stands last.
    items.sort_by_key(|item| item.then.is_err());
    open(model, ChooserKind::Menu, items);
}

fn actions(model: &Model) -> Vec<Item> {
    let context = model.context();
    let mut seen = HashSet::new();
    let mut items = Vec::new();
    for binding in action::in_context(context) {
        let then = match (binding.available)(model) {
            Availability::Ready => Ok(Then::Act(binding.action)),
            Availability::Disabled(why) => Err(why.to_owned()),
            Availability::Hidden => continue,
        };
        if seen.insert(binding.action) {
            let keys: Vec<String> = binding.keys(model).iter().map(|key| key.label()).collect();
            items.push(Item { text: binding.about.to_owned(), note: keys.join(" "), then });
        }
    }
    items
}

/// Everything that there is to do and to go to.
pub fn palette(model: &mut Model) {
    let mut items: Vec<Item> = Vec::new();
    for screen in Screen::ALL {
        if screen == Screen::Event && model.event.is_none() && model.target_event().is_none() {
            continue;
        }
        let note = format!("screen {}", screen.key());
        items.push(Item { text: screen.title().to_owned(), note, then: Ok(Then::Go(screen)) });
    }
    items.extend(
        actions(model).into_iter().filter(|item| !matches!(item.then, Ok(Then::Act(action::Action::Go(_))))),
    );
    let item = |text: String, note: &str, then: Then| Item { text, note: note.to_owned(), then: Ok(then) };
    let data = &model.data;
    items.extend(
        data.events
            .iter()
            .take(MOST_ITEMS)
            .map(|event| item(crate::text::visible(&event.name), "event", Then::Event(event.id))),
    );
    items.extend(
        data.organizations
            .iter()
            .take(MOST_ITEMS)
            .map(|one| item(crate::text::visible(&one.name), "organization", Then::Organization(one.id))),
    );
    let mut people: Vec<_> = data.usernames.iter().collect();
    people.sort_by_key(|(_, name)| *name);
    items.extend(
        people
            .into_iter()
            .take(MOST_ITEMS)
            .map(|(id, name)| item(crate::text::visible(name), "person", Then::Person(*id, name.clone()))),
    );
    items.extend(
        model.options.contexts.keys().map(|name| item(name.clone(), "daemon", Then::Context(name.clone()))),
    );
    open(model, ChooserKind::Palette, items);
}

/// Other daemons.
pub fn contexts(model: &mut Model) {
    let contexts = model.options.contexts.iter();
    let items = contexts.map(|(name, server)| Item {
        text: name.clone(),
        note: server.clone(),
        then: Ok(Then::Context(name.clone())),
    });
    let items = items.collect();
    open(model, ChooserKind::Contexts, items);
}

/// By which column to sort.
pub fn sort(model: &mut Model) {
    let pane = model.pane();
    let items = columns_of(model, pane);
    open(model, ChooserKind::Sort(pane), items);
}

/// Which columns to show.
pub fn columns(model: &mut Model) {
    let pane = model.pane();
    let items = columns_of(model, pane);
    open(model, ChooserKind::Columns(pane), items);
}

fn columns_of(model: &Model, pane: Pane) -> Vec<Item> {
    let Some(table) = model.table_of(pane) else { return Vec::new() };
    let columns = table.columns.iter().enumerate();
    let item = |(at, column): (usize, &crate::model::Column)| {
        let title = if column.title.is_empty() { "bar" } else { column.title };
        Item { text: title.to_owned(), note: String::new(), then: Ok(Then::Column(at)) }
    };
    columns.map(item).collect()
}

/// Finds what matches, the best first.
pub fn arrange(model: &mut Model) {
    let Some(Overlay::Chooser(chooser)) = &mut model.overlay else { return };
    let mut found: Vec<(i64, usize)> = chooser
        .items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| {
            let whole = fuzzy(&chooser.text, &item.text);
            let score = whole.or_else(|| {
                fuzzy(&chooser.text, &format!("{} {}", item.text, item.note)).map(|score| score - 200)
            });
            // What cannot be done now stands below what can.
            score.map(|score| (-score + if item.then.is_err() { 10_000 } else { 0 }, at))
        })
        .collect();
    if !chooser.text.is_empty() {
        found.sort_unstable();
    }
    chooser.shown = found.into_iter().map(|(_, at)| at).collect();
    (chooser.cursor, chooser.top) = (0, 0);
}

/// Moves the cursor.
pub fn move_by(model: &mut Model, rows: isize) {
    if let Some(Overlay::Chooser(chooser)) = &mut model.overlay {
        chooser.cursor =
            chooser.cursor.saturating_add_signed(rows).min(chooser.shown.len().saturating_sub(1));
    }
}

/// Does what the item under the cursor stands for.
pub fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Chooser(chooser)) = &model.overlay else { return Vec::new() };
    let kind = chooser.kind;
    let Some(item) = chooser.shown.get(chooser.cursor).and_then(|at| chooser.items.get(*at)) else {
        return Vec::new();
    };
    let then = match item.then.clone() {
        Ok(then) => then,
        Err(why) => {
            toast(model, format!("Not now: {why}"));
            return Vec::new();
        }
    };
    if let (ChooserKind::Columns(pane), Then::Column(at)) = (kind, &then) {
        if let Some(table) = model.tables.get_mut(&pane)
            && !table.hidden.remove(at)
            && table.hidden.len() + 1 < table.columns.len()
        {
            table.hidden.insert(*at);
        }
        return Vec::new();
    }
    model.overlay = None;
    chosen(model, kind, then)
}

fn chosen(model: &mut Model, kind: ChooserKind, then: Then) -> Vec<Effect> {
    match then {
        Then::Act(action) => keys::perform(model, action),
        Then::Go(screen) => go::to(model, screen),
        Then::Event(event) => go::open_event(model, event),
        Then::Person(id, name) => go::to_person(model, id, &name),
        Then::Organization(id) => {
            go::to_row(model, Screen::Organizations, Pane::Organizations, RowKey::Organization(id))
        }
        Then::Column(at) => {
            if let ChooserKind::Sort(pane) = kind
                && let Some(table) = model.tables.get_mut(&pane)
            {
                table.sort_by(at);
            }
            Vec::new()
        }
        Then::Context(name) => {
            let Some(server) = model.options.contexts.get(&name).cloned() else { return Vec::new() };
            signin::forget(model);
            model.server.clone_from(&server);
            model.signin = Some(SignInScreen::default());
            vec![Effect::Silence, Effect::Connect(server), signin::begin(model, SignInFrom::AtHand)]
        }
    }
}
