-- Events end by themselves, and take bookings until they begin, or until the hour that their organizer says.
ALTER TABLE events ADD COLUMN event_end timestamptz;
ALTER TABLE events ADD COLUMN bookings_close_at timestamptz;

-- Until now nothing said when an event ends: eight hours after its start, as for new events. One that was set to ongoing took
-- bookings all the same; it goes on to do so for as long as it takes.
UPDATE events SET event_end = CASE WHEN status = 'ongoing' THEN GREATEST(event_date, now()) ELSE event_date END + interval '8 hours';
UPDATE events SET bookings_close_at = event_end WHERE status = 'ongoing';
ALTER TABLE events ALTER COLUMN event_end SET NOT NULL;
