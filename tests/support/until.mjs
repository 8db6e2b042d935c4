// Deadlines: a wait that takes too long fails the test, with an error that names what was missing.
import * as events from "node:events";

/** Milliseconds: enough for a machine whose cores are all busy. */
export const deadline = 15_000;

/**
 * Calls `expire` with an error after the deadline. Returns a function that prevents this.
 * @param describe - Returns the actual state, for the error's message.
 */
function expiring(what, describe, milliseconds, expire) {
  // The caller's stack: a timer has none.
  const { stack } = new Error();
  const timer = setTimeout(() => {
    const found = describe();
    const error = new Error(`waited ${milliseconds} ms for ${what}${found && `; ${found}`}`);
    error.stack = stack.replace(/^Error\n.*/, `Error: ${error.message}`);
    expire(error);
  }, milliseconds);
  return () => clearTimeout(timer);
}

/**
 * Settles as the promise does; rejects if that takes too long.
 * @param what - The awaited event, for the error's message.
 * @param describe - Returns the actual state, for the error's message.
 */
export function within(promise, what, describe = () => "", milliseconds = deadline) {
  const inTime = new Promise((resolve, reject) => {
    const stop = expiring(what, describe, milliseconds, reject);
    Promise.resolve(promise).finally(stop).then(resolve, reject);
  });
  // A test that has already failed no longer awaits it.
  inTime.catch(() => {});
  return inTime;
}

/** Same as `once` of node:events, with a deadline. */
export function once(emitter, name, milliseconds = deadline) {
  return within(events.once(emitter, name), `the event "${name}"`, () => "", milliseconds);
}

/** Resolves when the condition holds, which is evaluated in every turn of the event loop. */
export async function eventually(condition) {
  let expired;
  const stop = expiring(
    condition,
    () => "",
    deadline,
    (error) => {
      expired = error;
    },
  );
  try {
    while (!condition()) {
      if (expired) throw expired;
      await new Promise(setImmediate);
    }
  } finally {
    stop();
  }
}

/** Conditions that tests wait for: call `look` whenever one may have become true. */
export class Waiting {
  #waiting = new Set();

  /**
   * Resolves to the condition's value as soon as that is truthy; rejects if that takes too long.
   * @param describe - Returns the actual state, for the error's message.
   */
  async until(condition, describe = () => "", milliseconds = deadline) {
    const value = condition();
    if (value) return value;
    return new Promise((resolve, reject) => {
      const entry = { condition, resolve };
      entry.stop = expiring(condition, describe, milliseconds, (error) => {
        this.#waiting.delete(entry);
        reject(error);
      });
      this.#waiting.add(entry);
    });
  }

  look() {
    for (const entry of this.#waiting) {
      const value = entry.condition();
      if (!value) continue;
      this.#waiting.delete(entry);
      entry.stop();
      entry.resolve(value);
    }
  }
}
