-- A quota counts the open events of an organization. No column of the index changes with a booking, so the commits of bookings
-- still update event rows in place (HOT).
CREATE INDEX events_open_of_organization ON events (org_id) WHERE deleted_at IS NULL AND status IN ('upcoming', 'ongoing');
