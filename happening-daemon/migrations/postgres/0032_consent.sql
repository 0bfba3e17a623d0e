-- A membership, an ownership and a service account's mapping begin with the consent of whom they concern.

-- `kind`: what is offered. `user_id`: the account that is invited; without one it is whoever proves to have the address.
-- `sent_at`: when the invite was last sent.
ALTER TABLE organization_invites
    ADD COLUMN kind text NOT NULL DEFAULT 'membership' CHECK (kind IN ('membership', 'ownership')),
    ADD COLUMN user_id uuid,
    ADD COLUMN sent_at timestamptz;
CREATE INDEX organization_invites_user ON organization_invites (user_id) WHERE status = 'pending';

-- When the member agreed; null: an operator added them. Members of before count as having agreed.
ALTER TABLE organization_users ADD COLUMN accepted_at timestamptz;
UPDATE organization_users SET accepted_at = joined_at;

-- Whether the owner founded the organization or accepted it, rather than came to it by succession or by an operator.
ALTER TABLE organizations ADD COLUMN owner_accepted boolean NOT NULL DEFAULT TRUE;

-- Organizations of which a person gets no invites any more.
CREATE TABLE invite_blocks (
    user_id uuid NOT NULL REFERENCES users (id),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, organization_id)
);
