-- SHA-1 of the users in line, one after the other.
return redis.sha1hex(table.concat(redis.call('LRANGE', KEYS[1], 0, -1)))
