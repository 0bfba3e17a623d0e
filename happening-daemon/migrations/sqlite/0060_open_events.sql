-- The same as for PostgreSQL; the reasons stand there.
CREATE INDEX events_open_of_organization ON events (org_id) WHERE deleted_at IS NULL AND status IN ('upcoming', 'ongoing');
