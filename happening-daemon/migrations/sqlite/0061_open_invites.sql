-- The same as for PostgreSQL; the reasons stand there.
CREATE INDEX organization_invites_open ON organization_invites (organization_id, expires_at) WHERE status = 'pending';
