-- Who booked, where it was not the person who is notified: the notification names them by id, because names may be erased.
ALTER TABLE notifications ADD COLUMN booked_by UUID;
