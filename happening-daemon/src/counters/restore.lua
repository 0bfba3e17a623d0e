-- Sets one event whole, unless a newer version is there (and not forced). Returns 1.
-- KEYS slots, version, waitlist. ARGV version, available, force, then the users in line.
local slots, version, waitlist = KEYS[1], KEYS[2], KEYS[3]
local have = redis.pcall('GET', version)
-- Digits, and no more than a number holds exactly: whatever else is there was never a version ('1e300' would be ahead
-- of every snapshot).
have = type(have) == 'string' and #have <= 15 and have:match('^%d+$') and tonumber(have) or nil
if have and have > tonumber(ARGV[1]) and ARGV[3] ~= '1' then return 1 end
redis.call('DEL', slots, version, waitlist)
for i = 4, #ARGV do redis.call('RPUSH', waitlist, ARGV[i]) end
redis.call('SET', slots, ARGV[2])
redis.call('SET', version, ARGV[1])
return 1
