// What nobody should do: refused and told, and nobody else notices.

import http from "node:http";
import { Client, assert, book, eventually, here, pause, publish, stage } from "./stage.mjs";

/** Somebody who minds their own business while others do not; and how to see that they can. */
async function bystander(event) {
  const client = await Client.connect(here);
  await client.join(event);
  return {
    client,
    async is_well() {
      client.forget();
      const started = Date.now();
      client.socket.emit("event:holds:set", { eventId: event, seats: [5] });
      const { allowedSeats } = await client.until("event:holds:response");
      assert.deepEqual(allowedSeats, [5]);
      assert.ok(Date.now() - started < 2_000, `answered after ${Date.now() - started} ms`);
    },
  };
}

export async function ten_thousand_rapid_changes_are_refused_and_told() {
  const event = await publish(10);
  const { client: good, is_well } = await bystander(event);
  const bad = await Client.connect(here);
  await bad.join(event);
  for (let change = 0; change < 10_000; change += 1) {
    bad.socket.emit("event:holds:set", { eventId: event, seats: [1 + (change % 4)] });
  }
  await is_well();
  const told = await bad.until("error");
  assert.equal(told.code, "rate_limited");
  await eventually("all of them were heard or refused", async () => {
    const before = bad.told.length;
    await pause(500);
    return bad.told.length === before;
  });
  const answers = bad.told.filter(([name]) => name === "event:holds:response").length;
  assert.ok(answers >= 20 && answers < 1_000, `${answers} were heard`);
  await pause(2_000);
  bad.forget();
  bad.socket.emit("event:holds:set", { eventId: event, seats: [9] });
  assert.deepEqual((await bad.until("event:holds:response")).allowedSeats, [9], "and it may go on");
  await is_well();
  good.close();
  bad.close();
}

export async function a_megabyte_is_refused() {
  const event = await publish(10);
  const { client: good, is_well } = await bystander(event);
  for (const transports of [["polling"], ["websocket"]]) {
    const bad = await Client.connect(here, { transports, reconnection: false });
    const gone = new Promise((resolve) => bad.socket.on("disconnect", resolve));
    bad.socket.emit("event:holds:set", { eventId: event, seats: [1], padding: "x".repeat(1_000_000) });
    await gone;
    assert.ok(!bad.told.some(([name]) => name === "event:holds:response"));
    await is_well();
  }
  good.close();
}

/** A request as no client would send it. `agent` is the connection. */
function raw(method, path, body, more = {}, agent = undefined) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "text/plain;charset=UTF-8", origin: "http://localhost:3000", ...more };
    for (const [name, value] of Object.entries(headers)) if (value === null) delete headers[name];
    const request = http.request(new URL(path, here), { method, headers, agent }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    request.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode, headers: answer.headers, text: "" });
    });
    request.on("error", reject);
    request.end(body);
  });
}

export async function malformed_packets_harm_nobody() {
  const event = await publish(10);
  const { client: good, is_well } = await bystander(event);
  const packets = ["", "x", "9", "4", "42", "42{", '42["event:join"', "4999", "42[1,2,3]", "451-[]", "b!!!", "\u0000".repeat(100)];
  for (const packet of packets) {
    const open = await raw("GET", "/socket.io/?EIO=4&transport=polling");
    assert.equal(open.status, 200);
    assert.equal(open.headers["access-control-allow-origin"], "http://localhost:3000", "polls carry CORS headers");
    const { sid } = JSON.parse(open.text.slice(1));
    const poll = `/socket.io/?EIO=4&transport=polling&sid=${sid}`;
    await raw("POST", poll, "40");
    const answer = await raw("POST", poll, packet);
    assert.ok(answer.status < 500, `${JSON.stringify(packet)} is answered with ${answer.status}`);
    await raw("POST", poll, "1");
  }
  const unknown = await raw("GET", "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAA");
  assert.equal(unknown.status, 400);
  assert.equal(unknown.headers["access-control-allow-origin"], "http://localhost:3000", "errors too");
  const large = await raw("GET", "/socket.io/?EIO=4&transport=polling");
  const { sid } = JSON.parse(large.text.slice(1));
  const refused = await raw("POST", `/socket.io/?EIO=4&transport=polling&sid=${sid}`, `4${"x".repeat(1_000_000)}`);
  assert.ok(refused.status >= 400 && refused.status < 500, `a megabyte is answered with ${refused.status}`);

  const bad = await Client.connect(here);
  const wrong = [undefined, null, 7, "x", [], {}, { eventId: 7 }, { eventId: "x" }, { eventId: event, seats: "1" },
    { eventId: event, seats: [-1] }, { eventId: event, seats: [1.5] }, { eventId: event, seats: [2 ** 40] }];
  for (const words of wrong) {
    bad.forget();
    bad.socket.emit("event:holds:set", words);
    assert.equal((await bad.until("error")).code, "validation_failed", JSON.stringify(words));
    await pause(60);
  }
  for (const [seats, code] of [[[0], "invalid_seat_numbers"], [[11], "invalid_seat_numbers"], [Array(200).fill(1), "validation_failed"]]) {
    bad.forget();
    bad.socket.emit("event:holds:set", { eventId: event, seats });
    assert.equal((await bad.until("error")).code, code, JSON.stringify(seats));
    await pause(60);
  }
  bad.forget();
  bad.socket.emit("event:unheard:of", {});
  assert.equal((await bad.until("error")).code, "validation_failed");
  await is_well();
  bad.close();
  good.close();
}

export async function nobody_holds_for_somebody_else() {
  const event = await publish(10);
  const { client: good, is_well } = await bystander(event);
  await is_well();
  const bad = await Client.connect(here);
  await bad.join(event);
  const forged = { socketId: good.socket.id, owner: `socket:${good.socket.id}`, userId: stage.people.member.user };
  for (const verb of ["event:holds:set", "event:holds:clear", "event:holds:heartbeat"]) {
    bad.socket.emit(verb, { eventId: event, seats: [], ...forged });
  }
  bad.socket.emit("event:holds:set", { eventId: event, seats: [5, 6], ...forged });
  const { allowedSeats, conflicts } = await bad.until("event:holds:response", ({ requestedSeats }) => requestedSeats.length);
  assert.deepEqual([allowedSeats, conflicts], [[6], [5]], "what is held is still held by who holds it");
  // Nor does what anybody holds without a name keep anybody from booking.
  await book("member", event, [6]);
  good.close();
  bad.close();
}

/** A socket, as soon as there is room for it: those that were closed before may not be gone yet. */
async function admitted() {
  let client;
  await eventually("room for one more", async () => {
    client = new Client(here, { reconnection: false });
    const is_in = await new Promise((resolve) => {
      client.socket.on("connect", () => resolve(true));
      client.socket.on("connect_error", () => resolve(false));
    });
    if (!is_in) client.close();
    return is_in;
  });
  return client;
}

export async function too_many_sockets_of_one_address_are_told() {
  const clients = [];
  for (let index = 0; index < stage.sockets; index += 1) clients.push(await admitted());
  const more = new Client(here, { reconnection: false });
  const error = await new Promise((resolve) => more.socket.on("connect_error", resolve));
  assert.match(error.message, /Too many connections/);
  clients.pop().close();
  more.close();
  await pause(300);
  clients.push(await Client.connect(here));
  for (const client of clients) client.close();
}

const OPEN = "/socket.io/?EIO=4&transport=polling";

export async function pages_of_other_origins_do_not_connect() {
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const ws = "/socket.io/?EIO=4&transport=websocket";
  for (const origin of ["http://evil.example", "null", "http://localhost:3000.evil.example"]) {
    for (const [path, headers] of [[OPEN, {}], [ws, upgrade]]) {
      const refused = await raw("GET", path, undefined, { ...headers, origin });
      assert.equal(refused.status, 403, `${origin} at ${path}`);
      assert.equal(refused.headers["access-control-allow-origin"], undefined);
    }
    const open = JSON.parse((await raw("GET", OPEN)).text.slice(1));
    const refused = await raw("POST", `${OPEN}&sid=${open.sid}`, "40", { origin });
    assert.equal(refused.status, 403, "nor goes on with what another one opened");
  }
  for (const origin of ["http://localhost:3000", "http://localhost:3001", null]) {
    assert.equal((await raw("GET", OPEN, undefined, { origin })).status, 200, `${origin}`);
    assert.equal((await raw("GET", ws, undefined, { ...upgrade, origin })).status, 101, `${origin}`);
  }
}

export async function a_flood_over_one_connection_keeps_nobody_else_out() {
  const event = await publish(10);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const statuses = new Map();
  for (let index = 0; index < 400; index += 1) {
    const { status, headers, text } = await raw("GET", OPEN, undefined, {}, agent);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 200) {
      const { sid } = JSON.parse(text.slice(1));
      await raw("POST", `${OPEN}&sid=${sid}`, "40", {}, agent);
    } else {
      assert.ok(Number(headers["retry-after"]) > 0, "when to try again");
      assert.ok(JSON.parse(text).limit > 0, "and how much is allowed");
    }
  }
  assert.ok(statuses.get(429) > 0, JSON.stringify([...statuses]));
  // Others of the same address, over connections of their own.
  const clients = [];
  for (let index = 0; index < 20; index += 1) clients.push(await Client.connect(here));
  await clients[0].join(event);
  clients[0].socket.emit("event:holds:set", { eventId: event, seats: [1] });
  assert.deepEqual((await clients[0].until("event:holds:response")).allowedSeats, [1]);
  for (const client of clients) client.close();
  agent.destroy();
}

export async function a_crowd_of_strangers_keeps_no_signed_in_person_out() {
  const strangers = [];
  for (let index = 0; index < stage.sockets; index += 1) strangers.push(await admitted());
  const auth = { token: stage.people.member.token };
  const people = [];
  for (let index = 0; index < 5; index += 1) people.push(await Client.connect(here, { auth }));
  const more = new Client(here, { auth, reconnection: false });
  const error = await new Promise((resolve) => more.socket.on("connect_error", resolve));
  assert.match(error.message, /for this person: at most 5/);
  for (const client of [...strangers, ...people, more]) client.close();
}

export async function anonymous_seats_of_one_address_are_bounded() {
  const event = await publish(200);
  const seats = (from) => Array.from({ length: 20 }, (_, index) => from + index);
  const clients = [];
  for (let index = 0; index < 3; index += 1) {
    const client = await Client.connect(here);
    await client.join(event);
    clients.push(client);
    client.socket.emit("event:holds:set", { eventId: event, seats: seats(1 + 20 * index) });
    if (index < 2) await client.until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 20);
    else assert.equal((await client.until("error")).code, "hold_limit");
  }
  clients[2].socket.emit("event:holds:set", { eventId: event, seats: [101, 102, 103, 104, 105] });
  await clients[2].until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 5);
  const member = await Client.connect(here, { auth: { token: stage.people.member.token } });
  member.socket.emit("event:holds:set", { eventId: event, seats: seats(1) });
  await member.until("event:holds:response", ({ allowedSeats }) => allowedSeats.length === 20);
  for (const client of [...clients, member]) client.close();
}
