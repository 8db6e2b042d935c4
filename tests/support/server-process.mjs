// A server in its own process, which can be killed and restarted on its port.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { kill } from "./children.mjs";
import { deadline, Waiting } from "./until.mjs";

const echo = new URL("./server.mjs", import.meta.url);

export class ServerProcess {
  /** Its reports named `received`, over all restarts; from server.mjs, strings and Buffers. */
  received = [];
  port = 0;
  #script;
  #args;
  #child;
  #waiting = new Waiting();

  /**
   * Starts one on a free port; it stops when the test ends, also if the test fails.
   * @param script - listens on the port in its first argument, then sends `{ port }`; exits if it
   * cannot.
   */
  static async start(test, script = echo, ...args) {
    const server = new ServerProcess();
    server.#script = fileURLToPath(script);
    server.#args = args;
    test.after(() => server.kill());
    await server.restart();
    return server;
  }

  /** Restarts it on the same port, as soon as that is free. */
  async restart() {
    for (let tries = 0; tries < 50; ++tries) {
      const args = [String(this.port), ...this.#args];
      const child = fork(this.#script, args, { serialization: "advanced", execArgv: [] });
      this.#child = child;
      child.on("message", (message) => this.#update(message));
      let hasEnded = false;
      child.on("exit", () => {
        hasEnded = true;
        this.#waiting.look();
      });
      await this.until(() => child.listening || hasEnded);
      if (child.listening) return;
    }
    throw new Error(`the test's server cannot listen on port ${this.port}`);
  }

  /** Kills it with SIGKILL, and waits for its exit. */
  kill() {
    return kill(this.#child);
  }

  /** Closes every connection with this code. */
  closeAll(code, reason) {
    this.#child.send({ closeAll: { code, reason } });
  }

  /** Sends a text message on every connection. */
  sendAll(text) {
    this.#child.send({ sendAll: text });
  }

  url(path = "/echo") {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  /** Resolves when the condition holds; it is evaluated on every report of the server. */
  until(condition, milliseconds = deadline) {
    const describe = () => {
      const last = this.received.slice(-5).map((data) => String(data).slice(0, 80));
      return `${this.received.length} received, the last: ${last.join(" | ")}`;
    };
    return this.#waiting.until(condition, describe, milliseconds);
  }

  #update({ port, received }) {
    if (port !== undefined) {
      this.port = port;
      this.#child.listening = true;
    }
    if (received !== undefined) this.received.push(received);
    this.#waiting.look();
  }
}
