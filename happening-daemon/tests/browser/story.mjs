// Two people and a small hall: signed in by the real Keycloak, on two windows of a real browser, live. Each step is played
// through the page, checked on both windows and against the API, and photographed.

import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { serve } from './site.mjs';
import { Visitor, eventually } from './visitor.mjs';

const env = (name) => process.env[name] ?? assert.fail(`${name} is not set`);

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run'];
const EVENT = 'Winter Recital';
const STARTS = '2099-12-22T19:30';
const SEATS = 6;
const ROOM = ['event:holds:update', 'event:bookings:update', 'event:seats:freed'];

const api = env('API_URL').replace(/\/$/, '');
const screenshots = env('SCREENSHOTS');
const realm = { url: env('KEYCLOAK_SERVER_URL'), realm: env('KEYCLOAK_REALM') };
// Has an account at Keycloak and has never been here. The password is the username.
const newcomer = { username: env('NEWCOMER'), email: env('NEWCOMER_EMAIL') };

let nora;
let ada;
let event;
let steps = 0;

/** Plays a step, then looks at every open window. */
async function step(title, play) {
  steps += 1;
  console.log(`${String(steps).padStart(2)} ${title}`);
  await play();
  for (const visitor of [nora, ada]) {
    if (!visitor) continue;
    await visitor.hasHeardAll();
    const file = `${String(steps).padStart(2, '0')}-${title.replace(/\W+/g, '-')}-${visitor.name}.png`;
    await visitor.photograph(join(screenshots, file));
    visitor.traffic.check();
  }
}

const bothWillHear = (...changes) => [nora, ada].forEach((visitor) => visitor.willHear(...changes));

async function bothAgree() {
  for (const visitor of [nora, ada]) await visitor.agreesWithTheApi(event);
}

/** At least ten requests of this window were under way within one second. */
function assertTenAtOnce(traffic) {
  const began = traffic.answered.filter(({ path }) => !path.startsWith('/socket.io/')).map((answer) => answer.began).sort();
  const ten = began.some((first, index) => began[index + 9] - first < 1000);
  assert.ok(ten, `ten requests at once, began at ${began}`);
}

async function play(browser, site) {
  const place = { api, site: site.address };

  await step('first sign-in', async () => {
    nora = await Visitor.arrive(browser, 'nora', place);
    await nora.signIn(newcomer.username, newcomer.username);
    await nora.sees('#person', /^new\.comer · org-of-nora \(orgAdmin\)$/);
    assert.deepEqual(nora.traffic.statuses('POST', /^\/users$/), [201], 'signed up once');
    assertTenAtOnce(nora.traffic);
    assert.ok(nora.traffic.preflights.includes('authorization') && nora.traffic.preflights.includes('authorization,content-type'));
    await nora.sees('#events', /somebody has to invite you/);
  });

  await step('page load of somebody known', async () => {
    await nora.reload();
    assert.deepEqual(nora.traffic.statuses('POST', /^\/users$/), [201], 'not signed up again');
    assertTenAtOnce(nora.traffic);
  });

  await step('invite', async () => {
    ada = await Visitor.arrive(browser, 'ada', place);
    await ada.signIn('admin', 'admin');
    await ada.sees('#person', /Demo \(orgAdmin\)/);
    // Nora shares no organization with Ada, so only her whole address finds her.
    await ada.page.getByLabel('Find a person').pressSequentially(newcomer.email);
    await ada.page.locator(`[data-email="${newcomer.email}"]`).getByRole('button').click();
    await ada.isTold(/is invited to Demo/);
    await nora.press('Refresh');
    await nora.sees('#invites', /admin invites you to Demo \(user\)/i);
  });

  await step('invite accepted', async () => {
    await nora.press('Accept');
    await nora.isTold(/Accepted: Demo/);
    await nora.sees('#person', /Demo \(user\)/);
    await nora.sees('#invites', /Nobody has invited you/);
    await nora.sees('#events', /Harbour Lights/);
  });

  await step('event published', async () => {
    await ada.page.getByLabel('Name').fill(EVENT);
    await ada.page.getByLabel('Starts').fill(STARTS);
    await ada.page.locator('#publish [name="total_slots"]').fill(String(SEATS));
    await ada.press('Publish');
    await ada.isTold(/is published/);
    await nora.press('Refresh');
    await nora.sees('#events', new RegExp(`${EVENT}[^]*22 Dec 2099, 19:30[^]*${SEATS} of ${SEATS} free`));
    const published = (await nora.ask('/events')).find(({ name }) => name === EVENT);
    assert.equal(new Date(published.event_date).toISOString(), `${STARTS}:00.000Z`, 'the wall time, in UTC');
    event = published.id;
  });

  await step('seat map', async () => {
    await nora.open(EVENT);
    await ada.open(EVENT);
    await nora.seesSeats('free', 1, 2, 3, 4, 5, 6);
    await bothAgree();
    assert.ok(await ada.button('Delete event').isVisible(), 'an orgAdmin governs');
    assert.ok(!(await nora.button('Delete event').isVisible()), 'a user does not');
  });

  await step('hold seen in the other window', async () => {
    await nora.pick(2, 3);
    await ada.seesSeats('held', 2, 3);
    await nora.seesSeats('chosen', 2, 3);
    await ada.pick(4);
    await nora.seesSeats('held', 4);
    await ada.pick(3);
    await ada.isTold(/Somebody else is picking seat 3/);
    await ada.seesSeats('held', 3);
    const [{ payload }] = (await ada.heard('event:holds:response')).slice(-1);
    assert.deepEqual(payload, { eventId: event, requestedSeats: [3, 4], allowedSeats: [4], conflicts: [3] });
    await ada.pick(4);
    await nora.seesSeats('free', 4);
  });

  await step('hold lives by its heartbeats', async () => {
    const before = (await nora.heard('event:holds:update')).length;
    // Longer than a hold lives by itself. A heartbeat is answered to its sender; the room hears of changes alone.
    await eventually(async () => assert.ok((await nora.heard('event:holds:update')).length >= before + 6, 'six heartbeats'));
    await ada.seesSeats('held', 2, 3);
    const [{ payload }] = (await nora.heard('event:holds:update')).slice(-1);
    assert.deepEqual(payload, { eventId: event, heldSeats: [2, 3] }, "the receiver's own are listed");
  });

  await step('booked', async () => {
    bothWillHear(['booked', [2, 3]]);
    await nora.press('Book chosen seats');
    await nora.isTold(/^Yours: seats 2, 3/);
    await nora.seesSeats('own', 2, 3);
    await ada.seesSeats('taken', 2, 3);
    await bothAgree();
  });

  await step('conflict', async () => {
    await ada.toggleLive();
    await ada.pick(1);
    nora.willHear(['booked', [1]]);
    await nora.pick(1);
    await nora.press('Book chosen seats');
    await nora.isTold(/^Yours: seat 1/);
    ada.traffic.expect(/status of 409 .*\/bookings$/);
    await ada.press('Book chosen seats');
    await ada.isTold(/^Taken already: seat 1/);
    await ada.seesSeats('taken', 1, 2, 3);
    const before = (await ada.heard('event:holds:update')).length;
    await ada.toggleLive();
    await ada.isAnsweredAfter(before);
    await bothAgree();
  });

  await step('sold out', async () => {
    bothWillHear(['booked', [4, 5, 6]]);
    const before = await Promise.all([nora, ada].map((visitor) => visitor.heard(...ROOM)));
    await ada.bookAny(3);
    await ada.isTold(/^Yours: seats 4, 5, 6/);
    await nora.sees('#availability', /^0 of 6 seats free\s+Sold out$/);
    await bothAgree();
    // Nobody holds anything now: what comes before the booking comes of it.
    for (const [index, visitor] of [nora, ada].entries()) {
      const names = (await visitor.heard(...ROOM)).slice(before[index].length).map(({ name }) => name);
      assert.deepEqual(names.slice(0, 2), ['event:holds:update', 'event:bookings:update'], `what ${visitor.name}'s window heard`);
    }
  });

  await step('waiting', async () => {
    await nora.bookAny(2);
    await nora.isTold(/^Sold out: you wait/);
    await nora.sees('#waiting', /^Place 1 in line for 2 of 5 seats/);
    await bothAgree();
  });

  await step('cancelled and promoted', async () => {
    bothWillHear(['freed', [4, 5, 6]], ['booked', [4, 5]]);
    await ada.press('Cancel all for this event');
    await ada.isTold(/^Bookings cancelled: 1/);
    await nora.seesSeats('taken', 4, 5);
    await bothAgree();
    // Her own place in line is polled.
    await nora.seesSeats('own', 1, 2, 3, 4, 5);
    await nora.isTold(/^Seats came free for you/);
  });

  await step('cancelled a second time', async () => {
    await ada.press('Cancel all for this event');
    await eventually(() => assert.deepEqual(ada.traffic.statuses('POST', /\/cancel$/), [200, 200]));
    await bothAgree();
  });

  await step('capacity up', async () => {
    bothWillHear(['booked', [6]]);
    await ada.bookAny(1);
    await ada.isTold(/^Yours: seat 6/);
    await nora.bookAny(2);
    await nora.isTold(/^Sold out: you wait/);
    bothWillHear(['freed', [7, 8, 9]], ['booked', [7, 8]]);
    await ada.page.getByLabel('Capacity').fill('9');
    await ada.press('Change capacity');
    await ada.isTold(/^There are 9 seats now/);
    await nora.sees('#availability', /^1 of 9 seats free/);
    await bothAgree();
    await nora.seesSeats('own', 7, 8);
  });

  await step('closed window frees its holds', async () => {
    const second = await ada.secondWindow();
    await second.isAnsweredAfter(0);
    assert.ok(second.traffic.posted.some((body) => body.includes('event:join')), 'joined by polling, before the upgrade');
    await second.pick(9);
    await nora.seesSeats('held', 9);
    await ada.seesSeats('held', 9);
    second.traffic.check();
    await second.page.close();
    await nora.seesSeats('free', 9);
    await bothAgree();
  });

  await step('everything cancelled in parallel', async () => {
    const before = nora.traffic.statuses('POST', /\/cancel$/).length;
    const { path } = nora.traffic.answered.find((answer) => answer.path.startsWith('/bookings/user/'));
    const bookings = (await nora.ask(path)).filter((booking) => booking.event_id === event);
    const confirmed = bookings.filter((booking) => booking.status === 'confirmed');
    const heard = (await nora.heard('event:seats:freed')).length;
    await nora.press('Cancel all for this event');
    await nora.isTold(new RegExp(`^Bookings cancelled: ${bookings.length}`));
    assert.deepEqual(nora.traffic.statuses('POST', /\/cancel$/).slice(before), bookings.map(() => 200));
    await eventually(async () => assert.equal((await nora.heard('event:seats:freed')).length, heard + confirmed.length, 'one message a booking'));
    // In whichever order they were committed.
    const freed = (await nora.heard('event:seats:freed')).slice(heard).map(({ payload }) => ['freed', payload.freedSeats]);
    assert.deepEqual(freed.flatMap(([, seats]) => seats).sort(), [1, 2, 3, 4, 5, 7, 8]);
    bothWillHear(...freed);
    await bothAgree();
  });

  await step('deleted', async () => {
    bothWillHear(['booked', [1, 2, 3, 4, 5, 7, 8, 9]]);
    await ada.bookAny(8);
    await ada.isTold(/^Yours: seats/);
    await nora.bookAny(1);
    await nora.sees('#waiting', /^Place 1 in line/);
    await bothAgree();
    const polls = nora.traffic.statuses('GET', /\/waiting-position$/).length;
    await ada.press('Delete event');
    await ada.isTold(/is deleted/);
    await eventually(() => assert.ok(nora.traffic.statuses('GET', /\/waiting-position$/).length > polls, 'asked for her place again'));
    assert.ok(nora.traffic.statuses('GET', /\/waiting-position$/).every((status) => status === 200));
    await nora.press('Refresh');
    for (const visitor of [nora, ada]) {
      await eventually(async () => assert.doesNotMatch(await visitor.page.locator('#events').innerText(), new RegExp(EVENT)));
    }
  });
}

await rm(screenshots, { recursive: true, force: true });
await mkdir(screenshots, { recursive: true });
const site = await serve({ api, keycloak: { ...realm, clientId: 'happening-client' } });
const browser = await chromium.launch({ executablePath: env('CHROMIUM'), args: FLAGS });
try {
  await play(browser, site);
} catch (failure) {
  for (const visitor of [nora, ada]) await visitor?.photograph(join(screenshots, `failed-${visitor.name}.png`)).catch(() => {});
  throw failure;
} finally {
  await browser.close();
  site.close();
}
