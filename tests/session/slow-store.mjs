// One process's connection to a store: its calls take effect in order and after a delay, and not at
// all after the process was killed. It also has the application's database.
import { SessionError } from "./package.mjs";

export class SlowStore {
  #shared;
  #queue = [];
  #isDown = false;

  /** @param shared - `store`, `owners` and `committed`, shared by all processes. */
  constructor(shared) {
    this.#shared = shared;
  }

  load(id) {
    return this.#later(() => this.#merged(id, this.#shared.store.load(id)));
  }

  fence(id, claim) {
    return this.#later(() => {
      const { owners, store } = this.#shared;
      const before = owners.get(id);
      if (!(before?.generation >= claim.generation)) {
        const owner = before?.owner === claim.owner ? claim.owner : claim.successor;
        owners.set(id, { generation: claim.generation, owner });
      }
      return this.#merged(id, store.fence(id, claim));
    });
  }

  save(...args) {
    return this.#later(() => this.#shared.store.save(...args));
  }

  append(...args) {
    return this.#later(() => this.#shared.store.append(...args), args[2].data);
  }

  /** Calls `effect` and records the number, atomically, if the process still owns the session. */
  commit({ id, epoch, owner }, number, effect) {
    return this.#later(() => {
      const { committed, owners } = this.#shared;
      if (owners.get(id)?.owner !== owner) return Promise.reject(new SessionError("moved"));
      const before = committed.get(id);
      effect(before?.epoch === epoch ? before.number : 0);
      committed.set(id, { epoch, number });
    });
  }

  /** Executes the next calls. */
  proceed(count) {
    for (const { run } of this.#queue.splice(0, count)) run();
  }

  /** Kills the process. Returns the messages that were not stored. */
  kill() {
    this.#isDown = true;
    return this.#queue.splice(0).flatMap(({ data }) => (data === undefined ? [] : [data]));
  }

  #later(call, data) {
    if (this.#isDown) return new Promise(() => {});
    return new Promise((resolve) => this.#queue.push({ run: () => resolve(call()), data }));
  }

  #merged(id, found) {
    const last = this.#shared.committed.get(id);
    return found.then((session) => {
      if (!session || last?.epoch !== session.epoch) return session;
      return { ...session, handled: Math.max(session.handled, last.number) };
    });
  }
}
