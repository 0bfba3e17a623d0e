-- What searches compare: the text folded by the daemon (store/fold.rs), since lower() knows ASCII alone here and depends on
-- the database's locale in PostgreSQL. NULL until the daemon has folded a row that was written before.
ALTER TABLE events ADD COLUMN name_folded TEXT;
ALTER TABLE organizations ADD COLUMN name_folded TEXT;
ALTER TABLE users ADD COLUMN username_folded TEXT;
ALTER TABLE users ADD COLUMN email_folded TEXT;
CREATE INDEX events_unfolded ON events (id) WHERE name_folded IS NULL;
