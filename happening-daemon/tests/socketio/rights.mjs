// Whose a hold is, and where there are none: what a socket may do in somebody's name, and what the room is told of it.

import { Client, api, assert, book, cancel, eventually, here, pause, publish, seats, stage } from "./stage.mjs";

const holds = (eventId, heldSeats) => ["event:holds:update", { eventId, heldSeats }];
const booked = (eventId, bookedSeats) => ["event:bookings:update", { eventId, bookedSeats }];
const freed = (eventId, freedSeats) => ["event:seats:freed", { eventId, freedSeats }];
const answer = (eventId, requestedSeats, allowedSeats, conflicts) =>
  ["event:holds:response", { eventId, requestedSeats, allowedSeats, conflicts }];

const as = (person) => Client.connect(here, { auth: { token: stage.people[person].token } });

/** Sets holds; returns what was answered. */
async function set(client, eventId, wanted) {
  client.forget();
  client.socket.emit("event:holds:set", { eventId, seats: wanted });
  const is_answer = ([name, told]) =>
    name === "event:holds:response" || (name === "error" && told.event === "event:holds:set");
  await eventually(`an answer in ${JSON.stringify(client.told)}`, () => client.told.some(is_answer));
  const [name, told] = client.told.find(is_answer);
  return name === "error" ? told.code : [told.allowedSeats, told.conflicts];
}

/** Books a seat by name; returns the status. */
async function book_named(person, event, seat) {
  const body = { event_id: event, user_id: stage.people[person].user, seats: 1, seat_numbers: [seat] };
  return (await api("POST", "/bookings", person, body)).status;
}

async function set_status(path, status) {
  const set = await api("PUT", `${path}/status`, "operator", { status });
  assert.equal(set.status, 200, JSON.stringify(set.body));
}

async function change(event, changes) {
  const changed = await api("PUT", `/events/${event}`, "organizer", changes);
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
}

export async function a_stranger_who_is_signed_in_keeps_nobody_from_booking() {
  const event = await publish(30);
  const guest = await as("guest");
  await guest.join(event);
  const all = Array.from({ length: 20 }, (_, index) => index + 1);
  assert.deepEqual(await set(guest, event, all), [all, []], "as advice, like anybody's");
  assert.equal(await book_named("member", event, 1), 201);
  // Staff see every organization, so a hold is their own.
  const support = await as("support");
  assert.deepEqual(await set(support, event, [25]), [[25], []]);
  assert.equal(await book_named("member", event, 25), 409);
  for (const client of [guest, support]) client.close();
}

export async function who_is_suspended_is_nobody_to_their_sockets() {
  const event = await publish(10);
  const member = await as("member");
  await member.join(event);
  assert.deepEqual(await set(member, event, [1, 2]), [[1, 2], []]);
  assert.equal(await book_named("admin", event, 1), 409);
  await set_status(`/users/${stage.people.member.user}`, "suspended");
  try {
    member.forget();
    member.socket.emit("event:holds:heartbeat", { eventId: event });
    const told = await member.until("error");
    assert.equal(told.code, "forbidden");
    assert.match(told.message, /suspended.*anonymously/);
    await member.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 0);
    assert.deepEqual(await set(member, event, [3]), [[3], []], "anonymously");
    assert.equal(await book_named("admin", event, 3), 201, "which is advice");
  } finally {
    await set_status(`/users/${stage.people.member.user}`, "active");
  }
  member.close();
}

export async function who_is_suspended_is_told_of_no_invites() {
  const claims = (person) => JSON.parse(Buffer.from(stage.people[person].token.split(".")[1], "base64url"));
  const guest = await as("guest");
  const invite = async () => {
    const body = { email: claims("guest").email, role: "User", invited_by: claims("admin").sub, organization_id: stage.organization };
    const sent = await api("POST", "/org-invites/send", "admin", body);
    assert.equal(sent.status, 201, JSON.stringify(sent.body));
    return sent.body.invite.id;
  };
  const revoke = (id) => api("DELETE", `/org-invites/${id}`, "admin");
  await revoke(await invite());
  await guest.until("org-invite");
  await set_status(`/users/${stage.people.guest.user}`, "suspended");
  try {
    guest.forget();
    await revoke(await invite());
    assert.deepEqual(await guest.hears(0), []);
  } finally {
    await set_status(`/users/${stage.people.guest.user}`, "active");
  }
  guest.close();
}

export async function who_is_removed_holds_in_their_name_no_longer() {
  const event = await publish(10);
  const member = await as("member");
  await member.join(event);
  assert.deepEqual(await set(member, event, [1]), [[1], []]);
  assert.equal(await book_named("admin", event, 1), 409);
  const path = `/organizations/${stage.organization}/members/${stage.people.member.user}`;
  assert.equal((await api("DELETE", path, "admin")).status, 200);
  member.forget();
  member.socket.emit("event:holds:heartbeat", { eventId: event });
  await member.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 0);
  assert.deepEqual(await set(member, event, [2]), [[2], []]);
  assert.equal(await book_named("admin", event, 2), 201, "held by nobody in particular");
  member.close();
}

export async function a_suspended_organization_gives_no_holds() {
  const event = await publish(10);
  const [member, anybody, operator] = [await as("member"), await Client.connect(here), await as("operator")];
  for (const [client, seat] of [[member, 8], [anybody, 9]]) {
    await client.join(event);
    assert.deepEqual(await set(client, event, [seat]), [[seat], []]);
  }
  await set_status(`/organizations/${stage.organization}`, "suspended");
  try {
    for (const client of [member, anybody]) {
      assert.equal(await set(client, event, [1]), "organization_suspended");
      client.forget();
      client.socket.emit("event:holds:heartbeat", { eventId: event });
      assert.equal((await client.until("error")).code, "organization_suspended");
    }
    assert.deepEqual((await seats(event)).held, [8, 9]);
    assert.deepEqual(await set(member, event, []), [[], []], "given back");
    anybody.socket.emit("event:holds:clear", { eventId: event });
    await anybody.settle(event);
    assert.deepEqual((await seats(event)).held, []);
    assert.deepEqual(await set(operator, event, [1]), [[1], []], "operators go on");
  } finally {
    await set_status(`/organizations/${stage.organization}`, "active");
  }
  assert.deepEqual(await set(anybody, event, [2]), [[2], []]);
  for (const client of [member, anybody, operator]) client.close();
}

export async function an_event_that_takes_no_bookings_gives_no_holds() {
  const client = await Client.connect(here);
  for (const changes of [{ status: "cancelled" }, { status: "completed" }, { event_date: "2020-01-01T10:00" }]) {
    const event = await publish(10);
    await client.join(event);
    assert.deepEqual(await set(client, event, [1]), [[1], []]);
    await change(event, changes);
    assert.equal(await set(client, event, [2]), "event_closed", JSON.stringify(changes));
    await change(event, { status: "ongoing" });
    assert.deepEqual(await set(client, event, [2]), [[2], []], "and again");
  }
  client.close();
}

export async function what_is_booked_is_not_held() {
  const event = await publish(10);
  const client = await Client.connect(here);
  const made = await book("member", event, [1]);
  assert.deepEqual(await set(client, event, [2, 1]), [[2], [1]], "nobody is in the room");
  assert.deepEqual(await set(client, event, []), [[], []]);
  await client.join(event);
  client.socket.emit("event:holds:set", { eventId: event, seats: [2, 1] });
  assert.deepEqual(await client.hears(2), [answer(event, [2, 1], [2], [1]), holds(event, [2])]);
  client.socket.emit("event:holds:sync", { eventId: event });
  assert.deepEqual(await client.hears(1), [holds(event, [2])]);
  assert.deepEqual((await seats(event)).held, [2]);
  await cancel("member", made.id);
  assert.deepEqual(await client.hears(1), [freed(event, [1])], "held by nobody");
  await book("member", event, [1]);
  assert.deepEqual(await client.hears(2), [holds(event, [2]), booked(event, [1])]);
  client.close();
}

export async function a_new_capacity_counts_at_once() {
  const event = await publish(5);
  const [inside, outside] = [await Client.connect(here), await Client.connect(here)];
  assert.deepEqual(await set(outside, event, [5]), [[5], []]);
  await change(event, { total_slots: 8 });
  assert.deepEqual(await set(outside, event, [8]), [[8], []], "nobody is in the room");
  await inside.join(event);
  assert.deepEqual(await set(inside, event, [7]), [[7], []]);
  inside.forget();
  await change(event, { total_slots: 6 });
  for (const client of [inside, outside]) assert.equal(await set(client, event, [7]), "invalid_seat_numbers");
  // What was held beyond is nobody's: neither told nor kept, and not there again with the seats.
  assert.deepEqual((await seats(event)).held, []);
  for (const client of [inside, outside]) client.forget();
  outside.socket.emit("event:holds:heartbeat", { eventId: event });
  assert.deepEqual(await outside.hears(1), [holds(event, [])]);
  assert.deepEqual(await inside.hears(0), [], "who knows it already");
  inside.socket.emit("event:holds:sync", { eventId: event });
  assert.deepEqual(await inside.hears(1), [holds(event, [])]);
  await change(event, { total_slots: 8 });
  await pause(300);
  assert.deepEqual((await seats(event)).held, []);
  for (const client of [inside, outside]) client.close();
}

export async function ones_own_seat_is_no_conflict() {
  const event = await publish(10);
  const [one, other] = [await as("member"), await as("member")];
  const [admin, anybody] = [await as("admin"), await Client.connect(here)];
  assert.deepEqual(await set(one, event, [1, 2]), [[1, 2], []]);
  assert.deepEqual(await set(other, event, [2, 3]), [[2, 3], []], "the other window of theirs");
  assert.deepEqual(await set(admin, event, [1, 2]), [[], [1, 2]], "somebody else's");
  other.close();
  await eventually("the window is gone", async () => (await seats(event)).held.join() === "1");
  assert.deepEqual(await set(anybody, event, [5]), [[5], []]);
  const nobody = await Client.connect(here);
  assert.deepEqual(await set(nobody, event, [5]), [[], [5]], "of two without a name nobody knows that they are one");
  for (const client of [one, admin, anybody, nobody]) client.close();
}
