-- Kept answers that may speak of people: those of requests that were reserved before they ran. What the booking engine
-- writes has ids alone. They are few, and are looked through when a person is erased. Of those from before nobody knows.
ALTER TABLE idempotency_keys ADD COLUMN is_personal boolean NOT NULL DEFAULT true;
ALTER TABLE idempotency_keys ALTER COLUMN is_personal SET DEFAULT false;
CREATE INDEX idempotency_keys_personal ON idempotency_keys (created_at) WHERE is_personal;
