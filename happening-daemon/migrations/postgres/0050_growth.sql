-- What a list, a search or the reconciler reads does not grow with what is over. None of these columns changes with a
-- booking, so the commits of bookings still update event rows in place (HOT).

-- Lists: of everything, of a status, of an organizer. Those of an organization have `events_org`.
CREATE INDEX events_by_date ON events (event_date DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX events_by_status ON events (status, event_date DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX events_open ON events (id) WHERE deleted_at IS NULL AND status IN ('upcoming', 'ongoing');
CREATE INDEX events_by_organizer ON events (created_by, event_date DESC, id DESC);

-- Searches: texts that contain what is looked for, by their trigrams.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX events_name_trigrams ON events USING gin (name_folded gin_trgm_ops) WHERE deleted_at IS NULL;
CREATE INDEX organizations_name_trigrams ON organizations USING gin (name_folded gin_trgm_ops) WHERE deleted_at IS NULL;
CREATE INDEX users_username_trigrams ON users USING gin (username_folded gin_trgm_ops);
CREATE INDEX users_email_trigrams ON users USING gin (email_folded gin_trgm_ops);
CREATE INDEX users_by_username ON users (username);
CREATE INDEX organizations_by_age ON organizations (created_at, id) WHERE deleted_at IS NULL;
