import { connect, createServer } from "node:net";
import { once } from "../../support/until.mjs";

/**
 * A TCP proxy on loopback that fails every connection after a random number of bytes, in the middle
 * of a frame or of the handshake: with a reset, with an end, or in silence in one direction or both.
 */
export class CuttingProxy {
  port;
  /** How many connections it has failed, in each way. */
  cuts = { reset: 0, end: 0, silence: 0, loseSent: 0 };
  /** Lets everything through. */
  isCalm = false;
  #server = createServer((inside) => this.#join(inside));
  #target;
  #random;
  #sockets = new Set();

  /** Stops when the test ends. */
  static async start(t, target, random) {
    const proxy = new CuttingProxy();
    proxy.#target = target;
    proxy.#random = random;
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.port = proxy.#server.address().port;
    t.after(() => {
      proxy.#server.close();
      for (const socket of proxy.#sockets) socket.destroy();
    });
    return proxy;
  }

  get total() {
    return Object.values(this.cuts).reduce((sum, count) => sum + count);
  }

  /** Silent connections stay so; others are not failed any more. */
  calm() {
    this.isCalm = true;
  }

  #way() {
    // Rarely in silence, which costs the time in which the client notices.
    const way = this.#random(16);
    return way < 8 ? "reset" : way < 14 ? "end" : way < 15 ? "silence" : "loseSent";
  }

  #join(inside) {
    const outside = connect(this.#target, "127.0.0.1");
    const pair = [inside, outside];
    const state = { left: 100 + this.#random(4000), way: this.#way(), failed: false };
    for (const [from, to] of [pair, pair.toReversed()]) {
      this.#sockets.add(from);
      from.on("data", (data) => this.#pass(data, from === inside, to, state, pair));
      from.on("end", () => to.end());
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        if (state.failed && state.way !== "end") return;
        to.end();
      });
    }
  }

  #pass(data, isClients, to, state, [inside, outside]) {
    if (state.failed) {
      if (state.way === "loseSent" && !isClients) to.write(data);
      return;
    }
    state.left -= data.length;
    if (state.left >= 0 || this.isCalm) {
      to.write(data);
      return;
    }
    state.failed = true;
    ++this.cuts[state.way];
    // What the server sends has no gap where it goes on.
    const isWhole = state.way === "loseSent" && !isClients;
    to.write(isWhole ? data : data.subarray(0, this.#random(data.length)));
    if (state.way === "end") {
      inside.end();
      outside.end();
    }
    if (state.way === "reset") {
      inside.resetAndDestroy();
      outside.resetAndDestroy();
    }
  }
}
