import { connect, createServer } from "node:net";
import { once } from "./until.mjs";

/**
 * A TCP proxy on loopback that can fall silent, as a network does that loses its way, or be gone, as
 * one does that is switched off.
 */
export class SilentProxy {
  #server = createServer((inside) => this.#join(inside));
  #target;
  #port = 0;
  #silent = new Set();
  #deaf = new Set();
  #mute = new Set();
  #pairs = new Set();

  /** Stops when the test ends. */
  static async start(test, targetPort) {
    const proxy = new SilentProxy();
    proxy.#target = targetPort;
    await proxy.pass();
    test.after(() => {
      proxy.#server.close();
      for (const pair of proxy.#pairs) for (const socket of pair) socket.destroy();
    });
    return proxy;
  }

  get port() {
    return this.#port;
  }

  /** The connections that there are stay up, and nothing comes through any more, either way. */
  silence() {
    for (const pair of this.#pairs) this.#silent.add(pair);
  }

  /** The connections that there are stay up, and nothing is taken from them any more. */
  stall() {
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** The same for what clients send only: what servers send comes through. */
  stallClients() {
    for (const [inside] of this.#pairs) inside.pause();
  }

  /** The connections that there are stay up; what clients send is lost, what servers send is not. */
  loseSent() {
    for (const pair of this.#pairs) this.#deaf.add(pair);
  }

  /** The same the other way: what servers send is lost, what clients send is not. */
  loseReceived() {
    for (const pair of this.#pairs) this.#mute.add(pair);
  }

  /** The connections that there are end with a reset. */
  reset() {
    for (const [inside] of this.#pairs) inside.resetAndDestroy();
  }

  /** The connections that there are end with a reset on both sides, and new ones are refused. */
  async refuse() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    await closed;
  }

  /** New connections are accepted, on the same port. */
  async pass() {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
  }

  #join(inside) {
    const outside = connect(this.#target, "127.0.0.1");
    const pair = [inside, outside];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()]) {
      const lost = from === inside ? this.#deaf : this.#mute;
      const isLost = () => this.#silent.has(pair) || lost.has(pair);
      from.on("data", (data) => isLost() || to.write(data));
      from.on("end", () => this.#silent.has(pair) || to.end());
      from.on("error", () => {});
    }
  }
}
