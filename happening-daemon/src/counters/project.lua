-- Moves one event from a version to a later one. 1: done, or known already; 0: unknown here, restore it whole.
-- KEYS slots, version, waitlist. ARGV from, to, available, gone, then pairs: join USER, leave AHEAD.
local slots, version, waitlist = KEYS[1], KEYS[2], KEYS[3]
if ARGV[4] == '1' then
    redis.call('DEL', slots, version, waitlist)
    return 1
end
-- Digits, and no more than a number holds exactly: whatever else is there was never a version.
local have = redis.call('GET', version) or ''
if #have > 15 or not have:match('^%d+$') then return 0 end
have = tonumber(have)
local from, to = tonumber(ARGV[1]), tonumber(ARGV[2])
if have >= to then return 1 end
if have ~= from then return 0 end
for i = 5, #ARGV, 2 do
    if ARGV[i] == 'join' then
        redis.call('RPUSH', waitlist, ARGV[i + 1])
    elseif ARGV[i + 1] == '0' then
        if not redis.call('LPOP', waitlist) then return 0 end
    else
        -- Lists remove by value, and one person may wait twice: mark the place, then remove the mark.
        redis.call('LSET', waitlist, ARGV[i + 1], '')
        redis.call('LREM', waitlist, 1, '')
    end
end
redis.call('SET', slots, ARGV[3])
redis.call('SET', version, ARGV[2])
return 1
