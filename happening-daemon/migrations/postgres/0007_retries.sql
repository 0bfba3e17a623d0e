-- Notifications that could not be delivered. `failures` counts tries through the channels; a row that is `waiting` is not in
-- the queue but comes due for its next try, whatever happens to the broker meanwhile.
ALTER TABLE outbox
    ADD COLUMN failures integer NOT NULL DEFAULT 0,
    ADD COLUMN waiting boolean NOT NULL DEFAULT false,
    ADD COLUMN last_error text;

-- What is out of the way until somebody looks at it: notifications given up after the last try, and messages of the queue
-- that nobody can deliver. Of a message its first bytes are kept, and how long it was; the same message is one row.
CREATE TABLE parked_messages (
    id uuid PRIMARY KEY,
    notification_id uuid CONSTRAINT parked_messages_notification UNIQUE,
    digest bytea CONSTRAINT parked_messages_digest UNIQUE,
    payload bytea,
    payload_bytes bigint NOT NULL DEFAULT 0,
    reason text NOT NULL,
    times integer NOT NULL,
    parked_at timestamptz NOT NULL,
    CHECK ((notification_id IS NULL) = (digest IS NOT NULL))
);
