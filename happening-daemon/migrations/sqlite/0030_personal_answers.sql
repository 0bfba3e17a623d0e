-- Kept answers that may speak of people: those of requests that were reserved before they ran. What the booking engine
-- writes has ids alone. They are few, and are looked through when a person is erased. Of those from before nobody knows.
ALTER TABLE idempotency_keys ADD COLUMN is_personal INTEGER NOT NULL DEFAULT 0;
UPDATE idempotency_keys SET is_personal = 1;
CREATE INDEX idempotency_keys_personal ON idempotency_keys (created_at) WHERE is_personal;
