-- A quota counts the organizations that a person owns.
CREATE INDEX organizations_by_owner ON organizations (owner_id) WHERE deleted_at IS NULL;
