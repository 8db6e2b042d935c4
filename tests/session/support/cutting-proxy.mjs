import { connect, createServer } from "node:net";
import { once } from "../../support/until.mjs";

/**
 * A TCP proxy on loopback that breaks every connection after a random number of bytes, in the
 * middle of a frame or of the handshake: by a reset, a close, or silence in one or both directions.
 */
export class CuttingProxy {
  port;
  /** The number of connections broken in each way. */
  cuts = { reset: 0, end: 0, silence: 0, loseSent: 0 };
  /** Whether everything is forwarded. */
  isCalm = false;
  #server = createServer((client) => this.#join(client));
  #target;
  #random;
  #sockets = new Set();

  /** Starts a proxy, which stops when the test ends. */
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

  /** Breaks no more connections; silent ones stay silent. */
  calm() {
    this.isCalm = true;
  }

  #way() {
    // Rarely silence, which the client detects only after its timeout.
    const way = this.#random(16);
    return way < 8 ? "reset" : way < 14 ? "end" : way < 15 ? "silence" : "loseSent";
  }

  #join(client) {
    const server = connect(this.#target, "127.0.0.1");
    const pair = [client, server];
    const state = { left: 100 + this.#random(4000), way: this.#way(), failed: false };
    for (const [from, to] of [pair, pair.toReversed()]) {
      this.#sockets.add(from);
      from.on("data", (data) => this.#pass(data, from === client, to, state, pair));
      from.on("end", () => to.end());
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        if (state.failed && state.way !== "end") return;
        to.end();
      });
    }
  }

  #pass(data, isFromClient, to, state, [client, server]) {
    if (state.failed) {
      if (state.way === "loseSent" && !isFromClient) to.write(data);
      return;
    }
    state.left -= data.length;
    if (state.left >= 0 || this.isCalm) {
      to.write(data);
      return;
    }
    state.failed = true;
    ++this.cuts[state.way];
    // The server's data continues, so it must have no gap.
    const isWhole = state.way === "loseSent" && !isFromClient;
    to.write(isWhole ? data : data.subarray(0, this.#random(data.length)));
    if (state.way === "end") {
      client.end();
      server.end();
    }
    if (state.way === "reset") {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }
}
