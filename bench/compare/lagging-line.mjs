import { connect, createServer } from "node:net";
import { once } from "../../tests/support/until.mjs";

/** A TCP proxy with the delay of a network, whose connections can be killed with what is under way. */
export class LaggingLine {
  port = 0;
  #delay;
  #target;
  #sockets = new Set();
  #server = createServer((inside) => this.#join(inside));

  /**
   * Stops with the scope.
   * @param delay - Milliseconds, in each direction.
   */
  static async start(scope, target, delay) {
    const line = new LaggingLine();
    line.#target = target;
    line.#delay = delay;
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    line.port = line.#server.address().port;
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
      from.on("error", () => to.destroy());
      from.on("close", () => this.#sockets.delete(from));
    }
  }
}
