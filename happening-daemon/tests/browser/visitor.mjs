// Somebody at a window of their own: what they do there, what they see, and what the window has heard.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Traffic } from './traffic.mjs';

/** How long something may take to be seen, in milliseconds. */
const PATIENCE = 15_000;

/** How long a slow WebSocket takes to open, in milliseconds. */
const SLOW = 1000;

/** Repeats `look` until it throws nothing. */
export async function eventually(look) {
  const until = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await look();
    } catch (failure) {
      if (Date.now() > until) throw failure;
      await pause(50);
    }
  }
}

export class Visitor {
  /** The changes that this window is to have heard since it was loaded, in order. */
  #changes = [];

  constructor(name, page, traffic, { api, site }) {
    Object.assign(this, { name, page, traffic, api, site });
  }

  /** A browser context of their own: nobody shares cookies. */
  static async arrive(browser, name, place) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(PATIENCE);
    return Visitor.#window(name, context, place);
  }

  static async #window(name, context, place) {
    const page = await context.newPage();
    return new Visitor(name, page, await Traffic.of(page, place.api), place);
  }

  /** A second window of the same person, on the same event. Keycloak knows them already. WebSockets open slowly there. */
  async secondWindow() {
    const second = await Visitor.#window(`${this.name}-2`, this.page.context(), this);
    await second.page.routeWebSocket(/socket\.io/, async (socket) => {
      await pause(SLOW);
      socket.connectToServer();
    });
    await second.page.goto(this.page.url());
    await second.#loaded();
    return second;
  }

  /** Through Keycloak's pages, which ask for name and password on one page or on two. */
  async signIn(username, password) {
    await this.page.goto(this.site);
    await this.page.locator('#username').fill(username);
    if (!(await this.page.locator('#password').isVisible())) await this.page.locator('#kc-login').click();
    await this.page.locator('#password').fill(password);
    await this.page.locator('#kc-login').click();
    await this.#loaded();
  }

  async reload() {
    await this.page.reload();
    this.#changes = [];
    await this.#loaded();
  }

  #loaded() {
    return this.page.locator('body:not([hidden])').waitFor();
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  async press(name) {
    await this.button(name).click();
  }

  /** What the page last told them. */
  async isTold(text) {
    await this.sees('#notice', text);
  }

  /** Text somewhere on the page. */
  async sees(place, text) {
    await eventually(async () => assert.match(await this.page.locator(place).innerText(), text));
  }

  /** Opens an event of the list, and is in its room. */
  async open(event) {
    const before = (await this.heard('event:holds:update')).length;
    await this.page.locator('#events button', { hasText: event }).click();
    await this.isAnsweredAfter(before);
  }

  /** The room's answer to `event:holds:sync` says that this window has joined. */
  async isAnsweredAfter(before) {
    await eventually(async () => assert.ok((await this.heard('event:holds:update')).length > before, 'in the room'));
  }

  async pick(...seats) {
    for (const seat of seats) await this.page.locator(`[data-seat="${seat}"]`).click();
  }

  /** Each of these seats is shown in this state. */
  async seesSeats(state, ...seats) {
    await eventually(async () => {
      for (const seat of seats) {
        const shown = await this.page.locator(`[data-seat="${seat}"]`).getAttribute('data-state');
        assert.equal(shown, state, `seat ${seat} for ${this.name}`);
      }
    });
  }

  async bookAny(seats) {
    await this.page.locator('#book-any input').fill(String(seats));
    await this.press('Book any seats');
  }

  /** Switches the live connection off or on. */
  async toggleLive() {
    await this.page.locator('#live').click();
  }

  /** What this window heard under a name, in order. */
  heard(...names) {
    return this.page.evaluate((wanted) => globalThis.heard.filter(({ name }) => wanted.includes(name)), names);
  }

  /** From now on these changes are to have been heard too: `['booked', [1, 2]]` or `['freed', [1]]`. */
  willHear(...changes) {
    this.#changes.push(...changes);
  }

  /** Exactly the changes that were to be heard were heard, each once, in order. */
  async hasHeardAll() {
    await eventually(async () => {
      const heard = await this.heard('event:bookings:update', 'event:seats:freed');
      const changes = heard.map(({ payload }) => (payload.bookedSeats ? ['booked', payload.bookedSeats] : ['freed', payload.freedSeats]));
      assert.deepEqual(changes, this.#changes, `what ${this.name}'s window heard`);
    });
  }

  /** The API's answer, asked with the token of this window. */
  async ask(path) {
    const answer = await fetch(`${this.api}${path}`, { headers: { authorization: this.traffic.authorization } });
    assert.equal(answer.status, 200, path);
    return answer.json();
  }

  /** The page's count of free seats, added up from messages, is the API's; and so are its taken seats. */
  async agreesWithTheApi(event) {
    await eventually(async () => {
      const [{ available_slots }, { total, taken }] = [await this.ask(`/events/${event}`), await this.ask(`/events/${event}/seats`)];
      const shown = await this.page.evaluate(() => ({
        available: Number(document.getElementById('available').textContent),
        taken: [...document.querySelectorAll('#seats [data-state="taken"], #seats [data-state="own"]')].map((seat) => Number(seat.dataset.seat)),
      }));
      assert.deepEqual(shown, { available: available_slots, taken }, `${this.name}'s page and the API`);
      assert.equal(available_slots + taken.length, total, 'booked and available are all there is');
    });
  }

  async photograph(file) {
    await this.page.screenshot({ path: file, fullPage: true });
  }
}
