// The little that the page needs to draw. Text is always set as text: names and messages are written by people.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element with properties, `data-` attributes under `dataset`, and children. */
export function element(tag, { dataset = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

/** Fills a list; says so when there is nothing. */
export function fill(list, items, nothing) {
  list.replaceChildren(...(items.length > 0 ? items : [element('li', {}, element('small', {}, nothing))]));
}

/** Tells the person how something ended. `kind` is `done` or `problem`. */
export function tell(kind, text) {
  const notice = byId('notice');
  notice.dataset.kind = kind;
  notice.textContent = text;
}

/** `seat 1`, or `seats 2, 3`. */
export const seatsInWords = (seats) => `${seats.length === 1 ? 'seat' : 'seats'} ${seats.join(', ')}`;

/** What a form's fields say. */
export const fields = (form) => Object.fromEntries(new FormData(form));
