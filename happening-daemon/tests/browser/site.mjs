// Serves the page on an origin of its own, one that the realm and the daemon allow.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { once } from 'node:events';

/** The ports of the web client, in development and beside it. */
const PORTS = [3000, 3001];

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json' };

const LIBRARIES = {
  '/lib/axios.js': 'axios/dist/esm/axios.js',
  '/lib/keycloak.js': 'keycloak-js/lib/keycloak.js',
  '/lib/socket.io.js': 'socket.io-client/dist/socket.io.esm.min.js',
};

async function content(path, settings) {
  if (path === '/settings.json') return JSON.stringify(settings);
  const library = LIBRARIES[path];
  // The names of the page's own files are plain, so that nothing outside of its folder can be asked for.
  if (!library && !/^\/[a-z-]+\.[a-z]+$/.test(path)) return null;
  const file = library ? `node_modules/${library}` : `page${path}`;
  return readFile(new URL(file, import.meta.url)).catch(() => null);
}

async function listen(server) {
  for (const port of PORTS) {
    server.listen(port, '127.0.0.1');
    const taken = await Promise.race([once(server, 'listening').then(() => null), once(server, 'error')]).catch((error) => error);
    if (!taken) return port;
  }
  throw new Error(`the page's ports are taken: ${PORTS.join(', ')}`);
}

/** Starts it. `settings` is what the page needs to know. Returns its address and how to end it. */
export async function serve(settings) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    const body = await content(path, settings);
    response.writeHead(body === null ? 404 : 200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' });
    response.end(body ?? 'not here');
  });
  const port = await listen(server);
  return { address: `http://localhost:${port}/`, close: () => server.close() };
}
