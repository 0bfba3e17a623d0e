// While a part is broken: the Rust test breaks and mends it, and says so on standard input.

import readline from "node:readline";
import { Client, assert, book, cancel, eventually, here, pause, publish, seats, there } from "./stage.mjs";

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Says how far it is, and waits for the other side to be as far. */
async function meet(word) {
  console.log(`@${word}`);
  const { value } = await lines.next();
  assert.equal(value, word);
}

/** Seats that a page believes to be free. */
function free(client, total) {
  const believed = new Set(Array.from({ length: total }, (_, index) => index + 1));
  for (const [name, told] of client.told) {
    if (name === "event:bookings:update") told.bookedSeats.forEach((seat) => assert.ok(believed.delete(seat), `${seat} twice`));
    if (name === "event:seats:freed") told.freedSeats.forEach((seat) => assert.ok(!believed.has(seat) && believed.add(seat)));
  }
  return believed;
}

export async function rooms_are_right_after_an_outage() {
  const total = 40;
  const event = await publish(total);
  const clients = [await Client.connect(here), await Client.connect(there)];
  for (const client of clients) await client.join(event);
  await book("member", event, 2, here);
  await meet("broken");
  const made = [];
  for (let round = 0; round < 6; round += 1) {
    made.push(await book("member", event, 1, round % 2 ? here : there));
    await pause(100);
  }
  await cancel("member", made[0].id, there);
  await meet("mended");
  await book("admin", event, 3, there);
  const { taken } = await seats(event);
  const right = (client) => {
    const believed = free(client, total);
    return believed.size === total - taken.length && taken.every((seat) => !believed.has(seat));
  };
  for (const client of clients) {
    await eventually(`${taken} are taken: ${JSON.stringify(client.told)}`, () => right(client));
  }
  await pause(2_500);
  clients.forEach((client) => assert.ok(right(client), "and it stays so"));
  // Holds are back too.
  clients.forEach((client) => client.forget());
  await eventually("holds answer again", async () => {
    clients[0].socket.emit("event:holds:set", { eventId: event, seats: [total] });
    await pause(300);
    return clients[1].told.some(([name, told]) => name === "event:holds:update" && told.heldSeats.includes(total));
  });
  clients.forEach((client) => client.close());
}

export async function the_end_of_a_daemon_closes_its_sockets() {
  const event = await publish(5);
  const client = await Client.connect(here, { reconnection: false });
  await client.join(event);
  const gone = new Promise((resolve) => client.socket.on("disconnect", resolve));
  console.log("@ending");
  const reason = await gone;
  assert.match(reason, /transport close|io server disconnect/);
}

export async function holds_that_a_daemon_takes_along_are_told_elsewhere() {
  const event = await publish(5);
  const [leaving, staying] = [await Client.connect(here, { reconnection: false }), await Client.connect(there)];
  await leaving.join(event);
  await staying.join(event);
  leaving.socket.emit("event:holds:set", { eventId: event, seats: [1, 2] });
  await staying.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 2);
  staying.forget();
  console.log("@ending");
  // Long before they would run out.
  const started = Date.now();
  await staying.until("event:holds:update", ({ heldSeats }) => heldSeats.length === 0);
  assert.ok(Date.now() - started < 5_000, `told after ${Date.now() - started} ms`);
  staying.close();
}
