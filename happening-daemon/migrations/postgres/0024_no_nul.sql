-- PostgreSQL refuses NUL in text itself; this is where SQLite learns to.
SELECT 1;
