import { openSocket } from "../support/sockets.mjs";
import { Waiting } from "../support/until.mjs";

/** Questions that the test answers: `ask` is to be called by the socket. */
export class Questions {
  asked = [];
  #waiting = new Waiting();
  ask = (...about) => {
    const question = Promise.withResolvers?.() ?? withResolvers();
    this.asked.push(Object.assign(question, { about }));
    this.#waiting.look();
    return question.promise;
  };
  /** Resolves with the question of this number, from 0, when it was asked. */
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

/** Other sockets, which have the memory then that closed ones have given back. */
export function takeMemory(t) {
  class Unconnected {
    readyState = 0;
    close() {}
  }
  const options = { WebSocket: Unconnected, closeTimeout: 1 };
  for (let i = 0; i < 100; ++i) openSocket(t, "ws://127.0.0.1:1", options);
}

/** Lets everything run that was put off to the end of this task, and some more. */
export async function turns() {
  for (let i = 0; i < 5; ++i) await new Promise(setImmediate);
}
