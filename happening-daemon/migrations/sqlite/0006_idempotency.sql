-- The same as for PostgreSQL; the reasons stand there.
CREATE TABLE idempotency_keys (
    key BLOB PRIMARY KEY,
    request BLOB NOT NULL,
    running_until DATETIME,
    status INTEGER,
    headers TEXT NOT NULL DEFAULT '{}',
    body TEXT,
    created_at DATETIME NOT NULL,
    CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
