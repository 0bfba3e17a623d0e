// The live side of one event: a socket without credentials, this window's holds, and what the room is told.

import { io } from 'socket.io-client';

/** How often a hold is extended, in milliseconds. */
const HEARTBEAT = 2000;

export class Live {
  #socket;
  #event = null;
  #holds = [];

  /** `told` has a function for each thing that the room can hear: `holds`, `refused`, `booked`, `freed`, `joined`. */
  constructor(api, told) {
    this.#socket = io(api);
    // For whoever looks over the window's shoulder: everything that came, in order.
    this.heard = [];
    this.#socket.onAny((name, payload) => this.heard.push({ name, payload }));
    const ours = (act) => (payload) => payload.eventId === this.#event && act(payload);
    this.#socket.on('event:holds:update', ours(({ heldSeats }) => told.holds(heldSeats)));
    this.#socket.on('event:holds:response', ours(({ conflicts }) => told.refused(conflicts)));
    this.#socket.on('event:bookings:update', ours(({ bookedSeats }) => told.booked(bookedSeats)));
    this.#socket.on('event:seats:freed', ours(({ freedSeats }) => told.freed(freedSeats)));
    this.#socket.io.on('reconnect', () => told.joined());
    this.#socket.on('connect', () => this.#join());
    setInterval(() => this.#beat(), HEARTBEAT);
  }

  /** Watches this event and no other. */
  watch(event) {
    if (event === this.#event) return;
    if (this.#event) {
      this.hold([]);
      this.#socket.emit('event:leave', { eventId: this.#event });
    }
    this.#event = event;
    if (this.#socket.connected) this.#join();
  }

  /** This window's holds become these, less what others hold. */
  hold(seats) {
    this.#holds = seats;
    if (!this.#socket.connected) return;
    if (seats.length > 0) this.#socket.emit('event:holds:set', { eventId: this.#event, seats });
    else this.#socket.emit('event:holds:clear', { eventId: this.#event });
  }

  get connected() {
    return this.#socket.connected;
  }

  connect() {
    this.#socket.connect();
  }

  /** The window goes on without news; its holds are given up. */
  disconnect() {
    this.#socket.disconnect();
  }

  #join() {
    if (!this.#event) return;
    this.#socket.emit('event:join', { eventId: this.#event });
    this.#socket.emit('event:holds:sync', { eventId: this.#event });
    if (this.#holds.length > 0) this.hold(this.#holds);
  }

  #beat() {
    if (this.#socket.connected && this.#holds.length > 0) {
      this.#socket.emit('event:holds:heartbeat', { eventId: this.#event });
    }
  }
}
