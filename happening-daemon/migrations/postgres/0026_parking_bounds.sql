-- When a row was released because the queue may have lost its message. A relay that notes later that it had published the
-- row before that does not put it off.
ALTER TABLE outbox ADD COLUMN released_at timestamptz;

-- Parked messages are bounded by class, so that whoever may write to the queue cannot fill the database: beyond the bound
-- the oldest of the class are deleted and counted.
ALTER TABLE parked_messages ADD COLUMN class text;
UPDATE parked_messages SET class = 'not_a_notification' WHERE digest IS NOT NULL;
CREATE INDEX parked_messages_class ON parked_messages (class, parked_at, id) WHERE class IS NOT NULL;

CREATE TABLE parked_evictions (
    class text PRIMARY KEY,
    messages bigint NOT NULL,
    last_at timestamptz NOT NULL
);
