// What the page shows of a person's world, asked for at each load and each refresh: ten requests at once, as the parts of
// the web client ask, each for itself and some for the same.

/** Everything at once. */
export async function load({ claims, http }, person) {
  const get = async (path, params) => (await http.get(path, { params })).data;
  const own = person.organizations[0].organization_id;
  const [[user], organizations, , , events, , bookings, notifications, invites] = await Promise.all([
    get('/users', { keycloak_id: claims.sub }),
    get(`/organizations/user/${person.id}`),
    get(`/organizations/${own}`),
    get(`/organizations/${own}/members`),
    get('/events'),
    get('/events'),
    get(`/bookings/user/${person.id}`),
    get(`/notifications/user/${person.id}`),
    get(`/org-invites/pending/${person.id}`),
    get(`/organizations/user/${person.id}`),
  ]);
  return { person: user, organizations, events, bookings, notifications, invites };
}
