-- Daemons of several installations may share one Redis: by this they know whose messages concern them.
CREATE TABLE installation (id uuid PRIMARY KEY);
INSERT INTO installation (id) VALUES (gen_random_uuid());
