// A store of sessions in a file, for one process. The orders are in the same file: an order and the
// number of its message are written in one step.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { SessionError } from "steadysocket/server";

export function fileStore(file) {
  const saved = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const sessions = new Map(saved.sessions);
  const orders = saved.orders ?? [];

  /** Complete or not at all. Without fsync it survives the process, and not a power failure. */
  function write() {
    for (const [id, { expires }] of sessions) if (expires < Date.now()) sessions.delete(id);
    writeFileSync(`${file}.new`, JSON.stringify({ sessions: [...sessions], orders }));
    renameSync(`${file}.new`, file);
  }

  function update(id, owner, change) {
    const session = sessions.get(id);
    if (session?.owner !== owner) return false;
    sessions.set(id, { ...session, ...change(session) });
    write();
    return true;
  }

  /** The part of a session that createSessions stores. */
  function stored(session) {
    if (session?.epoch === undefined) return undefined;
    // A message may be committed and not yet saved as handled.
    return { ...session, handled: Math.max(session.handled, session.committed) };
  }

  return {
    load: async (id) => stored(sessions.get(id)),

    fence: async (id, { generation, owner, successor, keep }) => {
      const before = sessions.get(id);
      if (before && before.generation >= generation) return false;
      const next = before?.owner === owner ? owner : successor;
      const expires = Date.now() + keep;
      sessions.set(id, { messages: [], committed: 0, ...before, generation, owner: next, expires });
      write();
      return stored(before);
    },

    save: async (id, owner, changes, keep) =>
      update(id, owner, (session) => {
        const isReset = changes.epoch !== undefined || changes.state !== undefined;
        const acknowledged = changes.acknowledged ?? session.acknowledged ?? 0;
        const messages = session.messages.filter(({ number }) => number > acknowledged);
        const committed = changes.epoch === undefined ? session.committed : 0;
        const expires = Date.now() + keep;
        return { ...changes, messages: isReset ? [] : messages, committed, expires };
      }),

    /** Text only: bytes would have to be encoded. */
    append: async (id, owner, message) =>
      update(id, owner, ({ messages }) => ({ messages: [...messages, message] })),

    /** Adds an order, once for every message. Returns all orders. */
    commit({ id, owner }, number, order) {
      const isOwner = update(id, owner, ({ committed }) => {
        if (committed < number) orders.push(order);
        return { committed: Math.max(committed, number) };
      });
      if (!isOwner) throw new SessionError("moved");
      return orders;
    },
  };
}
