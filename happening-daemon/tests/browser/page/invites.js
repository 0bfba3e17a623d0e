// Invites: answering one's own, and inviting somebody.

import { byId, element, fill, tell } from './dom.js';

/** Letters before the dialog searches. */
const LETTERS = 2;

/** The invites that wait for this person's answer; `answered` is called after each answer. */
export function drawPending({ http }, invites, answered) {
  const answer = (invite, word, label) => element('button', {
    type: 'button',
    onclick: async () => {
      await http.post(`/org-invites/${word}/${invite.id}`);
      tell('done', `${label}ed: ${invite.organization_name}.`);
      await answered();
    },
  }, label);
  const line = (invite) => element('li', { dataset: { invite: invite.id } },
    `${invite.invited_by_username} invites you to ${invite.organization_name} (${invite.role}). `,
    answer(invite, 'accept', 'Accept'), ' ', answer(invite, 'reject', 'Reject'));
  fill(byId('invites'), invites.map(line), 'Nobody has invited you.');
}

/** The dialog by which an orgAdmin finds a person and invites them to the organization. */
export function dialog({ claims, http }, organization) {
  const form = byId('invite');
  const send = async (user) => {
    const invite = { email: user.email, role: form.elements.role.value, invited_by: claims.sub, organization_id: organization };
    try {
      const { data } = await http.post('/org-invites/send', invite);
      tell('done', `${user.username} is invited to ${data.organizationName}.`);
    } catch (failure) {
      tell('problem', failure.response.data.error);
    }
  };
  form.elements.search.addEventListener('input', async ({ target }) => {
    const search = target.value;
    const found = search.length < LETTERS ? [] : (await http.get('/users', { params: { search } })).data;
    if (target.value !== search) return; // A later keystroke's answer counts.
    const line = (user) => element('li', { dataset: { email: user.email } }, `${user.username} `,
      element('small', {}, user.email), ' ', element('button', { type: 'button', onclick: () => send(user) }, 'Invite'));
    fill(byId('found'), found.map(line), 'Nobody found.');
  });
  form.addEventListener('submit', (submit) => submit.preventDefault());
  form.hidden = false;
}
