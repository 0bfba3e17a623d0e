-- The same as for PostgreSQL; the reasons stand there.

ALTER TABLE keycloak_tasks ADD COLUMN leased_until DATETIME;
ALTER TABLE keycloak_tasks ADD COLUMN unsettled BOOLEAN NOT NULL DEFAULT FALSE;
