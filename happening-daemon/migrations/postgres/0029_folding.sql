-- What searches compare: the text folded by the daemon (store/fold.rs), since lower() depends on the database's locale here
-- and knows ASCII alone in SQLite. NULL until the daemon has folded a row that was written before.
ALTER TABLE events ADD COLUMN name_folded text COLLATE "C";
ALTER TABLE organizations ADD COLUMN name_folded text COLLATE "C";
ALTER TABLE users ADD COLUMN username_folded text COLLATE "C", ADD COLUMN email_folded text COLLATE "C";
CREATE INDEX events_unfolded ON events (id) WHERE name_folded IS NULL;

-- Usernames and addresses are compared and ordered by bytes, and lower() of them folds ASCII letters alone: as in SQLite, and
-- so that no letter beyond ASCII, such as the Kelvin sign, is taken for another.
ALTER TABLE users ALTER COLUMN username TYPE text COLLATE "C", ALTER COLUMN email TYPE text COLLATE "C";
ALTER TABLE organization_invites ALTER COLUMN email TYPE text COLLATE "C";
