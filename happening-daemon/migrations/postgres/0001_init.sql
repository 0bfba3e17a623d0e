-- Tables and columns of the contract, and what the engine adds to them.
--
-- Rows that the engine writes (bookings, booking_seats, booking_history, notifications, outbox) carry no foreign keys:
-- each is written in one statement with the event row whose version it checks, nothing is ever deleted from under them,
-- and a key check per row would cost as much as the row itself.

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    domain text,
    keycloak_org_id text,
    owner_id uuid,
    settings text NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    keycloak_id text NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    first_name text,
    last_name text,
    phone text,
    avatar_url text,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_keycloak_id ON users (keycloak_id);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE INDEX users_email ON users (lower(email));

CREATE TABLE organization_users (
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('orgAdmin', 'organizer', 'user')),
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_users_user ON organization_users (user_id);

-- Half-filled pages: each commit updates the row of its event in place (HOT), also while an old snapshot is held open.
CREATE TABLE events (
    id uuid PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organizations (id),
    created_by uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    description text,
    category text CHECK (category IN ('webinar', 'concert', 'hackathon')),
    event_date timestamptz NOT NULL,
    total_slots integer NOT NULL CHECK (total_slots > 0),
    available_slots integer NOT NULL,
    status text NOT NULL DEFAULT 'upcoming' CHECK (status IN ('upcoming', 'ongoing', 'completed', 'cancelled')),
    waitlist_policy text NOT NULL DEFAULT 'split' CHECK (waitlist_policy IN ('split', 'whole')),
    bypass_limit integer NOT NULL DEFAULT 3 CHECK (bypass_limit >= 0),
    waitlist_limit integer CHECK (waitlist_limit >= 0),
    waiting integer NOT NULL DEFAULT 0,
    next_waiting_number bigint NOT NULL DEFAULT 1,
    waitlist_passes text NOT NULL DEFAULT '[]',
    version bigint NOT NULL DEFAULT 0,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT events_available_slots CHECK (available_slots >= 0 AND available_slots <= total_slots)
) WITH (fillfactor = 50);
CREATE INDEX events_org ON events (org_id, event_date DESC) WHERE deleted_at IS NULL;

CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    seats integer NOT NULL CHECK (seats > 0),
    status text NOT NULL CHECK (status IN ('confirmed', 'waiting', 'cancelled')),
    waiting_number bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((status = 'waiting') = (waiting_number IS NOT NULL))
);
CREATE INDEX bookings_user ON bookings (user_id, created_at DESC);
CREATE INDEX bookings_event_user ON bookings (event_id, user_id);
CREATE UNIQUE INDEX bookings_waitlist ON bookings (event_id, waiting_number) WHERE status = 'waiting';

CREATE TABLE booking_seats (
    booking_id uuid NOT NULL,
    event_id uuid NOT NULL,
    seat_no integer NOT NULL CHECK (seat_no > 0),
    status text NOT NULL CHECK (status IN ('booked', 'cancelled')),
    PRIMARY KEY (booking_id, seat_no)
);
-- The last line of defence: no seat twice, whatever the code above it believes.
CREATE UNIQUE INDEX booking_seats_booked ON booking_seats (event_id, seat_no) WHERE status = 'booked';

CREATE TABLE booking_history (
    booking_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_id uuid NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    seats integer NOT NULL,
    reason text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (booking_id, id)
);

-- What each commit changed, for daemons that catch up and for commits whose fate is unknown. Kept for a while only.
CREATE TABLE event_changes (
    event_id uuid NOT NULL,
    version bigint NOT NULL,
    commit_id uuid NOT NULL,
    changes bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, version)
);
ALTER TABLE event_changes ALTER COLUMN changes SET STORAGE EXTERNAL;
CREATE INDEX event_changes_created ON event_changes USING brin (created_at);

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    event_id uuid,
    booking_id uuid,
    type text NOT NULL,
    message text NOT NULL,
    seats integer,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed')),
    created_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX notifications_user ON notifications (user_id, created_at DESC);

-- Notifications on their way. A row leaves when the worker has delivered; until then it comes due again, so neither a
-- wiped broker nor a killed worker forgets it.
CREATE TABLE outbox (
    notification_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX outbox_due ON outbox (due_at);

CREATE TABLE organization_invites (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('orgAdmin', 'organizer', 'user')),
    invited_by uuid NOT NULL REFERENCES users (id),
    token text,
    message text,
    expires_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'rejected', 'expired')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
