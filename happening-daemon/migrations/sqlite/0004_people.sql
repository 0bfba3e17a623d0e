-- The same as for PostgreSQL; the reasons stand there.

ALTER TABLE organization_invites ADD COLUMN answered_by BLOB;
CREATE INDEX organization_invites_organization ON organization_invites (organization_id, created_at DESC);
CREATE INDEX organization_invites_inviter ON organization_invites (invited_by);

CREATE TABLE erased_subjects (
    subject_hash TEXT PRIMARY KEY,
    erased_at DATETIME NOT NULL
);
CREATE INDEX users_erased ON users (erased_at) WHERE erased_at IS NOT NULL;

CREATE INDEX audit_log_actor ON audit_log (actor_id, id DESC);
