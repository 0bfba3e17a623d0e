// The page: who signs in, what they see, and what their buttons do.

import { Line, book, cancelAll, draw as drawBookings, seatsOf } from './bookings.js';
import { byId, element, fields, fill, seatsInWords, tell } from './dom.js';
import { changeCapacity, draw as drawEvents, publish, remove, when } from './events.js';
import { dialog, drawPending } from './invites.js';
import { Live } from './live.js';
import { load } from './overview.js';
import { governs, meet, publishesFor } from './person.js';
import { SeatMap } from './seat-map.js';
import { signIn } from './session.js';

const settings = await (await fetch('/settings.json')).json();
const session = await signIn(settings);
let world = await load(session, await meet(session));
// The event on show is in the address: a page load opens it again.
let current = new URLSearchParams(location.search).get('event');

const map = new SeatMap((chosen) => live.hold(chosen));
const live = new Live(settings.api, {
  holds: (seats) => map.holds(seats),
  refused(seats) {
    if (seats.length === 0) return;
    map.refuse(seats);
    tell('problem', `Somebody else is picking ${seatsInWords(seats)}.`);
  },
  booked(seats) {
    map.refuse(seats);
    map.booked(seats);
    drawList();
  },
  freed(seats) {
    map.freed(seats);
    drawList();
  },
  joined: () => refresh(),
});
const line = new Line(session, async (served) => {
  await refreshBookings();
  if (served) tell('done', 'Seats came free for you.');
});
// For the driver, which counts what came.
globalThis.heard = live.heard;

const bookingsHere = () => world.bookings.filter((booking) => booking.event_id === current);

async function drawOwn() {
  drawBookings(world.bookings);
  byId('cancel-all').hidden = bookingsHere().length === 0;
  map.owns(await seatsOf(session, bookingsHere()));
  await line.watch(world.bookings);
}

async function refreshBookings() {
  const path = (noun) => `/${noun}/user/${world.person.id}`;
  [world.bookings, world.notifications] = await Promise.all(
    ['bookings', 'notifications'].map(async (noun) => (await session.http.get(path(noun))).data),
  );
  drawNotifications();
  await drawOwn();
}

function drawNotifications() {
  const lines = world.notifications.map((told) => element('li', {}, told.message));
  fill(byId('notifications'), lines, 'Nothing yet.');
}

/** The list, with the figures of the event on show as they were added up. */
function drawList() {
  const counted = { available_slots: map.available, total_slots: map.total };
  const events = world.events.map((event) => (event.id === current ? { ...event, ...counted } : event));
  drawEvents(events, current, open);
}

async function open({ id }) {
  if (id !== current) map.clear();
  current = id;
  history.replaceState(null, '', `?event=${id}`);
  live.watch(id);
  const answers = await Promise.all([`/events/${id}`, `/events/${id}/seats`].map((path) => session.http.get(path)));
  const [event, { total, taken, held }] = answers.map(({ data }) => data);
  map.show({ total, available: event.available_slots, taken, held });
  byId('event-name').textContent = event.name;
  byId('event-when').textContent = when(event.event_date);
  byId('govern').elements.total_slots.value = event.total_slots;
  byId('govern').hidden = !governs(world.person, event.org_id);
  byId('event').hidden = false;
  drawList();
  await drawOwn();
}

function close() {
  current = null;
  history.replaceState(null, '', '/');
  byId('event').hidden = true;
}

async function refresh() {
  world = await load(session, world.person);
  await draw();
}

async function draw() {
  const roles = world.person.organizations.map((membership) => `${membership.organization_name} (${membership.role})`);
  byId('person').textContent = `${world.person.username} · ${roles.join(', ')}`;
  drawPending(session, world.invites, refresh);
  drawNotifications();
  const event = world.events.find(({ id }) => id === current);
  if (event) return open(event);
  close();
  drawList();
  await drawOwn();
}

async function bookAndTell(seats, named) {
  const worked = await book(session, world.person, current, seats, named);
  map.clear();
  live.hold([]);
  await (worked ? refreshBookings() : refresh());
}

/** A form's fields go to `act`; how it failed is told. */
function onSubmit(id, act) {
  byId(id).addEventListener('submit', async (submit) => {
    submit.preventDefault();
    try {
      await act(fields(submit.target));
    } catch (failure) {
      tell('problem', failure.response?.data.error ?? failure.message);
    }
  });
}

onSubmit('book-chosen', () => bookAndTell(map.chosen.length, map.chosen));
onSubmit('book-any', ({ seats }) => bookAndTell(Number(seats), []));
onSubmit('publish', async (event) => {
  await publish(session, world.person, publishesFor(world.person).organization_id, event);
  tell('done', `${event.name} is published.`);
  byId('publish').reset();
  await refresh();
});
onSubmit('govern', async ({ total_slots }) => {
  await changeCapacity(session, world.person, current, Number(total_slots));
  tell('done', `There are ${total_slots} seats now.`);
  await refreshBookings();
});
byId('delete-event').addEventListener('click', async () => {
  await remove(session, world.person, current);
  tell('done', 'The event is deleted.');
  await refresh();
});
byId('cancel-all').addEventListener('click', async () => {
  const answers = await cancelAll(session, bookingsHere());
  tell('done', `Bookings cancelled: ${answers.length}.`);
  await refreshBookings();
});
byId('refresh').addEventListener('click', refresh);
byId('live').addEventListener('click', async () => {
  const goesLive = !live.connected;
  byId('live').setAttribute('aria-pressed', String(goesLive));
  if (!goesLive) return live.disconnect();
  live.connect();
  await refresh();
});

const place = publishesFor(world.person);
byId('publish').hidden = !place;
if (place && governs(world.person, place.organization_id)) dialog(session, place.organization_id);
await draw();
document.body.hidden = false;
