-- The same as for PostgreSQL; the reasons stand there.
CREATE TABLE jobs (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    scope BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    requested_by BLOB,
    address TEXT,
    request_id TEXT,
    wish TEXT NOT NULL,
    progress TEXT,
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER,
    cancelling INTEGER NOT NULL DEFAULT 0,
    result TEXT,
    error TEXT,
    leased_by BLOB,
    leased_until DATETIME,
    created_at DATETIME NOT NULL,
    started_at DATETIME,
    finished_at DATETIME
);
CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (kind, scope) WHERE finished_at IS NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
