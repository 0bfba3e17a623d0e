-- The same as for PostgreSQL; the reasons stand there.

ALTER TABLE organization_invites ADD COLUMN kind TEXT NOT NULL DEFAULT 'membership'
    CHECK (kind IN ('membership', 'ownership'));
ALTER TABLE organization_invites ADD COLUMN user_id BLOB;
ALTER TABLE organization_invites ADD COLUMN sent_at DATETIME;
CREATE INDEX organization_invites_user ON organization_invites (user_id) WHERE status = 'pending';

ALTER TABLE organization_users ADD COLUMN accepted_at DATETIME;
UPDATE organization_users SET accepted_at = joined_at;

ALTER TABLE organizations ADD COLUMN owner_accepted BOOLEAN NOT NULL DEFAULT TRUE;

CREATE TABLE invite_blocks (
    user_id BLOB NOT NULL REFERENCES users (id),
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (user_id, organization_id)
);
