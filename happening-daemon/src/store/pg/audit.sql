-- Between commit.sql and its end, where a commit has lines of the audit log.
, audited AS (
    INSERT INTO audit_log (at, actor_id, action, organization_id, target_kind, target_id, address, request_id,
                           old_value, new_value)
    SELECT $2, n.actor_id, n.action, n.organization_id, n.target_kind, n.target_id, n.address, n.request_id,
           n.old_value, n.new_value
    FROM UNNEST($59::uuid[], $60::uuid[], $61::text[], $62::uuid[], $63::text[], $64::text[], $65::text[], $66::text[],
                $67::text[], $68::text[])
        AS n (event_id, actor_id, action, organization_id, target_kind, target_id, address, request_id, old_value,
              new_value)
    JOIN event ON event.id = n.event_id
)
