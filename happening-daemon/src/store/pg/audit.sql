-- Between commit.sql and its end, where a commit has lines of the audit log.
, audited AS (
    INSERT INTO audit_log (at, actor_id, action, organization_id, target_kind, target_id, address, request_id,
                           old_value, new_value)
    SELECT $2, n.actor_id, n.action, n.organization_id, n.target_kind, n.target_id, n.address, n.request_id,
           n.old_value, n.new_value
    FROM UNNEST($66::uuid[], $67::uuid[], $68::text[], $69::uuid[], $70::text[], $71::text[], $72::text[], $73::text[],
                $74::text[], $75::text[])
        AS n (event_id, actor_id, action, organization_id, target_kind, target_id, address, request_id, old_value,
              new_value)
    JOIN event ON event.id = n.event_id
)
