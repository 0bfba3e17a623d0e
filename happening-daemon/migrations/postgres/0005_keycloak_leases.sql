-- `leased_until`: somebody is at this task. Two must never be at the same one, or the one that read the older truth could be
-- the last to write. `unsettled`: a request about it was sent and never answered, so it may yet be carried out: whoever does
-- the task then looks again a little later.
ALTER TABLE keycloak_tasks
    ADD COLUMN leased_until timestamptz,
    ADD COLUMN unsettled boolean NOT NULL DEFAULT false;
