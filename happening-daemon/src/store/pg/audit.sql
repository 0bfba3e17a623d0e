-- Between commit.sql and its end, where a commit has lines of the audit log.
, audited AS (
    INSERT INTO audit_log (at, actor_id, action, organization_id, target_kind, target_id, address, request_id,
                           old_value, new_value)
    SELECT $2, n.actor_id, n.action, n.organization_id, n.target_kind, n.target_id, n.address, n.request_id,
           n.old_value, n.new_value
    FROM UNNEST($54::uuid[], $55::uuid[], $56::text[], $57::uuid[], $58::text[], $59::text[], $60::text[], $61::text[],
                $62::text[], $63::text[])
        AS n (event_id, actor_id, action, organization_id, target_kind, target_id, address, request_id, old_value,
              new_value)
    JOIN event ON event.id = n.event_id
)
