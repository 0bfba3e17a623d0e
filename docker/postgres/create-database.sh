#!/usr/bin/env bash
# Run once by the PostgreSQL image on an empty volume; stack.d/postgres.sh says the same for the native stack.
# CREATEDB, so that tests can make databases of their own; not a superuser, so that nothing comes to depend on being one.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$HAPPENING_DB_PASSWORD" --username postgres <<'SQL'
CREATE ROLE happening LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE happening OWNER happening;
SQL
