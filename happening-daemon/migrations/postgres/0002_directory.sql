-- People and organizations in full: invites, service accounts, the audit log, and what Keycloak is still to be told.

-- `person` or `service`: a service account is a client of the issuer, mapped to organizations by their orgAdmins.
-- `issuer_state` is what the issuer last said of the account; `profile_at` the time of the token that the profile is from,
-- so that an older token never overwrites what a newer one said.
ALTER TABLE users
    ADD COLUMN kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service')),
    ADD COLUMN issuer_state text NOT NULL DEFAULT 'active' CHECK (issuer_state IN ('active', 'disabled', 'deleted')),
    ADD COLUMN profile_at timestamptz,
    ADD COLUMN erased_at timestamptz;

-- Suspended: read-only. Deleted organizations keep their row: bookings and the audit log speak of them.
ALTER TABLE organizations
    ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    ADD COLUMN deleted_at timestamptz;

CREATE TABLE service_accounts (
    client_id text PRIMARY KEY,
    user_id uuid NOT NULL UNIQUE REFERENCES users (id),
    created_at timestamptz NOT NULL
);

-- Addresses are stored in lower case. The token is shown once and kept as its SHA-256.
ALTER TABLE organization_invites RENAME COLUMN token TO token_hash;
CREATE UNIQUE INDEX organization_invites_pending ON organization_invites (organization_id, email) WHERE status = 'pending';
CREATE UNIQUE INDEX organization_invites_token ON organization_invites (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX organization_invites_email ON organization_invites (email) WHERE status = 'pending';
CREATE INDEX organization_invites_expiry ON organization_invites (expires_at) WHERE status = 'pending';

-- Who did what to what, from where. Appended to in the commit of the change itself; nothing is ever changed or deleted, so
-- what a person may ask to be forgotten (names, addresses of theirs) is not written here: they are an id.
CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    organization_id uuid,
    target_kind text NOT NULL,
    target_id text NOT NULL,
    address text,
    request_id text,
    old_value text,
    new_value text
);
CREATE INDEX audit_log_organization ON audit_log (organization_id, id DESC);

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();

-- What Keycloak is still to be told: not what to do but what to look at. Whoever takes a task reads what is true here and
-- makes Keycloak equal to it, so a task may be done twice or late, and two of the same are one (`key`). `generation` tells
-- whether it was asked for again meanwhile.
CREATE TABLE keycloak_tasks (
    key text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('organization', 'member', 'account')),
    organization_id uuid,
    user_id uuid,
    subject text,
    generation bigint NOT NULL DEFAULT 1,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL
);
CREATE INDEX keycloak_tasks_due ON keycloak_tasks (due_at);
