-- A quota counts the invites of an organization that can be accepted.
CREATE INDEX organization_invites_open ON organization_invites (organization_id, expires_at) WHERE status = 'pending';
