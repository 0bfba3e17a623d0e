-- Holds of one event. A hold is a key of its own, which ends by itself; the set KEYS[1] lists the seats, so that nothing
-- is ever looked for by a scan of keys. The keys of the holds are told by what they begin with, ARGV[2].
-- KEYS index. ARGV operation, prefix, then
--   set HOLDER TTL PERSON SEAT…
--                          PERSON is the holder's, or empty; answers with seats allowed, seats in conflict, whether the
--                          holder's seats changed
--   exchange HOLDER TTL PERSON SEAT…
--                          the same, all or nothing; nothing too if the holder holds nothing any more
--   extend HOLDER TTL      answers with the seats still held
--   release HOLDER         answers with the seats freed
--   list                   answers with seat, holder, time left in ms, seat …
--   drop SEAT…             answers with nothing
local index, prefix = KEYS[1], ARGV[2]

-- MGET, because it says nil where GET fails on something that is no text.
local function holder_of(seat)
    return redis.call('MGET', prefix .. seat)[1]
end

local function note(seat, ttl)
    redis.call('SADD', index, seat)
    -- The list outlives what it lists, and nothing else.
    if redis.call('PTTL', index) < ttl + 1000 then redis.call('PEXPIRE', index, ttl + 1000) end
end

local function forget(seat)
    redis.call('DEL', prefix .. seat)
    redis.call('SREM', index, seat)
end

-- Holders by seat. Seats whose hold has ended leave the list here.
local function held()
    local listed = redis.pcall('SMEMBERS', index)
    if listed.err then
        -- Somebody put something else there.
        redis.call('DEL', index)
        return {}
    end
    local holders = {}
    for first = 1, #listed, 1000 do
        local keys = {}
        for i = first, math.min(first + 999, #listed) do keys[#keys + 1] = prefix .. listed[i] end
        for i, holder in ipairs(redis.call('MGET', unpack(keys))) do
            local seat = listed[first + i - 1]
            if holder and #seat <= 9 and seat:match('^[1-9]%d*$') then
                holders[seat] = holder
            else
                redis.call('SREM', index, seat)
            end
        end
    end
    return holders
end

-- Whose a hold is, if it is somebody's in particular: user:{user}:{token}, socket:{id}:{user}.
local function person_of(holder)
    return holder:match('^user:([^:]+):[^:]+$') or holder:match('^socket:[^:]*:([^:]+)$')
end

-- Whether a seat is somebody else's. What one person holds twice is in nobody's way.
local function is_others(other)
    return other and other ~= ARGV[3] and (ARGV[5] == '' or person_of(other) ~= ARGV[5])
end

local operations = {}

function operations.set()
    local holder, ttl = ARGV[3], tonumber(ARGV[4])
    local holders, wanted = held(), {}
    local allowed, conflicts, changed = {}, {}, 0
    for i = 6, #ARGV do
        local seat = ARGV[i]
        if is_others(holder_of(seat)) then
            note(seat, ttl)
            conflicts[#conflicts + 1] = tonumber(seat)
        else
            wanted[seat] = true
            if holders[seat] ~= holder then changed = 1 end
            redis.call('SET', prefix .. seat, holder, 'PX', ttl)
            note(seat, ttl)
            allowed[#allowed + 1] = tonumber(seat)
        end
    end
    for seat, other in pairs(holders) do
        if other == holder and not wanted[seat] then
            forget(seat)
            changed = 1
        end
    end
    return { allowed, conflicts, changed }
end

function operations.exchange()
    local holds_any, conflicts = false, {}
    for _, other in pairs(held()) do
        if other == ARGV[3] then holds_any = true end
    end
    if not holds_any then return { {}, {}, 0 } end
    for i = 6, #ARGV do
        if is_others(holder_of(ARGV[i])) then conflicts[#conflicts + 1] = tonumber(ARGV[i]) end
    end
    if #conflicts > 0 then return { {}, conflicts, 0 } end
    return operations.set()
end

function operations.extend()
    local holder, ttl, kept = ARGV[3], tonumber(ARGV[4]), {}
    for seat, other in pairs(held()) do
        if other == holder then
            redis.call('PEXPIRE', prefix .. seat, ttl)
            note(seat, ttl)
            kept[#kept + 1] = tonumber(seat)
        end
    end
    return kept
end

function operations.release()
    local freed = {}
    for seat, other in pairs(held()) do
        if other == ARGV[3] then
            forget(seat)
            freed[#freed + 1] = tonumber(seat)
        end
    end
    return freed
end

function operations.list()
    local answer = {}
    for seat, holder in pairs(held()) do
        answer[#answer + 1] = seat
        answer[#answer + 1] = holder
        answer[#answer + 1] = redis.call('PTTL', prefix .. seat)
    end
    return answer
end

function operations.drop()
    for i = 3, #ARGV do forget(ARGV[i]) end
    return {}
end

return operations[ARGV[1]]()
