-- Events end by themselves, and take bookings until they begin, or until the hour that their organizer says.
ALTER TABLE events ADD COLUMN event_end DATETIME;
ALTER TABLE events ADD COLUMN bookings_close_at DATETIME;

-- Until now nothing said when an event ends: eight hours after its start, as for new events. One that was set to ongoing took
-- bookings all the same; it goes on to do so for as long as it takes.
UPDATE events SET event_end = strftime('%Y-%m-%dT%H:%M:%S+00:00',
    CASE WHEN status = 'ongoing' THEN max(event_date, strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')) ELSE event_date END, '+8 hours');
UPDATE events SET bookings_close_at = event_end WHERE status = 'ongoing';
