-- No text has a NUL in it, as on PostgreSQL, which refuses it: what one database takes the other takes too.
CREATE TRIGGER users_no_nul_insert BEFORE INSERT ON users
WHEN instr(NEW.username, char(0)) > 0
    OR instr(NEW.email, char(0)) > 0
    OR instr(NEW.first_name, char(0)) > 0
    OR instr(NEW.last_name, char(0)) > 0
    OR instr(NEW.phone, char(0)) > 0
    OR instr(NEW.avatar_url, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
CREATE TRIGGER users_no_nul_update BEFORE UPDATE OF username, email, first_name, last_name, phone, avatar_url ON users
WHEN instr(NEW.username, char(0)) > 0
    OR instr(NEW.email, char(0)) > 0
    OR instr(NEW.first_name, char(0)) > 0
    OR instr(NEW.last_name, char(0)) > 0
    OR instr(NEW.phone, char(0)) > 0
    OR instr(NEW.avatar_url, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
CREATE TRIGGER organizations_no_nul_insert BEFORE INSERT ON organizations
WHEN instr(NEW.name, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
CREATE TRIGGER organizations_no_nul_update BEFORE UPDATE OF name ON organizations
WHEN instr(NEW.name, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
CREATE TRIGGER events_no_nul_insert BEFORE INSERT ON events
WHEN instr(NEW.name, char(0)) > 0
    OR instr(NEW.description, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
CREATE TRIGGER events_no_nul_update BEFORE UPDATE OF name, description ON events
WHEN instr(NEW.name, char(0)) > 0
    OR instr(NEW.description, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
CREATE TRIGGER organization_invites_no_nul_insert BEFORE INSERT ON organization_invites
WHEN instr(NEW.email, char(0)) > 0
    OR instr(NEW.message, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
CREATE TRIGGER organization_invites_no_nul_update BEFORE UPDATE OF email, message ON organization_invites
WHEN instr(NEW.email, char(0)) > 0
    OR instr(NEW.message, char(0)) > 0
BEGIN SELECT RAISE(ABORT, 'text with NUL'); END;
