-- The same as for PostgreSQL; the reasons stand there.
CREATE INDEX organizations_by_owner ON organizations (owner_id) WHERE deleted_at IS NULL;
