-- Channels that are through with a notification while others are not: a JSON object, null for delivered, else why never.
ALTER TABLE outbox ADD COLUMN progress text;
