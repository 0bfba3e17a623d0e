-- What one booking costs PostgreSQL at the very least: two tables, no seats, no history, no outbox.
CREATE TABLE ys_events(id int PRIMARY KEY, available int NOT NULL CHECK (available >= 0));
CREATE TABLE ys_bookings(id uuid PRIMARY KEY DEFAULT gen_random_uuid(), event_id int NOT NULL REFERENCES ys_events(id), user_id int NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON ys_bookings(event_id);
CREATE INDEX ON ys_bookings(user_id);
INSERT INTO ys_events SELECT i, 2000000000 FROM generate_series(1, 200) i;
