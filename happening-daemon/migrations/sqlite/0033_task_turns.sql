-- The same as for PostgreSQL; the reasons stand there.

ALTER TABLE keycloak_tasks ADD COLUMN cause BLOB;
ALTER TABLE keycloak_tasks ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX keycloak_tasks_turn ON keycloak_tasks (turn, due_at);
CREATE INDEX keycloak_tasks_cause ON keycloak_tasks (cause, turn);
