import { connect, createServer } from "node:net";
import { once } from "../../tests/support/until.mjs";

/**
 * A TCP proxy on loopback: a network that has a delay, kills connections, or is gone for a while.
 */
export class Line {
  port = 0;
  #delay;
  #target;
  #sockets = new Set();
  #server = createServer((inside) => this.#join(inside));

  /**
   * Stops with the scope.
   * @param delay - Milliseconds, in each direction.
   */
  static async start(scope, target, delay = 0) {
    const line = new Line();
    line.#target = target;
    line.#delay = delay;
    await line.accept();
    scope.after(() => {
      line.#server.close();
      for (const socket of line.#sockets) socket.destroy();
    });
    return line;
  }

  /** Both ends of every connection are reset. What has not arrived is lost. */
  kill() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** The same, and new connections are refused. */
  async refuse() {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.kill();
    await closed;
  }

  /** Connections are accepted, always on the same port. */
  async accept() {
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
  }

  #join(inside) {
    const outside = connect(this.#target, "127.0.0.1");
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ]) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      // Timers of one delay keep their order.
      const later = (action) => setTimeout(() => to.destroyed || action(), this.#delay);
      from.on("data", (data) => later(() => to.write(data)));
      from.on("end", () => later(() => to.end()));
      from.on("error", () => to.resetAndDestroy());
      from.on("close", () => this.#sockets.delete(from));
    }
  }
}
