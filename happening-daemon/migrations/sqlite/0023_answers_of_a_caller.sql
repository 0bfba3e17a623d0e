-- The same as for PostgreSQL; the reasons stand there.
ALTER TABLE idempotency_keys ADD COLUMN owner BLOB;
CREATE INDEX idempotency_keys_owner ON idempotency_keys (owner, created_at) WHERE owner IS NOT NULL;
