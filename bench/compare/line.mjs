import { connect, createServer } from "node:net";
import { once } from "../../tests/support/until.mjs";

/**
 * A TCP proxy on loopback: a network with a delay, which can kill connections or be unavailable.
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

  /** Resets both ends of every connection. Data in flight is lost. */
  kill() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** The same, and refuses new connections. */
  async refuse() {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.kill();
    await closed;
  }

  /** Accepts connections, always on the same port. */
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
      // Timers with the same delay keep their order.
      const later = (action) => setTimeout(() => to.destroyed || action(), this.#delay);
      from.on("data", (data) => later(() => to.write(data)));
      from.on("end", () => later(() => to.end()));
      from.on("error", () => to.resetAndDestroy());
      from.on("close", () => this.#sockets.delete(from));
    }
  }
}
