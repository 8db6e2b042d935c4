// A TCP proxy on loopback that breaks its connections at random, reproducible moments.
import { connect, createServer } from "node:net";
import { once } from "../../support/until.mjs";

/** Faults of connections, with their weights. */
const faults = {
  /** Both ends are closed; data in flight is lost. */
  kill: 6,
  /** Both ends are reset. */
  reset: 4,
  /** The client's end is closed, the server's end stays half-open. */
  halfOpen: 2,
  /** No data is forwarded in either direction. */
  silence: 1,
  /** The client's data is lost. */
  loseSent: 1,
  /** The server's data is lost. */
  loseReceived: 1,
};

export class ChaosProxy {
  /** The number of connections with each fault. */
  counts = Object.fromEntries(Object.keys(faults).map((name) => [name, 0]));
  #server = createServer((client) => this.#join(client));
  #target;
  #random;
  #life;
  #isCalm = false;
  #pairs = new Set();

  /**
   * Starts a proxy, which stops when the test ends.
   * @param random - See support/random.mjs.
   * @param life - The longest time to a connection's fault, in milliseconds.
   */
  static async start(test, targetPort, random, life) {
    const proxy = new ChaosProxy();
    proxy.#target = targetPort;
    proxy.#random = random;
    proxy.#life = life;
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    test.after(() => {
      proxy.#server.close();
      for (const pair of proxy.#pairs) pair.end();
    });
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  /** The number of broken connections. */
  get kills() {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  /** Closes all connections, and lets new ones work. */
  calm() {
    this.#isCalm = true;
    for (const pair of this.#pairs) pair.end();
  }

  #join(client) {
    const server = connect(this.#target, "127.0.0.1");
    let fault = "";
    let isClosed = false;
    const pair = {
      end: () => {
        client.destroy();
        server.destroy();
      },
    };
    this.#pairs.add(pair);
    for (const [from, to, name] of [
      [client, server, "loseSent"],
      [server, client, "loseReceived"],
    ]) {
      from.setNoDelay(true);
      from.on("data", (data) => fault === "silence" || fault === name || to.write(data));
      from.on("end", () => fault || to.end());
      from.on("error", () => {});
      from.on("close", () => {
        isClosed = true;
        clearTimeout(timer);
        if (!fault) to.destroy();
        this.#pairs.delete(pair);
      });
    }
    const breakPair = () => {
      if (isClosed || this.#isCalm) return;
      const name = this.#pick();
      ++this.counts[name];
      if (name === "kill") pair.end();
      else if (name === "reset") for (const end of [client, server]) end.resetAndDestroy();
      else fault = name;
      if (name === "halfOpen") client.destroy();
    };
    const timer = setTimeout(breakPair, this.#random(this.#life));
  }

  #pick() {
    let left = this.#random(Object.values(faults).reduce((sum, weight) => sum + weight, 0));
    for (const [name, weight] of Object.entries(faults)) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new Error("unreachable");
  }
}
