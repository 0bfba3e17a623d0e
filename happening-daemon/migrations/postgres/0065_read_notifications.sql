-- When people have read their notifications. Those of before count as read: the default of that moment is not written into
-- their rows. There is no index: unread ones are looked for among the newest of one person.
ALTER TABLE notifications ADD COLUMN read_at timestamptz DEFAULT now();
ALTER TABLE notifications ALTER COLUMN read_at DROP DEFAULT;
