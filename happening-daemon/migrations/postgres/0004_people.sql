-- Who answered an invite: repeating an answer is harmless for them alone.
ALTER TABLE organization_invites ADD COLUMN answered_by uuid;
CREATE INDEX organization_invites_organization ON organization_invites (organization_id, created_at DESC);
CREATE INDEX organization_invites_inviter ON organization_invites (invited_by);

-- Whose tokens from before the erasure are refused: SHA-256 of the `sub`. Forgotten when no such token can live any more.
CREATE TABLE erased_subjects (
    subject_hash text PRIMARY KEY,
    erased_at timestamptz NOT NULL
);
CREATE INDEX users_erased ON users (erased_at) WHERE erased_at IS NOT NULL;

-- What a person did, for the export of their data.
CREATE INDEX audit_log_actor ON audit_log (actor_id, id DESC);
