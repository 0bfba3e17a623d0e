-- The same as for PostgreSQL; the reasons stand there.
CREATE TABLE announcements (
    event_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    message TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    notified INTEGER NOT NULL DEFAULT 0,
    after_user BLOB NOT NULL DEFAULT x'00000000000000000000000000000000',
    PRIMARY KEY (event_id, version)
);
