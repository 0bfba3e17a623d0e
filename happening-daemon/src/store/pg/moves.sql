-- Between commit.sql and its end, where bookings were moved: they may come back to seats that they had before.
, reseated AS (
    INSERT INTO booking_seats (booking_id, event_id, seat_no, status)
    SELECT n.booking_id, n.event_id, n.seat_no, n.status
    FROM (SELECT count(*) AS freed_first FROM freed) AS f
    CROSS JOIN UNNEST($76::uuid[], $77::uuid[], $78::int[], $79::text[]) AS n (booking_id, event_id, seat_no, status)
    JOIN event ON event.id = n.event_id
    WHERE f.freed_first >= 0
    ON CONFLICT (booking_id, seat_no) DO UPDATE SET status = EXCLUDED.status
)
