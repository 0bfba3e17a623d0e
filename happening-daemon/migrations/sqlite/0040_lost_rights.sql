-- Who lost a right lately: a booking that was under way at that moment is looked for (`leave_lost_lines`).
CREATE INDEX audit_log_lost ON audit_log (at)
    WHERE action IN ('member.removed', 'user.suspended', 'user.issuer_state_changed');
