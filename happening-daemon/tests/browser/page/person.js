// The person at the API: known, or brought in at the first sign-in.

async function find({ claims, http }) {
  const { data } = await http.get('/users', { params: { keycloak_id: claims.sub } });
  return data[0];
}

/** The caller's user with their organizations; signs them up if they are not known yet. */
export async function meet(session) {
  const known = await find(session);
  if (known) return known;
  const { sub, email, given_name, family_name } = session.claims;
  await session.http.post('/users', { keycloak_id: sub, email, first_name: given_name, last_name: family_name });
  return find(session);
}

/** Whether a membership has one of these roles, in any case. */
const hasRole = (membership, roles) => roles.includes(membership.role.toLowerCase());

/** The first organization that this person may publish for. */
export function publishesFor(person) {
  return person.organizations.find((membership) => hasRole(membership, ['orgadmin', 'organizer']));
}

/** Whether they govern an organization and so invite and change its events. */
export function governs(person, organization) {
  return person.organizations.some(
    (membership) => membership.organization_id === organization && hasRole(membership, ['orgadmin']),
  );
}
