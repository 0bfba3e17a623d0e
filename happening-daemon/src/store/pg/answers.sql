-- Between commit.sql and its end, where answers are to be remembered. `keyed` is two digests: the key, and whose it is.
, answered AS (
    INSERT INTO idempotency_keys (key, owner, request, status, body, created_at)
    SELECT substring(n.keyed FOR 32), substring(n.keyed FROM 33), n.request, n.status, n.body, $2
    FROM UNNEST($61::bytea[], $62::bytea[], $63::uuid[], $64::int[], $65::text[])
        AS n (keyed, request, event_id, status, body)
    JOIN event ON event.id = n.event_id
)
