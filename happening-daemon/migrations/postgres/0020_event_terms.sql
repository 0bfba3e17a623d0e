-- What an organizer may say of an event's sale, and what its waitlist remembers: the numbers of parties that got a part.
ALTER TABLE events ADD COLUMN max_seats_per_booking integer CHECK (max_seats_per_booking >= 1);
ALTER TABLE events ADD COLUMN sales_paused boolean NOT NULL DEFAULT false;
ALTER TABLE events ADD COLUMN waitlist_rests text NOT NULL DEFAULT '[]';
