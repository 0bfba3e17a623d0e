// The contract: what the web client relies on.

import { Client, api, assert, book, cancel, eventually, here, pause, publish, seats, stage, there } from "./stage.mjs";

const holds = (eventId, heldSeats) => ["event:holds:update", { eventId, heldSeats }];
const booked = (eventId, bookedSeats) => ["event:bookings:update", { eventId, bookedSeats }];
const freed = (eventId, freedSeats) => ["event:seats:freed", { eventId, freedSeats }];
const answer = (eventId, requestedSeats, allowedSeats, conflicts) =>
  ["event:holds:response", { eventId, requestedSeats, allowedSeats, conflicts }];

async function pair(eventId) {
  const [one, other] = [await Client.connect(here), await Client.connect(there)];
  await one.join(eventId);
  await other.join(eventId);
  one.forget();
  return [one, other];
}

export async function holds_are_set_told_kept_and_cleared() {
  const event = await publish(10);
  const [one, other] = await pair(event);

  one.socket.emit("event:holds:set", { eventId: event, seats: [1, 2] });
  assert.deepEqual(await one.hears(2), [answer(event, [1, 2], [1, 2], []), holds(event, [1, 2])]);
  assert.deepEqual(await other.hears(1), [holds(event, [1, 2])]);

  other.socket.emit("event:holds:set", { eventId: event, seats: [2, 3] });
  assert.deepEqual(await other.hears(2), [answer(event, [2, 3], [3], [2]), holds(event, [1, 2, 3])]);
  assert.deepEqual(await one.hears(1), [holds(event, [1, 2, 3])]);

  one.socket.emit("event:holds:heartbeat", { eventId: event });
  assert.deepEqual(await one.hears(1), [holds(event, [1, 2, 3])], "one's own included");
  assert.deepEqual(await other.hears(0), [], "nothing changed for anybody else");

  other.socket.emit("event:holds:sync", { eventId: event });
  assert.deepEqual(await other.hears(1), [holds(event, [1, 2, 3])]);
  assert.deepEqual(await one.hears(0), [], "a sync is for whoever asks");
  assert.deepEqual((await seats(event)).held, [1, 2, 3]);

  one.socket.emit("event:holds:set", { eventId: event, seats: [4] });
  assert.deepEqual(await one.hears(2), [answer(event, [4], [4], []), holds(event, [3, 4])]);
  assert.deepEqual(await other.hears(1), [holds(event, [3, 4])]);

  one.socket.emit("event:holds:set", { eventId: event, seats: [4] });
  assert.deepEqual(await one.hears(2), [answer(event, [4], [4], []), holds(event, [3, 4])], "answered all the same");
  assert.deepEqual(await other.hears(0), [], "but no news");

  one.socket.emit("event:holds:clear", { eventId: event });
  assert.deepEqual(await one.hears(1), [holds(event, [3])]);
  assert.deepEqual(await other.hears(1), [holds(event, [3])]);
  one.socket.emit("event:holds:heartbeat", { eventId: event });
  assert.deepEqual(await one.hears(1), [holds(event, [3])], "a viewer who holds nothing is answered too");

  one.socket.emit("event:leave", { eventId: event });
  await one.settle(event);
  other.socket.emit("event:holds:heartbeat", { eventId: event });
  assert.deepEqual(await other.hears(1), [holds(event, [3])]);
  assert.deepEqual(await one.hears(0), [], "who has left is told nothing");

  await one.join(event);
  other.close();
  assert.deepEqual(await one.hears(1), [holds(event, [])], "a closed window frees its holds");
  one.close();
}

export async function a_closed_window_is_told_once() {
  const event = await publish(10);
  const [one, other] = await pair(event);
  one.socket.emit("event:holds:set", { eventId: event, seats: [1, 2] });
  assert.deepEqual(await other.hears(1), [holds(event, [1, 2])]);
  // As a page does that is left.
  one.socket.emit("event:holds:set", { eventId: event, seats: [] });
  one.socket.emit("event:holds:clear", { eventId: event });
  one.socket.emit("event:leave", { eventId: event });
  one.close();
  assert.deepEqual(await other.hears(1), [holds(event, [])]);
  other.close();
}

export async function heartbeats_are_answered_and_nobody_else_hears_them() {
  const event = await publish(40);
  const clients = [];
  for (let index = 0; index < 12; index += 1) clients.push(await Client.connect(index % 2 ? here : there));
  const all = clients.map((_, index) => index + 1);
  const beat_all = () => clients.forEach(({ socket }) => socket.emit("event:holds:heartbeat", { eventId: event }));
  for (const [index, client] of clients.entries()) {
    client.socket.emit("event:join", { eventId: event });
    client.socket.emit("event:holds:set", { eventId: event, seats: [index + 1] });
    await client.until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 1);
    beat_all();
  }
  const knows = ({ told }) => told.some(([, { heldSeats }]) => heldSeats?.length === clients.length);
  await eventually("everybody knows of all", async () => {
    beat_all();
    await pause(300);
    return clients.every(knows);
  });
  await pause(1_000);
  clients.forEach((client) => client.forget());
  const beats = 5;
  for (let beat = 0; beat < beats; beat += 1) {
    for (const client of clients) client.socket.emit("event:holds:heartbeat", { eventId: event });
    await pause(100);
  }
  for (const client of clients) {
    assert.deepEqual(await client.hears(beats), Array(beats).fill(holds(event, all)), "one answer for each beat");
  }
  for (const client of clients) client.close();
}

export async function many_changes_reach_a_room_a_few_times_a_second() {
  const event = await publish(40);
  const [one, other] = await pair(event);
  const started = Date.now();
  for (let change = 1; change <= 30; change += 1) {
    one.socket.emit("event:holds:set", { eventId: event, seats: [change] });
  }
  await other.until("event:holds:update", ({ heldSeats }) => heldSeats.includes(30));
  await pause(400);
  const seconds = (Date.now() - started) / 1_000;
  const heard = other.told.filter(([name]) => name === "event:holds:update");
  assert.ok(heard.length <= 2 + 5 * seconds, `${heard.length} in ${seconds} s`);
  assert.deepEqual(heard.at(-1)[1].heldSeats, [30], "and the last one is right");
  one.close();
  other.close();
}

export async function people_go_before_anonymous_sockets() {
  const event = await publish(30);
  const [anybody, watching] = await pair(event);
  const seats = Array.from({ length: 20 }, (_, index) => index + 1);
  anybody.socket.emit("event:holds:set", { eventId: event, seats });
  await watching.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 20);
  const held = await api("POST", `/events/${event}/holds`, "member", { seats: [1, 2] }, there);
  assert.equal(held.status, 201, JSON.stringify(held.body));
  assert.deepEqual(held.body.seats, [1, 2]);
  const member = await Client.connect(here, { auth: { token: stage.people.admin.token } });
  await member.join(event);
  member.socket.emit("event:holds:set", { eventId: event, seats: [2, 3] });
  const { allowedSeats, conflicts } = await member.until("event:holds:response");
  assert.deepEqual([allowedSeats, conflicts], [[3], [2]], "but not before other people");
  // What was taken over does not come back.
  anybody.forget();
  anybody.socket.emit("event:holds:set", { eventId: event, seats });
  const answered = await anybody.until("event:holds:response");
  assert.deepEqual(answered.conflicts, [1, 2, 3]);
  for (const client of [anybody, watching, member]) client.close();
}

export async function each_change_is_told_once_and_in_order() {
  const event = await publish(4);
  const [one, other] = await pair(event);
  const hear = async (expected, what) => {
    assert.deepEqual(await one.hears(expected.length), expected, what);
    assert.deepEqual(await other.hears(expected.length), expected, what);
  };

  const first = await book("member", event, [2]);
  await hear([holds(event, []), booked(event, [2])], "a booking");
  const second = await book("admin", event, 2, there);
  await hear([holds(event, []), booked(event, [1, 3])], "a booking by the other daemon");
  await cancel("member", first.id, there);
  await hear([freed(event, [2])], "a cancellation");
  await cancel("member", first.id);
  await hear([], "which is none the second time");

  await book("member", event, 2);
  await hear([holds(event, []), booked(event, [2, 4])], "full");
  const waiting = await book("organizer", event, 1, there);
  assert.equal(waiting.status, "waiting");
  await hear([], "who waits takes no seat");
  await cancel("admin", second.id);
  await hear([freed(event, [1, 3]), holds(event, []), booked(event, [1])], "a promotion is freed, then booked");

  await book("admin", event, 3);
  await hear([], "three do not fit and wait");
  const grown = await api("PUT", `/events/${event}`, "organizer", { total_slots: 6 }, there);
  assert.equal(grown.status, 200);
  await hear([freed(event, [5, 6]), holds(event, []), booked(event, [3, 5, 6])], "new seats, and who waited for them");
  const truth = await seats(event);
  assert.deepEqual(truth.taken, [1, 2, 3, 4, 5, 6]);
  one.close();
  other.close();
}

export async function the_page_counts_right_in_a_crowd() {
  const event = await publish(60);
  const [one, other] = await pair(event);
  const count = (client) => {
    const free = new Set(Array.from({ length: 60 }, (_, index) => index + 1));
    let available = 60;
    for (const [name, told] of client.told) {
      if (name === "event:bookings:update") {
        available -= told.bookedSeats.length;
        told.bookedSeats.forEach((seat) => assert.ok(free.delete(seat), `${seat} was booked twice`));
      }
      if (name === "event:seats:freed") {
        available += told.freedSeats.length;
        told.freedSeats.forEach((seat) => assert.ok(!free.has(seat) && free.add(seat), `${seat} was free`));
      }
    }
    return available === free.size ? available : NaN;
  };
  const buyers = ["member", "admin", "organizer", "support"].flatMap((person, index) =>
    Array.from({ length: 8 }, async (_, round) => {
      const url = (index + round) % 2 ? here : there;
      const made = await book(person, event, 1 + (round % 3), url);
      if (round % 2) await cancel(person, made.id, url);
    }));
  await Promise.all(buyers);
  const taken = (await seats(event)).taken;
  for (const client of [one, other]) {
    await eventually(`${60 - taken.length} available`, () => count(client) === 60 - taken.length);
    await pause(300);
    assert.equal(count(client), 60 - taken.length, "and nothing more comes");
    const messages = client.told.filter(([name]) => name === "event:bookings:update");
    assert.ok(messages.length >= 32, `one message for each booking: ${messages.length}`);
    client.close();
  }
}

export async function two_fight_for_seats_and_one_has_them() {
  const event = await publish(50);
  const [one, other] = await pair(event);
  for (let seat = 1; seat <= 20; seat += 1) {
    one.forget();
    other.forget();
    for (const client of [one, other]) client.socket.emit("event:holds:set", { eventId: event, seats: [seat] });
    const answers = await Promise.all([one, other].map((client) => client.until("event:holds:response")));
    const winners = answers.filter(({ allowedSeats }) => allowedSeats.length === 1);
    assert.equal(winners.length, 1, JSON.stringify(answers));
    await pause(120);
  }
  one.close();
  other.close();
}

export async function holds_run_out_unless_a_heart_beats() {
  const event = await publish(10);
  const [one, other] = await pair(event);
  one.socket.emit("event:holds:set", { eventId: event, seats: [7] });
  await other.until("event:holds:update", ({ heldSeats }) => heldSeats.includes(7));
  for (let beat = 0; beat < 8; beat += 1) {
    await pause((stage.ttl * 1_000) / 4);
    one.socket.emit("event:holds:heartbeat", { eventId: event });
  }
  assert.ok(other.told.every(([, { heldSeats }]) => heldSeats.includes(7)), "held for twice its time");
  const silent = Date.now();
  other.forget();
  await other.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 0);
  const late = Date.now() - silent - stage.ttl * 1_000;
  assert.ok(late < 1_000, `told ${late} ms after it ran out`);
  await one.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 0);
  one.close();
  other.close();
}

export async function a_lost_connection_frees_and_comes_back() {
  const event = await publish(10);
  const [one, other] = await pair(event);
  one.socket.emit("event:holds:set", { eventId: event, seats: [1] });
  await other.until("event:holds:update", ({ heldSeats }) => heldSeats.includes(1));
  const id = one.socket.id;
  one.socket.io.engine.close();
  await other.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 0);
  await eventually("it connects by itself", () => one.socket.connected && one.socket.id !== id);
  await one.join(event);
  await book("member", event, [1]);
  await one.until("event:bookings:update", ({ bookedSeats }) => bookedSeats.includes(1));
  one.close();
  other.close();
}

export async function a_token_opens_no_rooms_and_a_bad_one_opens_nothing() {
  const event = await publish(5);
  for (const auth of [{ token: "nonsense" }, { token: `${stage.people.member.token}x` }]) {
    const client = new Client(here, { auth, reconnection: false });
    const error = await new Promise((resolve) => client.socket.on("connect_error", resolve));
    assert.match(error.message, /token/, "with the reason");
    assert.ok(!client.socket.connected);
    client.close();
  }
  const header = { extraHeaders: { authorization: "Bearer nonsense" }, reconnection: false };
  const client = new Client(here, { ...header, transports: ["polling"] });
  await new Promise((resolve) => client.socket.on("connect_error", resolve));
  client.close();

  // A stranger to the organization sees what anybody sees, and holds for themselves.
  const guest = await Client.connect(here, { auth: { token: stage.people.guest.token } });
  const anybody = await Client.connect(there);
  await guest.join(event);
  await anybody.join(event);
  await book("member", event, [3]);
  const expected = [holds(event, []), booked(event, [3])];
  assert.deepEqual(await guest.hears(2), expected);
  assert.deepEqual(await anybody.hears(2), expected);
  const absent = "00000000-0000-4000-8000-00000000dead";
  for (const verb of ["event:join", "event:holds:set", "event:holds:heartbeat", "event:holds:sync"]) {
    anybody.socket.emit(verb, { eventId: absent, seats: [1] });
    const refused = await anybody.until("error", (error) => error.event === verb);
    assert.equal(refused.code, "not_found");
  }
  const member = await Client.connect(here, { auth: { token: stage.people.member.token } });
  await member.join(event);
  member.socket.emit("event:holds:set", { eventId: event, seats: [1] });
  await member.until("event:holds:response", ({ allowedSeats }) => allowedSeats.includes(1));
  // The other daemon knows of it once its room was told.
  await anybody.until("event:holds:update", ({ heldSeats }) => heldSeats.includes(1));
  const body = { event_id: event, user_id: stage.people.admin.user, seats: 1, seat_numbers: [1] };
  const conflict = await api("POST", "/bookings", "admin", body, there);
  assert.equal(conflict.status, 409, "a signed-in person's hold is respected");
  assert.deepEqual(conflict.body.unavailable, [1]);
  anybody.socket.emit("event:holds:set", { eventId: event, seats: [2] });
  await anybody.until("event:holds:response", ({ allowedSeats }) => allowedSeats.includes(2));
  await book("admin", event, [2]);
  await book("member", event, [1]);
  for (const one of [guest, anybody, member]) one.close();
}

export async function one_person_holds_so_many_seats_over_all_sockets() {
  const event = await publish(40);
  const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const auth = { token: stage.people.member.token };
  const [one, two] = [await Client.connect(here, { auth }), await Client.connect(here, { auth })];
  const anybody = await Client.connect(here);
  for (const client of [one, two, anybody]) await client.join(event);
  one.socket.emit("event:holds:set", { eventId: event, seats: upTo(1, 12) });
  await one.until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 12);
  two.socket.emit("event:holds:set", { eventId: event, seats: upTo(21, 29) });
  const refused = await two.until("error", (error) => error.event === "event:holds:set");
  assert.equal(refused.code, "hold_limit");
  two.socket.emit("event:holds:set", { eventId: event, seats: upTo(21, 28) });
  await two.until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 8);
  one.socket.emit("event:holds:set", { eventId: event, seats: upTo(1, 10) });
  await one.until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 10);
  anybody.socket.emit("event:holds:set", { eventId: event, seats: upTo(29, 40) });
  await anybody.until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 12);
  for (const client of [one, two, anybody]) client.close();
}

export async function the_invited_person_is_told_and_nobody_else() {
  const claims = (person) => JSON.parse(Buffer.from(stage.people[person].token.split(".")[1], "base64url"));
  const guest = await Client.connect(there, { auth: { token: stage.people.guest.token } });
  const member = await Client.connect(there, { auth: { token: stage.people.member.token } });
  const nobody = await Client.connect(there);
  const message = "Come and see";
  const body = { email: claims("guest").email, role: "User", invited_by: claims("admin").sub, message, organization_id: stage.organization };
  const sent = await api("POST", "/org-invites/send", "admin", body);
  assert.equal(sent.status, 201, JSON.stringify(sent.body));
  const [[name, told], ...more] = await guest.hears(1);
  assert.equal(name, "org-invite");
  assert.deepEqual(more, [], "once");
  assert.equal(told.inviteId, sent.body.invite.id);
  assert.equal(told.organizationName, "Demo");
  assert.equal(told.message, message);
  assert.ok(told.from);
  assert.deepEqual([...member.told, ...nobody.told], []);
  await api("DELETE", `/org-invites/${sent.body.invite.id}`, "admin");
  for (const one of [guest, member, nobody]) one.close();
}
