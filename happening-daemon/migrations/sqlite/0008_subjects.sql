-- The same as for PostgreSQL; the reasons stand there.

DELETE FROM keycloak_tasks WHERE kind = 'member' AND EXISTS (
    SELECT 1 FROM keycloak_tasks other WHERE other.kind = 'member'
    AND other.organization_id = keycloak_tasks.organization_id AND other.subject = keycloak_tasks.subject
    AND other.key > keycloak_tasks.key
);
UPDATE keycloak_tasks SET key = substr(key, 1, 44) || subject, unsettled = TRUE WHERE kind = 'member';

ALTER TABLE erased_subjects ADD COLUMN suspended BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX audit_log_about ON audit_log (target_id, id DESC) WHERE target_kind = 'user';
