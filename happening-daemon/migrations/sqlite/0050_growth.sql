-- What a list, a search or the reconciler reads does not grow with what is over.

CREATE INDEX events_by_date ON events (event_date DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX events_by_status ON events (status, event_date DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX events_open ON events (id) WHERE deleted_at IS NULL AND status IN ('upcoming', 'ongoing');
CREATE INDEX events_by_organizer ON events (created_by, event_date DESC, id DESC);
CREATE INDEX users_by_username ON users (username);
CREATE INDEX organizations_by_age ON organizations (created_at, id) WHERE deleted_at IS NULL;

-- Searches: the folded texts of events, organizations and people (username and address, with a unit separator in between,
-- which no text has), and their trigrams. The table in between has keys that VACUUM leaves as they are.
CREATE TABLE searchable (
    key INTEGER PRIMARY KEY,
    owner BLOB NOT NULL UNIQUE,
    text TEXT NOT NULL
);
CREATE VIRTUAL TABLE searchable_trigrams USING fts5 (
    text, content = 'searchable', content_rowid = 'key', tokenize = 'trigram case_sensitive 1'
);

CREATE TRIGGER searchable_insert AFTER INSERT ON searchable BEGIN
    INSERT INTO searchable_trigrams (rowid, text) VALUES (new.key, new.text);
END;
CREATE TRIGGER searchable_update AFTER UPDATE OF text ON searchable BEGIN
    INSERT INTO searchable_trigrams (searchable_trigrams, rowid, text) VALUES ('delete', old.key, old.text);
    INSERT INTO searchable_trigrams (rowid, text) VALUES (new.key, new.text);
END;

CREATE TRIGGER events_searchable_insert AFTER INSERT ON events BEGIN
    INSERT INTO searchable (owner, text) VALUES (new.id, COALESCE(new.name_folded, ''));
END;
CREATE TRIGGER events_searchable_update AFTER UPDATE OF name_folded ON events
WHEN new.name_folded IS NOT old.name_folded BEGIN
    INSERT INTO searchable (owner, text) VALUES (new.id, COALESCE(new.name_folded, ''))
        ON CONFLICT (owner) DO UPDATE SET text = excluded.text;
END;

CREATE TRIGGER organizations_searchable_insert AFTER INSERT ON organizations BEGIN
    INSERT INTO searchable (owner, text) VALUES (new.id, COALESCE(new.name_folded, ''));
END;
CREATE TRIGGER organizations_searchable_update AFTER UPDATE OF name_folded ON organizations
WHEN new.name_folded IS NOT old.name_folded BEGIN
    INSERT INTO searchable (owner, text) VALUES (new.id, COALESCE(new.name_folded, ''))
        ON CONFLICT (owner) DO UPDATE SET text = excluded.text;
END;

CREATE TRIGGER users_searchable_insert AFTER INSERT ON users BEGIN
    INSERT INTO searchable (owner, text)
        VALUES (new.id, COALESCE(new.username_folded, '') || char(31) || COALESCE(new.email_folded, ''));
END;
CREATE TRIGGER users_searchable_update AFTER UPDATE OF username_folded, email_folded ON users
WHEN new.username_folded IS NOT old.username_folded
    OR new.email_folded IS NOT old.email_folded BEGIN
    INSERT INTO searchable (owner, text)
        VALUES (new.id, COALESCE(new.username_folded, '') || char(31) || COALESCE(new.email_folded, ''))
        ON CONFLICT (owner) DO UPDATE SET text = excluded.text;
END;

INSERT INTO searchable (owner, text) SELECT id, COALESCE(name_folded, '') FROM events;
INSERT INTO searchable (owner, text) SELECT id, COALESCE(name_folded, '') FROM organizations;
INSERT INTO searchable (owner, text)
    SELECT id, COALESCE(username_folded, '') || char(31) || COALESCE(email_folded, '') FROM users;
