-- The same as for PostgreSQL; the reasons stand there.

ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service'));
ALTER TABLE users ADD COLUMN issuer_state TEXT NOT NULL DEFAULT 'active'
    CHECK (issuer_state IN ('active', 'disabled', 'deleted'));
ALTER TABLE users ADD COLUMN profile_at DATETIME;
ALTER TABLE users ADD COLUMN erased_at DATETIME;

ALTER TABLE organizations ADD COLUMN status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended'));
ALTER TABLE organizations ADD COLUMN deleted_at DATETIME;

CREATE TABLE service_accounts (
    client_id TEXT PRIMARY KEY,
    user_id BLOB NOT NULL UNIQUE REFERENCES users (id),
    created_at DATETIME NOT NULL
);

ALTER TABLE organization_invites RENAME COLUMN token TO token_hash;
CREATE UNIQUE INDEX organization_invites_pending ON organization_invites (organization_id, email) WHERE status = 'pending';
CREATE UNIQUE INDEX organization_invites_token ON organization_invites (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX organization_invites_email ON organization_invites (email) WHERE status = 'pending';
CREATE INDEX organization_invites_expiry ON organization_invites (expires_at) WHERE status = 'pending';

CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at DATETIME NOT NULL,
    actor_id BLOB,
    action TEXT NOT NULL,
    organization_id BLOB,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    address TEXT,
    request_id TEXT,
    old_value TEXT,
    new_value TEXT
);
CREATE INDEX audit_log_organization ON audit_log (organization_id, id DESC);
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TABLE keycloak_tasks (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('organization', 'member', 'account')),
    organization_id BLOB,
    user_id BLOB,
    subject TEXT,
    generation INTEGER NOT NULL DEFAULT 1,
    due_at DATETIME NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at DATETIME NOT NULL
);
CREATE INDEX keycloak_tasks_due ON keycloak_tasks (due_at);
