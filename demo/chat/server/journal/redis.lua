-- The steps of the journal in Redis. Each is one script and so happens as a whole, or not at all;
-- each may be done twice, because the answer to the first may have been lost.
--
-- ARGV: the step, the process that asks, how many entries are kept, and what the step needs.
-- The answer: "lost" if the process is not registered (any more); otherwise "ok", the epoch, the
-- position up to which the log is to be read to have seen what was done, and what the step says.

local log = KEYS[1] -- a stream
local users = KEYS[2] -- id -> JSON
local names = KEYS[3] -- name as it is compared -> id
local forms = KEYS[4] -- id -> name as it is compared
local connections = KEYS[5] -- id -> connection
local homes = KEYS[6] -- id -> process
local processes = KEYS[7] -- process -> how often it has said that it lives
local epoch = KEYS[8] -- another one whenever Redis has begun empty
local done = KEYS[9] -- where this was written, if it was done before

local step, process, kept = ARGV[1], ARGV[2], ARGV[3]
local day = 24 * 60 * 60

local function current()
  return redis.call("GET", epoch) or ""
end

local function write(...)
  return redis.call("XADD", log, "MAXLEN", "~", kept, "*", "epoch", current(), ...)
end

local function answer(...)
  return { "ok", current(), ... }
end

local function last()
  local newest = redis.call("XREVRANGE", log, "+", "-", "COUNT", 1)
  return newest[1] and newest[1][1] or "0-0"
end

local function is_taken(form, id)
  local owner = redis.call("HGET", names, form)
  return owner and owner ~= id
end

local function set_name(id, user, form)
  local before = redis.call("HGET", forms, id)
  if before then redis.call("HDEL", names, before) end
  redis.call("HSET", names, form, id)
  redis.call("HSET", forms, id, form)
  redis.call("HSET", users, id, user)
end

local function set_place(id, connection)
  redis.call("HSET", connections, id, connection)
  redis.call("HSET", homes, id, process)
end

local function enter(id, user, form, connection)
  set_name(id, user, form)
  set_place(id, connection)
  return write("type", "user-join", "user", user, "connection", connection)
end

local function rename(id, user, form)
  local previous = redis.call("HGET", users, id)
  if previous == user then return last() end
  set_name(id, user, form)
  return write("type", "user-rename", "user", user, "previous", previous)
end

local function remove(id)
  local user = redis.call("HGET", users, id)
  redis.call("HDEL", names, redis.call("HGET", forms, id))
  for _, key in ipairs({ users, forms, connections, homes }) do redis.call("HDEL", key, id) end
  return write("type", "user-leave", "user", user)
end

local function is_here_by(id, connection)
  return redis.call("HGET", connections, id) == connection
end

local steps = {}

function steps.join(id, user, form, connection)
  local before = redis.call("GET", done)
  if before then return answer(before, "free") end
  if is_taken(form, id) then return answer(last(), "taken") end
  local at
  if redis.call("HEXISTS", users, id) == 0 then
    at = enter(id, user, form, connection)
  else
    if not is_here_by(id, connection) then
      set_place(id, connection)
      write("type", "moved", "id", id, "connection", connection)
    end
    at = rename(id, user, form)
  end
  redis.call("SET", done, at, "EX", day)
  return answer(at, "free")
end

function steps.rename(id, user, form, connection)
  if not is_here_by(id, connection) then return answer(last(), "free") end
  if is_taken(form, id) then return answer(last(), "taken") end
  return answer(rename(id, user, form), "free")
end

function steps.leave(id, connection)
  if not is_here_by(id, connection) then return answer(last()) end
  return answer(remove(id))
end

function steps.say(draft)
  local before = redis.call("GET", done)
  if before then return answer(before, "known") end
  local at = write("draft", draft)
  redis.call("SET", done, at, "EX", day)
  return answer(at, "new")
end

-- The process lives. Says how often every process has said so.
function steps.beat()
  redis.call("HINCRBY", processes, process, 1)
  return answer(last(), redis.call("HGETALL", processes))
end

-- Lets the users of a process leave, if it has not said anything since.
function steps.sweep(dead, beats)
  if redis.call("HGET", processes, dead) ~= beats then return answer(last()) end
  redis.call("HDEL", processes, dead)
  local all = redis.call("HGETALL", homes)
  for i = 1, #all, 2 do
    if all[i + 1] == dead then remove(all[i]) end
  end
  return answer(last())
end

-- Registers the process, and lets its users be here: all that it says are here by it, unless they
-- are here by another connection now. Says whose names belong to others.
function steps.resume(fresh)
  redis.call("SETNX", epoch, fresh)
  redis.call("HSETNX", processes, process, 0)
  local taken = {}
  for i = 5, #ARGV, 5 do
    local id, user, form, connection, previous = unpack(ARGV, i, i + 4)
    local is_away = redis.call("HEXISTS", users, id) == 0
    if is_away or is_here_by(id, connection) then
      if is_taken(form, id) then
        table.insert(taken, id)
      elseif is_away then
        enter(id, user, form, connection)
        if previous ~= "" then write("type", "user-rename", "user", user, "previous", previous) end
      else
        set_place(id, connection)
        rename(id, user, form)
      end
    end
  end
  return answer(last(), taken)
end

-- All that there is: who is here, and the newest entries, newest first.
function steps.load(count)
  local newest = redis.call("XREVRANGE", log, "+", "-", "COUNT", count)
  return answer(last(), redis.call("HVALS", users), newest)
end

local needs_no_registration = { resume = true, load = true }
if not needs_no_registration[step] and redis.call("HEXISTS", processes, process) == 0 then
  return { "lost" }
end
-- Not all of them: those of resume are more than a function can have.
return steps[step](unpack(ARGV, 4, 8))
