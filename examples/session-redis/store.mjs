// A store of sessions in Redis: a hash and a list for each session, and one script for each function.
import { SessionError } from "steadysocket/server";

const scripts = {
  load: `
    return { redis.call("HGETALL", KEYS[1]), redis.call("LRANGE", KEYS[2], 0, -1) }`,

  // generation, owner, successor, keep
  fence: `
    local before = redis.call("HGET", KEYS[1], "generation")
    if before and tonumber(before) >= tonumber(ARGV[1]) then return false end
    local found = { redis.call("HGETALL", KEYS[1]), redis.call("LRANGE", KEYS[2], 0, -1) }
    redis.call("HSET", KEYS[1], "generation", ARGV[1])
    if redis.call("HGET", KEYS[1], "owner") ~= ARGV[2] then
      redis.call("HSET", KEYS[1], "owner", ARGV[3])
    end
    redis.call("PEXPIRE", KEYS[1], ARGV[4])
    redis.call("PEXPIRE", KEYS[2], ARGV[4])
    return found`,

  // owner, keep, whether messages are removed, then fields and values
  save: `
    if redis.call("HGET", KEYS[1], "owner") ~= ARGV[1] then return 0 end
    local before = tonumber(redis.call("HGET", KEYS[1], "acknowledged") or "0")
    redis.call("HSET", KEYS[1], unpack(ARGV, 4))
    if ARGV[3] == "1" then
      redis.call("DEL", KEYS[2])
    else
      local now = tonumber(redis.call("HGET", KEYS[1], "acknowledged"))
      if now > before then redis.call("LTRIM", KEYS[2], now - before, -1) end
    end
    redis.call("PEXPIRE", KEYS[1], ARGV[2])
    redis.call("PEXPIRE", KEYS[2], ARGV[2])
    return 1`,

  // owner, message
  append: `
    if redis.call("HGET", KEYS[1], "owner") ~= ARGV[1] then return 0 end
    redis.call("RPUSH", KEYS[2], ARGV[2])
    redis.call("PEXPIRE", KEYS[2], redis.call("PTTL", KEYS[1]))
    return 1`,

  // owner, number, value; the third key is a list of the application
  commit: `
    if redis.call("HGET", KEYS[1], "owner") ~= ARGV[1] then return 0 end
    local committed = tonumber(redis.call("HGET", KEYS[1], "committed") or "0")
    if committed < tonumber(ARGV[2]) then
      redis.call("HSET", KEYS[1], "committed", ARGV[2])
      redis.call("RPUSH", KEYS[3], ARGV[3])
    end
    return 1`,
};

/**
 * Makes a store for steadysocket/server of a connected client of Redis.
 * @param {import("redis").RedisClientType} redis
 */
export function redisStore(redis, prefix = "session:") {
  const run = (script, id, values, ...keys) =>
    redis.eval(scripts[script], {
      keys: [`${prefix}{${id}}`, `${prefix}{${id}}:messages`, ...keys],
      arguments: values.map(String),
    });

  return {
    load: async (id) => toSession(await run("load", id, [])),

    fence: async (id, { generation, owner, successor, keep }) => {
      const found = await run("fence", id, [generation, owner, successor, keep]);
      return found === null ? false : toSession(found);
    },

    save: async (id, owner, changes, keep) => {
      const isReset = changes.epoch !== undefined || changes.state !== undefined;
      const fields = Object.entries(changes).flatMap(([name, value]) =>
        // JSON has no undefined.
        name === "user" ? [name, JSON.stringify(value) ?? "null"] : [name, value],
      );
      if (changes.epoch !== undefined) fields.push("committed", 0);
      return (await run("save", id, [owner, keep, isReset ? 1 : 0, ...fields])) === 1;
    },

    append: async (id, owner, { data }) => {
      const text =
        typeof data === "string" ? `t${data}` : `b${Buffer.from(data).toString("base64")}`;
      return (await run("append", id, [owner, text])) === 1;
    },

    /**
     * Adds a value to a list, once for every message: together with the message's number, and only if
     * this process still has the session.
     * @throws {SessionError} Another process has it.
     */
    commit: async ({ id, owner }, number, list, value) => {
      const isOwner = await run("commit", id, [owner, number, value], list);
      if (isOwner !== 1) throw new SessionError("moved");
    },
  };
}

/** Of the fields and values of a hash, and a list. */
function toSession([flat, list]) {
  const hash = {};
  for (let i = 0; i < flat.length; i += 2) hash[flat[i]] = flat[i + 1];
  if (hash.epoch === undefined) return undefined;
  const acknowledged = Number(hash.acknowledged);
  return {
    user: JSON.parse(hash.user),
    epoch: hash.epoch,
    generation: Number(hash.generation),
    owner: hash.owner,
    // A message may be committed and not yet saved as handled.
    handled: Math.max(Number(hash.handled), Number(hash.committed ?? 0)),
    acknowledged,
    state: hash.state,
    messages: list.map((text, index) => ({
      number: acknowledged + index + 1,
      data: text[0] === "t" ? text.slice(1) : new Uint8Array(Buffer.from(text.slice(1), "base64")),
    })),
  };
}
