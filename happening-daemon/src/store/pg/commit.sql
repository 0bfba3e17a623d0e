WITH event AS (
    UPDATE events e SET
        available_slots = n.available,
        waiting = n.waiting,
        next_waiting_number = n.next_number,
        waitlist_passes = n.passes,
        total_slots = n.capacity,
        status = n.status,
        event_date = n.starts_at,
        waitlist_policy = n.policy,
        bypass_limit = n.bypass_limit,
        waitlist_limit = n.waitlist_limit,
        max_seats_per_booking = n.max_seats,
        sales_paused = n.sales_paused,
        waitlist_rests = n.rests,
        event_end = COALESCE(n.ends_at, e.event_end),
        bookings_close_at = n.closes_at,
        deleted_at = CASE WHEN n.deleted THEN COALESCE(e.deleted_at, $2) END,
        name = COALESCE(n.name, e.name),
        name_folded = COALESCE(n.name_folded, e.name_folded),
        description = NULLIF(COALESCE(n.description, e.description), ''),
        category = NULLIF(COALESCE(n.category, e.category), ''),
        created_by = COALESCE(n.created_by, e.created_by),
        version = n.expected + 1,
        updated_at = GREATEST(e.updated_at, $2)
    FROM UNNEST($4::uuid[], $5::bigint[], $6::int[], $7::int[], $8::bigint[], $9::text[], $10::int[], $11::text[],
                $12::timestamptz[], $13::text[], $14::int[], $15::int[], $16::bool[], $17::text[], $18::text[], $19::text[],
                $20::text[], $21::uuid[], $24::int[], $25::bool[], $26::text[], $27::timestamptz[],
                $28::timestamptz[])
        AS n (id, expected, available, waiting, next_number, passes, capacity, status, starts_at, policy, bypass_limit,
              waitlist_limit, deleted, name, name_folded, description, category, created_by, max_seats, sales_paused, rests,
              ends_at, closes_at)
    WHERE e.id = n.id AND e.version = n.expected
    RETURNING e.id, e.updated_at
), change AS (
    INSERT INTO event_changes (event_id, version, commit_id, changes, created_at)
    SELECT n.id, n.expected + 1, $1, n.changes, $2
    FROM UNNEST($4::uuid[], $5::bigint[], $23::bytea[]) AS n (id, expected, changes) JOIN event ON event.id = n.id
), made AS (
    INSERT INTO bookings (id, event_id, user_id, seats, status, waiting_number, created_at, updated_at)
    SELECT n.id, n.event_id, n.user_id, n.seats, n.status, n.waiting_number, $2, $2
    FROM UNNEST($29::uuid[], $30::uuid[], $31::uuid[], $32::int[], $33::text[], $34::bigint[])
        AS n (id, event_id, user_id, seats, status, waiting_number)
    JOIN event ON event.id = n.event_id
), changed AS (
    UPDATE bookings b SET seats = n.seats, status = n.status, waiting_number = n.waiting_number, updated_at = $2
    FROM UNNEST($35::uuid[], $36::uuid[], $37::int[], $38::text[], $39::bigint[])
        AS n (id, event_id, seats, status, waiting_number)
    JOIN event ON event.id = n.event_id
    WHERE b.id = n.id
), freed AS (
    UPDATE booking_seats s SET status = 'cancelled'
    FROM UNNEST($44::uuid[], $45::uuid[], $46::int[]) AS n (booking_id, event_id, seat_no)
    JOIN event ON event.id = n.event_id
    WHERE s.booking_id = n.booking_id AND s.seat_no = n.seat_no
    RETURNING 1
), seated AS (
    INSERT INTO booking_seats (booking_id, event_id, seat_no, status)
    SELECT n.booking_id, n.event_id, n.seat_no, n.status
    FROM (SELECT count(*) AS freed_first FROM freed) AS f
    CROSS JOIN UNNEST($40::uuid[], $41::uuid[], $42::int[], $43::text[]) AS n (booking_id, event_id, seat_no, status)
    JOIN event ON event.id = n.event_id
    WHERE f.freed_first >= 0
), written AS (
    INSERT INTO booking_history (booking_id, event_id, actor_id, action, seats, reason, created_at)
    SELECT n.booking_id, n.event_id, n.actor_id, n.action, n.seats, n.reason, $2
    FROM UNNEST($47::uuid[], $48::uuid[], $49::uuid[], $50::text[], $51::int[], $52::text[])
        AS n (booking_id, event_id, actor_id, action, seats, reason)
    JOIN event ON event.id = n.event_id
), told AS (
    INSERT INTO notifications (id, user_id, event_id, booking_id, type, message, seats, booked_by, created_at)
    SELECT n.id, n.user_id, n.event_id, n.booking_id, n.type, n.message, n.seats, n.booked_by, $2
    FROM UNNEST($53::uuid[], $54::uuid[], $55::uuid[], $56::uuid[], $57::text[], $58::text[], $59::int[], $60::uuid[])
        AS n (id, user_id, event_id, booking_id, type, message, seats, booked_by)
    JOIN event ON event.id = n.event_id
    RETURNING id
), announced AS (
    INSERT INTO announcements (event_id, version, message, created_at)
    SELECT n.id, n.expected + 1, n.announcement, event.updated_at
    FROM UNNEST($4::uuid[], $5::bigint[], $22::text[]) AS n (id, expected, announcement)
    JOIN event ON event.id = n.id
    WHERE n.announcement IS NOT NULL
), queued AS (
    INSERT INTO outbox (notification_id, due_at)
    SELECT id, $3 FROM told
)
