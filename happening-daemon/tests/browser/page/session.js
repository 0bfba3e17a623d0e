// Who sits at this window: signed in on Keycloak's own pages (code flow with PKCE), and the way to the API with their
// token on every request.

import axios from 'axios';
import Keycloak from 'keycloak-js';

/** A token with less life left is renewed before it is sent, in seconds. */
const LIFE_LEFT = 30;

/** Signs in, by way of Keycloak's pages if need be. Returns the token's claims and an axios that carries the token. */
export async function signIn({ api, keycloak: settings }) {
  const keycloak = new Keycloak(settings);
  await keycloak.init({ onLoad: 'login-required', pkceMethod: 'S256', checkLoginIframe: false });
  const http = axios.create({ baseURL: api });
  http.interceptors.request.use(async (request) => {
    await keycloak.updateToken(LIFE_LEFT);
    request.headers.set('Authorization', `Bearer ${keycloak.token}`);
    return request;
  });
  return { claims: keycloak.tokenParsed, http };
}
