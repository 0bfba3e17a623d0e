// What the rules share: the stage that the Rust test has set, sockets that remember what they were told, and the REST API.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { io } from "socket.io-client";

/** Daemons, people with tokens, events, transports: as JSON in the environment. */
export const stage = JSON.parse(process.env.STAGE);

/** Long enough for whatever must come. */
const PATIENCE = 15_000;

/** Long enough to believe that nothing more comes. */
export const QUIET = 400;

export { assert, pause };

/** The daemon of the first, and of the second client: the same one where there is only one. */
export const [here, there] = [stage.daemons[0], stage.daemons[stage.daemons.length - 1]];

/** A socket that remembers, in order, what it was told: `[name, payload]`. */
export class Client {
  constructor(url, options = {}) {
    this.told = [];
    this.socket = io(url, {
      transports: stage.transports ?? undefined,
      reconnectionDelay: 50,
      reconnectionDelayMax: 300,
      forceNew: true,
      ...options,
    });
    this.socket.onAny((name, payload) => this.told.push([name, payload]));
  }

  static async connect(url, options) {
    const client = new Client(url, options);
    await client.connected();
    return client;
  }

  async connected() {
    await eventually("a connection", () => this.socket.connected);
    return this;
  }

  /** Joins, and returns once the daemon has done what was asked so far. */
  async join(eventId) {
    this.socket.emit("event:join", { eventId });
    await this.settle(eventId);
  }

  /** A question whose answer comes after the answers to everything before it. */
  async settle(eventId) {
    const before = this.told.length;
    this.socket.emit("event:holds:sync", { eventId });
    await eventually("an answer to a sync", () =>
      this.told.slice(before).some(([name]) => name === "event:holds:update" || name === "error"));
    await pause(QUIET);
    this.forget();
  }

  forget() {
    this.told.length = 0;
  }

  /** Waits until it was told so many things, and a little longer for what must not come. Returns and forgets them. */
  async hears(count) {
    await eventually(`${count} messages: ${JSON.stringify(this.told)}`, () => this.told.length >= count);
    await pause(QUIET);
    return this.told.splice(0);
  }

  /** Waits for a message that fits; returns its payload. */
  async until(name, fits = () => true) {
    const found = () => this.told.find(([told, payload]) => told === name && fits(payload));
    await eventually(`${name} in ${JSON.stringify(this.told.slice(-5))}`, found);
    return found()[1];
  }

  close() {
    this.socket.close();
  }
}

export async function eventually(what, check) {
  const started = Date.now();
  while (!(await check())) {
    assert.ok(Date.now() - started < PATIENCE, `not in time: ${what}`);
    await pause(10);
  }
}

/** Asks the REST API as one of the people. Returns status and body. */
export async function api(method, path, person, body, url = here) {
  const headers = { authorization: `Bearer ${stage.people[person].token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(new URL(path, url), { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null, headers: answer.headers };
}

/** Books seats, named or any. */
export async function book(person, eventId, seats, url = here) {
  const named = Array.isArray(seats);
  const body = { event_id: eventId, user_id: stage.people[person].user, seats: named ? seats.length : seats };
  body.seat_numbers = named ? seats : [];
  const answer = await api("POST", "/bookings", person, body, url);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

export async function cancel(person, bookingId, url = here) {
  const answer = await api("POST", `/bookings/${bookingId}/cancel`, person, undefined, url);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

/** An event of *Demo* of its own. */
export async function publish(seats) {
  const body = {
    org_id: stage.organization,
    created_by: stage.people.organizer.user,
    name: `An event of ${seats}`,
    event_date: "2099-12-01T19:00",
    total_slots: seats,
  };
  const answer = await api("POST", "/events", "organizer", body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.id;
}

export async function seats(eventId, url = here) {
  return (await api("GET", `/events/${eventId}/seats`, "organizer", undefined, url)).body;
}
