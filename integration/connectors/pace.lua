-- One limiter: calls in a window and calls in flight, in three classes, decided in one step.
--
-- KEYS[1]  base name.  ARGV[1]  operation; the rest belongs to it. Times are milliseconds of this server's clock.
--   <base>:window:<class>   calls, scored by the time until which each counts in the window
--   <base>:flight:<class>   calls under way, scored by the end of their lease
--   <base>:wants:<class>    somebody of the class was refused and will come back: its share is kept for it
--   <base>:waits:<class>    somebody of the class waits this very moment: lower classes take no more than their share
--   <base>:blocked          the other system said stop; the value is the limit it named
--   <base>:born             the run of the server the numbers belong to; another run may have lost the newest ones
local base = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local CLASSES = { 'lookup', 'event', 'batch' } -- the first goes first
local ALL = { 'lookup', 'event', 'batch', 'unknown' }

local function run_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

local function counted(kind)
  local per, total = {}, 0
  for _, class in ipairs(ALL) do
    local key = base .. ':' .. kind .. ':' .. class
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    per[class] = redis.call('ZCARD', key)
    total = total + per[class]
  end
  return per, total
end

-- Milliseconds until `count` of the calls of a kind do not count any more.
local function until_free(kind, count)
  local scores = {}
  for _, class in ipairs(ALL) do
    local rows = redis.call('ZRANGE', base .. ':' .. kind .. ':' .. class, 0, count - 1, 'WITHSCORES')
    for i = 2, #rows, 2 do scores[#scores + 1] = tonumber(rows[i]) end
  end
  table.sort(scores)
  return (scores[math.min(count, #scores)] or now) - now
end

local function share(limit, thousandths)
  if limit < 4 then return 0 end -- too few to divide: first come, first served
  return math.max(1, math.floor(limit * thousandths / 1000))
end

-- nil when the class may have `calls` more, else the milliseconds after which asking again may help.
local function refusal(kind, limit, calls, class, shares)
  local per, total = counted(kind)
  local kept, higher = 0, true
  local yields = false
  for _, other in ipairs(CLASSES) do
    if other == class then
      higher = false
    else
      -- People come unannounced, so their share is kept always; that of others while somebody wants it.
      if other == 'lookup' or redis.call('EXISTS', base .. ':wants:' .. other) == 1 then
        kept = kept + math.max(0, share(limit, shares[other]) - per[other])
      end
      if higher and redis.call('EXISTS', base .. ':waits:' .. other) == 1 then yields = true end
    end
  end
  local over = total + calls + kept - limit
  if over > 0 then return math.max(1, until_free(kind, over)) end
  if yields and per[class] + calls > share(limit, shares[class]) then return 100 end
  return nil
end

local function take()
  local class, calls, id = ARGV[2], tonumber(ARGV[3]), ARGV[4]
  local per_window, window = tonumber(ARGV[5]), tonumber(ARGV[6])
  local in_flight, lease, patience = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
  local shares = { lookup = tonumber(ARGV[10]), event = tonumber(ARGV[11]), batch = tonumber(ARGV[12]) }
  if redis.call('GET', base .. ':born') ~= run_id() then return { 'unknown', 0, '' } end
  local blocked = redis.call('PTTL', base .. ':blocked')
  if blocked > 0 then return { 'wait', blocked, redis.call('GET', base .. ':blocked') } end
  local wait, scope = nil, 'minute'
  if per_window > 0 then wait = refusal('window', per_window, calls, class, shares) end
  if not wait then
    scope = 'in_flight'
    wait = refusal('flight', in_flight, 1, class, shares)
    if wait then wait = math.min(wait, 50) end -- slots come back long before their lease ends
  end
  if wait then
    redis.call('SET', base .. ':wants:' .. class, 1, 'PX', wait + patience + 1000)
    redis.call('SET', base .. ':waits:' .. class, 1, 'PX', 400)
    return { 'wait', wait, scope }
  end
  -- Until the call is over nobody knows when it reached the other system; so it counts from its end.
  if per_window > 0 then
    local key = base .. ':window:' .. class
    for i = 1, calls do redis.call('ZADD', key, now + lease + window, id .. ':' .. i) end
    redis.call('PEXPIRE', key, lease + window + 1000)
  end
  local key = base .. ':flight:' .. class
  redis.call('ZADD', key, now + lease, id)
  redis.call('PEXPIRE', key, lease + 1000)
  return { 'granted', 0, '' }
end

local function release()
  local class, calls, id, window = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
  redis.call('ZREM', base .. ':flight:' .. class, id)
  for i = 1, calls do
    redis.call('ZADD', base .. ':window:' .. class, 'XX', now + window, id .. ':' .. i)
  end
  return { 'released', 0, '' }
end

local function confirm()
  local held = redis.call('ZSCORE', base .. ':flight:' .. ARGV[2], ARGV[3])
  return { held and 'held' or 'lost', 0, '' }
end

-- ARGV: pairs of (milliseconds from now, calls), `windows` of them for the window, the rest for in flight.
local function rebuild()
  local run = run_id()
  if redis.call('GET', base .. ':born') == run then return { 'kept', 0, '' } end
  for _, kind in ipairs({ 'window', 'flight' }) do
    for _, class in ipairs(ALL) do redis.call('DEL', base .. ':' .. kind .. ':' .. class) end
  end
  local windows = tonumber(ARGV[2])
  for i = 3, #ARGV, 2 do
    local kind = (i - 3) / 2 < windows and 'window' or 'flight'
    local key = base .. ':' .. kind .. ':unknown'
    for n = 1, tonumber(ARGV[i + 1]) do redis.call('ZADD', key, now + ARGV[i], i .. ':' .. n) end
  end
  redis.call('SET', base .. ':born', run)
  return { 'rebuilt', 0, '' }
end

local function pause()
  local milliseconds, scope = tonumber(ARGV[2]), ARGV[3]
  if redis.call('PTTL', base .. ':blocked') < milliseconds then
    redis.call('SET', base .. ':blocked', scope, 'PX', milliseconds)
  end
  return { 'paused', 0, '' }
end

local function forget()
  redis.call('DEL', base .. ':born')
  return { 'forgotten', 0, '' }
end

local operations = {
  take = take, release = release, confirm = confirm, rebuild = rebuild, pause = pause, forget = forget,
}
return operations[ARGV[1]]()
