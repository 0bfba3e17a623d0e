-- The same tables as for PostgreSQL; the reasons stand there. Ids are 16-byte blobs, times RFC 3339 TEXT in UTC.

CREATE TABLE organizations (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    domain TEXT,
    keycloak_org_id TEXT,
    owner_id BLOB,
    settings TEXT NOT NULL DEFAULT '{}',
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    keycloak_id TEXT NOT NULL,
    username TEXT NOT NULL,
    email TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    phone TEXT,
    avatar_url TEXT,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX users_keycloak_id ON users (keycloak_id);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE INDEX users_email ON users (lower(email));

CREATE TABLE organization_users (
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('orgAdmin', 'organizer', 'user')),
    joined_at DATETIME NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_users_user ON organization_users (user_id);

CREATE TABLE events (
    id BLOB PRIMARY KEY,
    org_id BLOB NOT NULL REFERENCES organizations (id),
    created_by BLOB NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    description TEXT,
    category TEXT CHECK (category IN ('webinar', 'concert', 'hackathon')),
    event_date DATETIME NOT NULL,
    total_slots INTEGER NOT NULL CHECK (total_slots > 0),
    available_slots INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'upcoming' CHECK (status IN ('upcoming', 'ongoing', 'completed', 'cancelled')),
    waitlist_policy TEXT NOT NULL DEFAULT 'split' CHECK (waitlist_policy IN ('split', 'whole')),
    bypass_limit INTEGER NOT NULL DEFAULT 3 CHECK (bypass_limit >= 0),
    waitlist_limit INTEGER CHECK (waitlist_limit >= 0),
    waiting INTEGER NOT NULL DEFAULT 0,
    next_waiting_number INTEGER NOT NULL DEFAULT 1,
    waitlist_passes TEXT NOT NULL DEFAULT '[]',
    version INTEGER NOT NULL DEFAULT 0,
    deleted_at DATETIME,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    CONSTRAINT events_available_slots CHECK (available_slots >= 0 AND available_slots <= total_slots)
);
CREATE INDEX events_org ON events (org_id, event_date DESC) WHERE deleted_at IS NULL;

CREATE TABLE bookings (
    id BLOB PRIMARY KEY,
    event_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    seats INTEGER NOT NULL CHECK (seats > 0),
    status TEXT NOT NULL CHECK (status IN ('confirmed', 'waiting', 'cancelled')),
    waiting_number INTEGER,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    CHECK ((status = 'waiting') = (waiting_number IS NOT NULL))
);
CREATE INDEX bookings_user ON bookings (user_id, created_at DESC);
CREATE INDEX bookings_event_user ON bookings (event_id, user_id);
CREATE UNIQUE INDEX bookings_waitlist ON bookings (event_id, waiting_number) WHERE status = 'waiting';

CREATE TABLE booking_seats (
    booking_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    seat_no INTEGER NOT NULL CHECK (seat_no > 0),
    status TEXT NOT NULL CHECK (status IN ('booked', 'cancelled')),
    PRIMARY KEY (booking_id, seat_no)
);
CREATE UNIQUE INDEX booking_seats_booked ON booking_seats (event_id, seat_no) WHERE status = 'booked';

CREATE TABLE booking_history (
    id INTEGER PRIMARY KEY,
    booking_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    actor_id BLOB,
    action TEXT NOT NULL,
    seats INTEGER NOT NULL,
    reason TEXT,
    created_at DATETIME NOT NULL
);
CREATE INDEX booking_history_booking ON booking_history (booking_id);

CREATE TABLE event_changes (
    event_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    commit_id BLOB NOT NULL,
    changes BLOB NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (event_id, version)
);
CREATE INDEX event_changes_created ON event_changes (created_at);

CREATE TABLE notifications (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL,
    event_id BLOB,
    booking_id BLOB,
    type TEXT NOT NULL,
    message TEXT NOT NULL,
    seats INTEGER,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed')),
    created_at DATETIME NOT NULL
);
CREATE INDEX notifications_user ON notifications (user_id, created_at DESC);

CREATE TABLE outbox (
    notification_id BLOB PRIMARY KEY,
    due_at DATETIME NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX outbox_due ON outbox (due_at);

CREATE TABLE organization_invites (
    id BLOB PRIMARY KEY,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('orgAdmin', 'organizer', 'user')),
    invited_by BLOB NOT NULL REFERENCES users (id),
    token TEXT,
    message TEXT,
    expires_at DATETIME NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'rejected', 'expired')),
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
