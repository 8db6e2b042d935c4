import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A TCP proxy on loopback that can fall silent, as a network does that loses its way. */
export class SilentProxy {
  #server = createServer((inside) => this.#join(inside));
  #target;
  #silent = new Set();
  #pairs = new Set();

  /** Stops when the test ends. */
  static async start(test, targetPort) {
    const proxy = new SilentProxy();
    proxy.#target = targetPort;
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    test.after(() => {
      proxy.#server.close();
      for (const pair of proxy.#pairs) for (const socket of pair) socket.destroy();
    });
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  /** The connections that there are stay up, and nothing comes through any more, either way. */
  silence() {
    for (const pair of this.#pairs) this.#silent.add(pair);
  }

  /** The connections that there are stay up, and nothing is taken from them any more. */
  stall() {
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** The connections that there are end with a reset. */
  reset() {
    for (const [inside] of this.#pairs) inside.resetAndDestroy();
  }

  #join(inside) {
    const outside = connect(this.#target, "127.0.0.1");
    const pair = [inside, outside];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()]) {
      from.on("data", (data) => this.#silent.has(pair) || to.write(data));
      from.on("end", () => this.#silent.has(pair) || to.end());
      from.on("error", () => {});
    }
  }
}
