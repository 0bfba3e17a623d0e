-- The same as for PostgreSQL; the reasons stand there.
ALTER TABLE outbox ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN waiting BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE outbox ADD COLUMN last_error TEXT;

CREATE TABLE parked_messages (
    id BLOB PRIMARY KEY,
    notification_id BLOB UNIQUE,
    digest BLOB UNIQUE,
    payload BLOB,
    payload_bytes INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL,
    parked_at DATETIME NOT NULL,
    CHECK ((notification_id IS NULL) = (digest IS NOT NULL))
);
