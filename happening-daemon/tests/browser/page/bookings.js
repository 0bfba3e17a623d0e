// Booking, cancelling, and the place in line.

import { byId, element, fill, seatsInWords, tell } from './dom.js';

/** How often somebody who waits asks for their place, in milliseconds. */
const POLL = 10_000;

/** Books `seats` seats, these ones or, if none are named, any. Returns whether it worked. */
export async function book({ http }, person, event, seats, named) {
  try {
    const body = { event_id: event, user_id: person.id, seats, seat_numbers: named };
    const { data } = await http.post('/bookings', body);
    tell('done', data.status === 'confirmed'
      ? `Yours: ${seatsInWords(data.assigned_seats)}.`
      : `Sold out: you wait, with number ${data.waiting_number}.`);
    return true;
  } catch (failure) {
    const { error, unavailable } = failure.response.data;
    tell('problem', error === 'seats_conflict' ? `Taken already: ${seatsInWords(unavailable)}.` : error);
    return false;
  }
}

/** Every booking of the event at once, those that are cancelled already included. */
export function cancelAll({ http }, bookings) {
  return Promise.all(bookings.map((booking) => http.post(`/bookings/${booking.booking_id}/cancel`)));
}

/** The numbers of the seats that these bookings hold. */
export async function seatsOf({ http }, bookings) {
  const confirmed = bookings.filter((booking) => booking.status === 'confirmed');
  const answers = await Promise.all(confirmed.map((booking) => http.get(`/bookings/${booking.booking_id}/seats`)));
  return answers.flatMap(({ data }) => data).filter((seat) => seat.status === 'booked').map((seat) => seat.seat_no);
}

/** Asks for the places of the bookings that wait, now and then every ten seconds, and calls `left`
 * when one no longer waits, with whether it was served. */
export class Line {
  #bookings = [];

  constructor(session, left) {
    this.session = session;
    this.left = left;
    setInterval(() => this.#ask(), POLL);
  }

  /** Waits for these. */
  async watch(bookings) {
    this.#bookings = bookings.filter((booking) => booking.status === 'waiting');
    await this.#ask();
  }

  async #ask() {
    const path = (booking) => `/bookings/${booking.booking_id}/waiting-position`;
    const asked = this.#bookings.map((booking) => this.session.http.get(path(booking)));
    const places = (await Promise.all(asked)).map(({ data }) => data);
    const waiting = places.filter((place) => place.status === 'waiting');
    byId('waiting').hidden = waiting.length === 0;
    byId('waiting').textContent = waiting
      .map((place) => `Place ${place.position} in line for ${place.pendingSeats} of ${place.requestedSeats} seats.`)
      .join(' ');
    if (waiting.length < places.length) this.left(places.some((place) => place.status === 'confirmed'));
  }
}

/** The person's bookings, newest first. */
export function draw(bookings) {
  const line = (booking) => element('li', { dataset: { booking: booking.booking_id, status: booking.status } },
    booking.event_name, element('small', {}, `${booking.seats === 1 ? '1 seat' : `${booking.seats} seats`}, ${booking.status}`));
  fill(byId('bookings'), bookings.map(line), 'None yet.');
}
