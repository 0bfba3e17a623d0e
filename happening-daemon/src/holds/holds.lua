-- Holds of one event. A hold is a key of its own, which ends by itself; the set KEYS[1] lists the seats, so that nothing
-- is ever looked for by a scan of keys. The keys of the holds are told by what they begin with, ARGV[2].
-- KEYS index. ARGV operation, prefix, then
--   set HOLDER TTL LIMIT SEAT…
--                          answers with seats allowed, seats in conflict, whether the holder's seats changed, whether
--                          the holder's group would hold more than LIMIT seats (then nothing is changed)
--   exchange HOLDER TTL LIMIT SEAT…
--                          the same, all or nothing; nothing too if the holder holds nothing any more
--   extend HOLDER TTL      answers with the seats still held
--   release HOLDER         answers with the seats freed
--   list                   answers with nothing
--   drop SEAT…             answers with nothing
-- Each answer is followed by what is held then: the time in microseconds, by which lists are ordered, and seat, holder,
-- time left in ms, seat …
local index, prefix = KEYS[1], ARGV[2]

-- Holders by seat, read once and kept equal to what is written. Seats whose hold has ended leave the list here. Seats
-- that are asked for are looked at though they are not listed: somebody may have set a hold by hand.
local function held(first_asked)
    local listed = redis.pcall('SMEMBERS', index)
    if listed.err then
        -- Somebody put something else there.
        redis.call('DEL', index)
        listed = {}
    end
    local seats, is_listed = {}, {}
    for _, seat in ipairs(listed) do
        seats[#seats + 1] = seat
        is_listed[seat] = true
    end
    for i = first_asked, #ARGV do
        if not is_listed[ARGV[i]] then seats[#seats + 1] = ARGV[i] end
    end
    local holders = {}
    for first = 1, #seats, 1000 do
        local keys = {}
        for i = first, math.min(first + 999, #seats) do keys[#keys + 1] = prefix .. seats[i] end
        -- MGET, because it says nil where GET fails on something that is no text.
        for i, holder in ipairs(redis.call('MGET', unpack(keys))) do
            local seat = seats[first + i - 1]
            if holder and #seat <= 9 and seat:match('^[1-9]%d*$') then
                holders[seat] = holder
            elseif is_listed[seat] then
                redis.call('SREM', index, seat)
            end
        end
    end
    return holders
end

local first_seats = { set = 6, exchange = 6 }
local holders = held(first_seats[ARGV[1]] or #ARGV + 1)

local function note(seat, ttl)
    redis.call('SADD', index, seat)
    -- The list outlives what it lists, and nothing else.
    if redis.call('PTTL', index) < ttl + 1000 then redis.call('PEXPIRE', index, ttl + 1000) end
end

local function forget(seat)
    redis.call('DEL', prefix .. seat)
    redis.call('SREM', index, seat)
    holders[seat] = nil
end

-- Whose a hold is, if it is somebody's in particular: user:{user}:{token}, socket:{id}:{user}.
local function person_of(holder)
    return holder:match('^user:([^:]+):[^:]+$') or holder:match('^socket:[^:]*:([^:]+)$')
end

-- From where, if it is nobody's in particular: socket:{id}::{peer}.
local function peer_of(holder)
    return holder:match('^socket:[^:]*::([^:]+)$')
end

local function is_anonymous(holder)
    return peer_of(holder) or holder:match('^socket:[^:]*$')
end

-- Whether a seat is somebody else's. What one person holds twice is in nobody's way, and people go before anonymous
-- sockets. What somebody set by hand stays.
local function is_others(other)
    if not other or other == ARGV[3] then return false end
    local person = person_of(ARGV[3])
    return not (person and (person_of(other) == person or is_anonymous(other)))
end

-- Whether the seats of another holder count together with those of this one.
local function is_grouped(other)
    if other == ARGV[3] then return false end
    local person, peer = person_of(ARGV[3]), peer_of(ARGV[3])
    if person then return person_of(other) == person end
    return peer and peer_of(other) == peer
end

local operations = {}

function operations.set()
    local holder, ttl, limit = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
    local wanted, allowed, conflicts, changed = {}, {}, {}, 0
    for i = 6, #ARGV do
        local seat = ARGV[i]
        if is_others(holders[seat]) then
            conflicts[#conflicts + 1] = tonumber(seat)
        else
            wanted[seat] = true
            allowed[#allowed + 1] = tonumber(seat)
        end
    end
    local before, count, count_before = {}, #allowed, 0
    for seat, other in pairs(holders) do
        if other == holder then
            before[seat] = true
            count_before = count_before + 1
        elseif is_grouped(other) then
            count_before = count_before + 1
            if not wanted[seat] then count = count + 1 end
        end
    end
    -- Fewer than before is never too many, should the limit have been lowered.
    if count > limit and count >= count_before then return { {}, {}, 0, 1 } end
    for i = 6, #ARGV do
        local seat = ARGV[i]
        note(seat, ttl)
        if wanted[seat] then
            if not before[seat] then changed = 1 end
            redis.call('SET', prefix .. seat, holder, 'PX', ttl)
            holders[seat] = holder
        end
    end
    for seat in pairs(before) do
        if not wanted[seat] then
            forget(seat)
            changed = 1
        end
    end
    return { allowed, conflicts, changed, 0 }
end

function operations.exchange()
    local holds_any, conflicts = false, {}
    for _, other in pairs(holders) do
        if other == ARGV[3] then holds_any = true end
    end
    if not holds_any then return { {}, {}, 0, 0 } end
    for i = 6, #ARGV do
        if is_others(holders[ARGV[i]]) then conflicts[#conflicts + 1] = tonumber(ARGV[i]) end
    end
    if #conflicts > 0 then return { {}, conflicts, 0, 0 } end
    return operations.set()
end

function operations.extend()
    local holder, ttl, kept = ARGV[3], tonumber(ARGV[4]), {}
    for seat, other in pairs(holders) do
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
    for seat, other in pairs(holders) do
        if other == ARGV[3] then freed[#freed + 1] = seat end
    end
    for _, seat in ipairs(freed) do forget(seat) end
    return freed
end

function operations.list()
    return {}
end

function operations.drop()
    for i = 3, #ARGV do forget(ARGV[i]) end
    return {}
end

local answer = operations[ARGV[1]]()
local time, list = redis.call('TIME'), {}
for seat, holder in pairs(holders) do
    list[#list + 1] = seat
    list[#list + 1] = holder
    list[#list + 1] = redis.call('PTTL', prefix .. seat)
end
return { answer, { time[1] * 1000000 + time[2], list } }
