-- What everyone who booked or waits is to be told of a change of an event. The commit of the change writes one row; the
-- notifications are written afterwards, some holders at a time in the order of their ids, and the row is deleted with the
-- last of them. `after_user` is the last one that has a notification.
CREATE TABLE announcements (
    event_id uuid NOT NULL,
    version bigint NOT NULL,
    message text NOT NULL,
    created_at timestamptz NOT NULL,
    notified bigint NOT NULL DEFAULT 0,
    after_user uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    PRIMARY KEY (event_id, version)
);
