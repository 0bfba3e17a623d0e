-- Long work. The rows are few; each is deleted a day after its work has ended.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    -- No CHECK: a daemon of a newer version may bring another kind. Daemons take only what they know.
    kind text NOT NULL,
    -- The organization that it is about; the nil id where there is one at a time of its kind.
    scope uuid NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    requested_by uuid,
    -- For the audit lines of what it does; absent once it has ended.
    address text,
    request_id text,
    -- What was asked for, and where it is, as JSON; empty and absent once it has ended.
    wish text NOT NULL,
    progress text,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    cancelling boolean NOT NULL DEFAULT false,
    result text,
    error text,
    -- The daemon that works at it, and until when no other one takes it.
    leased_by uuid,
    leased_until timestamptz,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);
CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (kind, scope) WHERE finished_at IS NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
