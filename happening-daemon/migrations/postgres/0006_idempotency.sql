-- Answers to requests that may be sent again. `key` is the SHA-256 of who asked (issuer and sub), method, path and their
-- Idempotency-Key; `request` that of query and body. The answer to a booking is written in the booking's own commit; any
-- other request is `running_until` a time first, and whoever finds that time passed may run it anew.
CREATE TABLE idempotency_keys (
    key bytea CONSTRAINT idempotency_keys_pkey PRIMARY KEY,
    request bytea NOT NULL,
    running_until timestamptz,
    status integer,
    headers text NOT NULL DEFAULT '{}',
    body text,
    created_at timestamptz NOT NULL,
    CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotency_keys_created ON idempotency_keys USING brin (created_at);
