// What goes over the wire between a window and the daemon, and whether it is what the web client's would be.

import assert from 'node:assert/strict';

/** What a preflight may ask for. */
const PREFLIGHTS = ['authorization', 'authorization,content-type'];

export class Traffic {
  /** Every request to the API that was answered, in order: method, path without the address, status, and when it began. */
  answered = [];
  /** What came by polling: the bodies that the socket posted. */
  posted = [];
  /** What preflights asked for. */
  preflights = [];
  /** The last token that was sent. */
  authorization = null;
  #problems = [];
  #expected = [];

  /** Watches a window from now on. */
  static async of(page, api) {
    const traffic = new Traffic();
    page.on('console', (message) => message.type() === 'error' && traffic.#trouble(`${message.text()} ${message.location().url}`));
    page.on('pageerror', (error) => traffic.#trouble(error.stack ?? String(error)));
    page.on('requestfailed', (request) => traffic.#fail(request, api));
    page.on('request', (request) => request.url().startsWith(api) && traffic.#look(request, api));
    page.on('response', (response) => traffic.#note(response, api));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    devtools.on('Network.requestWillBeSent', ({ initiator, request }) => {
      const asked = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'access-control-request-headers');
      if (initiator.type === 'preflight') traffic.preflights.push(asked?.[1] ?? `nothing, ${request.url}`);
    });
    return traffic;
  }

  /** One error of the console that matches this is to come, or has just come. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  /** Nothing went wrong that was not expected, and everything that was expected did. */
  check() {
    const unexpected = this.#problems.filter((problem) => {
      const index = this.#expected.findIndex((pattern) => pattern.test(problem));
      if (index >= 0) this.#expected.splice(index, 1);
      return index < 0;
    });
    this.#problems = [];
    assert.deepEqual(unexpected, [], 'no console errors and no failed requests');
    assert.deepEqual(this.#expected, [], 'what was expected to go wrong');
    for (const asked of this.preflights) assert.ok(PREFLIGHTS.includes(asked), `a preflight asks for ${asked}`);
  }

  /** How often this was answered, with which statuses. `path` is a pattern. */
  statuses(method, path) {
    return this.answered.filter((answer) => answer.method === method && path.test(answer.path)).map((answer) => answer.status);
  }

  #fail(request, api) {
    const { errorText } = request.failure();
    // A window that leaves, or goes on by WebSocket, gives its open poll up.
    const isGivenUp = errorText === 'net::ERR_ABORTED' && request.url().startsWith(`${api}/socket.io/`);
    if (!isGivenUp) this.#trouble(`${request.method()} ${request.url()}: ${errorText}`);
  }

  #trouble(text) {
    this.#problems.push(text);
  }

  #look(request, api) {
    const headers = request.headers();
    const place = `${request.method()} ${request.url()}`;
    if (headers.cookie) this.#trouble(`${place}: carries a cookie`);
    if (request.url().startsWith(`${api}/socket.io/`)) {
      if (headers.authorization) this.#trouble(`${place}: a socket carries no identity`);
      if (request.method() === 'POST') this.posted.push(request.postData());
      return;
    }
    if (!headers.authorization?.startsWith('Bearer ')) this.#trouble(`${place}: without a token`);
    if (request.postData() === null && headers['content-type']) this.#trouble(`${place}: a content type without content`);
    this.authorization = headers.authorization;
  }

  #note(response, api) {
    const request = response.request();
    if (!request.url().startsWith(api)) return;
    const path = request.url().slice(api.length);
    this.answered.push({ method: request.method(), path, status: response.status(), began: request.timing().startTime });
  }
}
