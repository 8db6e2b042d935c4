// A TCP proxy on loopback that harms its connections at random moments, repeatably.
import { connect, createServer } from "node:net";
import { once } from "../../support/until.mjs";

/** What happens to a connection, and how often. */
const harms = {
  /** Both ends are closed; what is under way is lost. */
  kill: 6,
  /** Both ends are reset. */
  reset: 4,
  /** The client's end is closed at once, the server's end stays half-open. */
  halfOpen: 2,
  /** Nothing arrives any more in either direction. */
  silence: 1,
  /** What the client sends is lost. */
  loseSent: 1,
  /** What the server sends is lost. */
  loseReceived: 1,
};

export class ChaosProxy {
  /** How often each harm was done. */
  counts = Object.fromEntries(Object.keys(harms).map((name) => [name, 0]));
  #server = createServer((inside) => this.#join(inside));
  #target;
  #random;
  #life;
  #isCalm = false;
  #pairs = new Set();

  /**
   * Starts one, which stops when the test ends.
   * @param random - See support/random.mjs.
   * @param life - Milliseconds that a connection has at most before it is harmed.
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

  /** The number of connections that were harmed. */
  get kills() {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  /** New connections are not harmed any more, and the others end. */
  calm() {
    this.#isCalm = true;
    for (const pair of this.#pairs) pair.end();
  }

  #join(inside) {
    const outside = connect(this.#target, "127.0.0.1");
    let deaf = "";
    let isOver = false;
    const pair = {
      end: () => {
        inside.destroy();
        outside.destroy();
      },
    };
    this.#pairs.add(pair);
    for (const [from, to, name] of [
      [inside, outside, "loseSent"],
      [outside, inside, "loseReceived"],
    ]) {
      from.setNoDelay(true);
      from.on("data", (data) => deaf === "silence" || deaf === name || to.write(data));
      from.on("end", () => deaf || to.end());
      from.on("error", () => {});
      from.on("close", () => {
        isOver = true;
        clearTimeout(timer);
        if (!deaf) to.destroy();
        this.#pairs.delete(pair);
      });
    }
    const harm = () => {
      if (isOver || this.#isCalm) return;
      const name = this.#pick();
      ++this.counts[name];
      if (name === "kill") pair.end();
      else if (name === "reset") for (const end of [inside, outside]) end.resetAndDestroy();
      else deaf = name;
      if (name === "halfOpen") inside.destroy();
    };
    const timer = setTimeout(harm, this.#random(this.#life));
  }

  #pick() {
    let left = this.#random(Object.values(harms).reduce((sum, weight) => sum + weight, 0));
    for (const [name, weight] of Object.entries(harms)) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new Error("unreachable");
  }
}
