// The seats of the event on show. `available` is kept as the web client keeps it: read once, then added to and subtracted
// from with every message, never read again until somebody presses Refresh.

import { byId, element } from './dom.js';

const NAMES = { free: 'free', chosen: 'chosen', held: 'being picked', taken: 'taken', own: 'yours' };

export class SeatMap {
  #own = new Set();
  #taken = new Set();
  #held = new Set();
  #chosen = new Set();

  /** `choose` is called with the chosen seats whenever the person changes them. */
  constructor(choose) {
    this.choose = choose;
    this.total = 0;
    this.available = 0;
  }

  /** Another event, or the same one read anew. */
  show({ total, available, taken, held }) {
    Object.assign(this, { total, available });
    this.#taken = new Set(taken);
    this.#held = new Set(held);
    this.draw();
  }

  /** The seats that the person at this window has. */
  owns(seats) {
    this.#own = new Set(seats);
    this.draw();
  }

  booked(seats) {
    this.available -= seats.length;
    for (const seat of seats) this.#taken.add(seat);
    this.draw();
  }

  freed(seats) {
    this.available += seats.length;
    this.total = Math.max(this.total, ...seats);
    for (const seat of seats) this.#taken.delete(seat);
    this.draw();
  }

  holds(seats) {
    this.#held = new Set(seats);
    this.draw();
  }

  /** Gives up these of the chosen seats. */
  refuse(seats) {
    for (const seat of seats) this.#chosen.delete(seat);
    this.draw();
  }

  /** The chosen seats, ascending. */
  get chosen() {
    return [...this.#chosen].sort((one, other) => one - other);
  }

  clear() {
    this.#chosen.clear();
    this.draw();
  }

  draw() {
    const numbers = Array.from({ length: this.total }, (_, index) => index + 1);
    byId('seats').replaceChildren(...numbers.map((number) => this.#seat(number)));
    byId('available').textContent = this.available;
    byId('total').textContent = this.total;
    byId('sold-out').hidden = this.available > 0;
    byId('chosen').textContent = this.chosen.join(', ');
  }

  #state(number) {
    if (this.#own.has(number)) return 'own';
    if (this.#taken.has(number)) return 'taken';
    if (this.#chosen.has(number)) return 'chosen';
    return this.#held.has(number) ? 'held' : 'free';
  }

  #seat(number) {
    const state = this.#state(number);
    const seat = element('button', { type: 'button', dataset: { seat: number, state } }, String(number));
    seat.disabled = state === 'taken' || state === 'own';
    seat.setAttribute('aria-label', `Seat ${number}, ${NAMES[state]}`);
    seat.addEventListener('click', () => this.#toggle(number));
    return seat;
  }

  #toggle(number) {
    if (!this.#chosen.delete(number)) this.#chosen.add(number);
    this.draw();
    this.choose(this.chosen);
  }
}
