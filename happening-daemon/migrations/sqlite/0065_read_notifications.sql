-- When people have read their notifications. Those of before count as read.
ALTER TABLE notifications ADD COLUMN read_at DATETIME;
UPDATE notifications SET read_at = created_at;
