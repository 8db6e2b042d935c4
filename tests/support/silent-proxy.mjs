import { connect, createServer } from "node:net";
import { once } from "./until.mjs";

/**
 * A TCP proxy on loopback that can drop data silently, like a broken route, or refuse connections,
 * like a network that is switched off.
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

  /** Existing connections stay open, but data is lost in both directions. */
  silence() {
    for (const pair of this.#pairs) this.#silent.add(pair);
  }

  /** Existing connections stay open, but nothing is read from them any more. */
  stall() {
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Same for data from clients only; data from servers passes. */
  stallClients() {
    for (const [inside] of this.#pairs) inside.pause();
  }

  /** Existing connections stay open; data from clients is lost, data from servers passes. */
  loseSent() {
    for (const pair of this.#pairs) this.#deaf.add(pair);
  }

  /** Existing connections stay open; data from servers is lost, data from clients passes. */
  loseReceived() {
    for (const pair of this.#pairs) this.#mute.add(pair);
  }

  /** Resets existing connections. */
  reset() {
    for (const [inside] of this.#pairs) inside.resetAndDestroy();
  }

  /** Resets existing connections on both sides, and refuses new ones. */
  async refuse() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    await closed;
  }

  /** Accepts new connections again, on the same port. */
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
