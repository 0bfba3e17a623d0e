-- Whoever causes many tasks waits for them, not the others. `cause`: the person whose change queued it, else the organization
-- that it is about. `turn`: tasks are taken in this order; the next task of a cause has the next turn, and one that has none
-- waiting comes after the lowest turn that waits. 0: a first sign-in, which comes first.
ALTER TABLE keycloak_tasks
    ADD COLUMN cause uuid,
    ADD COLUMN turn bigint NOT NULL DEFAULT 0;
CREATE INDEX keycloak_tasks_turn ON keycloak_tasks (turn, due_at);
CREATE INDEX keycloak_tasks_cause ON keycloak_tasks (cause, turn);
