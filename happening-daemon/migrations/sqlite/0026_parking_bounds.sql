-- The same as for PostgreSQL; the reasons stand there.
ALTER TABLE outbox ADD COLUMN released_at DATETIME;

ALTER TABLE parked_messages ADD COLUMN class TEXT;
UPDATE parked_messages SET class = 'not_a_notification' WHERE digest IS NOT NULL;
CREATE INDEX parked_messages_class ON parked_messages (class, parked_at, id) WHERE class IS NOT NULL;

CREATE TABLE parked_evictions (
    class TEXT PRIMARY KEY,
    messages INTEGER NOT NULL,
    last_at DATETIME NOT NULL
);
