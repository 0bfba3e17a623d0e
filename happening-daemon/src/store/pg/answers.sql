-- Between commit.sql and its end, where answers are to be remembered.
, answered AS (
    INSERT INTO idempotency_keys (key, request, status, body, created_at)
    SELECT n.key, n.request, n.status, n.body, $2
    FROM UNNEST($54::bytea[], $55::bytea[], $56::uuid[], $57::int[], $58::text[]) AS n (key, request, event_id, status, body)
    JOIN event ON event.id = n.event_id
)
