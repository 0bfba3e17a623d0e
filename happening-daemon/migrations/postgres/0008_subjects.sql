-- What Keycloak is to be told of a member is one row for each organization and account (`sub`), whoever has the account here:
-- somebody who was erased and came back is another user. Two rows would have two owners at a time, and the one that read the
-- older truth could be the last to write. Rows of before are renamed, `member:` with two ids of 36 letters; somebody may be at
-- one of them, so each is looked at once more.
DELETE FROM keycloak_tasks WHERE kind = 'member' AND EXISTS (
    SELECT 1 FROM keycloak_tasks other WHERE other.kind = 'member'
    AND other.organization_id = keycloak_tasks.organization_id AND other.subject = keycloak_tasks.subject
    AND other.key > keycloak_tasks.key
);
UPDATE keycloak_tasks SET key = substr(key, 1, 44) || subject, unsettled = TRUE WHERE kind = 'member';

-- Whoever was suspended when they were erased is suspended again if they come back. Such a row is kept for good.
ALTER TABLE erased_subjects ADD COLUMN suspended boolean NOT NULL DEFAULT false;

-- What others did to a person, for the export of their data.
CREATE INDEX audit_log_about ON audit_log (target_id, id DESC) WHERE target_kind = 'user';
