-- What a person's export lists: invites that they answered, and those to their account or address, answered or not. The last
-- two also serve what the indexes of pending invites served.
CREATE INDEX organization_invites_answered_by ON organization_invites (answered_by) WHERE answered_by IS NOT NULL;
CREATE INDEX organization_invites_to_user ON organization_invites (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX organization_invites_to_email ON organization_invites (email);
DROP INDEX organization_invites_user;
DROP INDEX organization_invites_email;
