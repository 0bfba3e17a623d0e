-- Whose answers these are (the SHA-256 of issuer and sub): how many are kept is bounded for each caller. Rows from before
-- have no owner and go after a day.
ALTER TABLE idempotency_keys ADD COLUMN owner bytea;
CREATE INDEX idempotency_keys_owner ON idempotency_keys (owner, created_at) WHERE owner IS NOT NULL;
