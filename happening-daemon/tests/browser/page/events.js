// Events: the list, and what organizers do with them.

import { byId, element, fill } from './dom.js';

/** A moment as the person's own clock shows it. */
export const when = (moment) => new Date(moment).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** The list; `open` is called with the event that is picked. */
export function draw(events, current, open) {
  const line = (event) => {
    const button = element('button', { type: 'button', dataset: { event: event.id }, onclick: () => open(event) },
      event.name,
      element('small', {}, when(event.event_date)),
      element('small', {}, `${event.available_slots} of ${event.total_slots} free · by ${event.organizer_username}`));
    button.setAttribute('aria-current', String(event.id === current));
    return element('li', {}, button);
  };
  fill(byId('events'), events.map(line), 'No events yet: somebody has to invite you.');
}

/** The date goes out as the person typed it: `2026-12-22T19:30`. */
export function publish({ http }, person, organization, { name, event_date, total_slots }) {
  const event = { org_id: organization, created_by: person.id, name, event_date, total_slots: Number(total_slots) };
  return http.post('/events', event);
}

export function changeCapacity({ http }, person, event, total) {
  return http.put(`/events/${event}`, { user_id: person.id, total_slots: total });
}

export function remove({ http }, person, event) {
  return http.delete(`/events/${event}`, { params: { user_id: person.id } });
}
