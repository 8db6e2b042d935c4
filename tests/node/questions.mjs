import { openSocket } from "../support/sockets.mjs";
import { Waiting } from "../support/until.mjs";

/** Calls that the test settles: `ask` is passed to the socket as a function. */
export class Questions {
  asked = [];
  #waiting = new Waiting();
  ask = (...about) => {
    const question = Promise.withResolvers?.() ?? withResolvers();
    this.asked.push(Object.assign(question, { about }));
    this.#waiting.look();
    return question.promise;
  };
  /** Resolves with call number `index`, from 0, when it was made. */
  async number(index) {
    await this.#waiting.until(() => this.asked.length > index);
    return this.asked[index];
  }
}
function withResolvers() {
  const question = {};
  question.promise = new Promise((resolve, reject) => Object.assign(question, { resolve, reject }));
  return question;
}

/** Creates other sockets, which reuse the memory of closed ones. */
export function takeMemory(t) {
  class Unconnected {
    readyState = 0;
    close() {}
  }
  const options = { WebSocket: Unconnected, closeTimeout: 1 };
  for (let i = 0; i < 100; ++i) openSocket(t, "ws://127.0.0.1:1", options);
}

/** Runs pending microtasks and the next tasks. */
export async function turns() {
  for (let i = 0; i < 5; ++i) await new Promise(setImmediate);
}
