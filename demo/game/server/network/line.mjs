// One TCP connection of a client as a bad network delivers it. It stands between the client's socket
// and the server's WebSocket, below the frames, so both ends experience a bad network and nothing
// else.
import { Duplex } from "node:stream";

/** Bytes on their way above which the sender has to wait. */
const mostOnTheWay = 64 * 1024;

const now = () => performance.now();

/**
 * @typedef {object} Quality
 * @property {number} latency Milliseconds added to the round trip, half of it in each direction.
 * @property {number} jitter Maximum of further milliseconds, random for every packet.
 */

/** One direction: items arrive later, in their order, as on TCP. */
class Way {
  #deliver;
  #quality;
  /** @type {{ due: number, item: any, size: number }[]} */
  #items = [];
  #last = 0;
  #timer;
  bytes = 0;

  /**
   * @param {Quality} quality Read for every item.
   * @param {(item: any) => void} deliver
   */
  constructor(quality, deliver) {
    this.#quality = quality;
    this.#deliver = deliver;
  }

  /** Delivers at once if there is no delay and nothing is on its way. */
  put(item, size = 0) {
    const { latency, jitter } = this.#quality;
    const due = Math.max(this.#last, now() + latency / 2 + (Math.random() * jitter) / 2);
    if (this.#items.length === 0 && latency === 0 && jitter === 0) {
      this.#deliver(item);
      return;
    }
    this.#last = due;
    this.bytes += size;
    this.#items.push({ due, item, size });
    this.#schedule();
  }

  clear() {
    clearTimeout(this.#timer);
    this.#items = [];
  }

  #schedule() {
    if (this.#timer !== undefined || this.#items.length === 0) return;
    this.#timer = setTimeout(() => this.#arrive(), this.#items[0].due - now());
  }

  #arrive() {
    this.#timer = undefined;
    // Timers may be up to a millisecond early.
    while (this.#items.length > 0 && this.#items[0].due <= now() + 1) {
      const { item, size } = this.#items.shift();
      this.bytes -= size;
      this.#deliver(item);
    }
    this.#schedule();
  }
}

export class Line extends Duplex {
  #socket;
  #isSilent = false;
  #in;
  #out;

  /**
   * @param {import("node:net").Socket} socket The client's.
   * @param {Quality} quality Changes take effect at once.
   */
  constructor(socket, quality) {
    super();
    this.#socket = socket;
    this.#in = new Way(quality, (item) => this.#receive(item));
    this.#out = new Way(quality, (item) => item());
    // Those of the HTTP server.
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.on("data", (data) => this.#isSilent || this.#in.put(data, data.length));
    socket.on("end", () => this.#isSilent || this.#in.put(null));
    socket.on("close", () => this.#isSilent || this.#in.put(undefined));
  }

  /** From now on nothing arrives on either side, and neither side is notified. */
  silence() {
    this.#isSilent = true;
    this.#in.clear();
    this.#out.clear();
  }

  /** Ends the connection on both sides, without a closing handshake. */
  cut() {
    this.#socket.resetAndDestroy();
    this.destroy();
  }

  /** @param {Buffer | null | undefined} item Data, the client's end, or the end of the connection. */
  #receive(item) {
    if (item === undefined) this.destroy();
    else if (!this.push(item)) this.#socket.pause();
  }

  _read() {
    this.#socket.resume();
  }

  _write(data, _encoding, done) {
    if (this.#isSilent) {
      done();
      return;
    }
    // A sender is stopped by the bytes on their way, not by the delay of each packet.
    const isFull = this.#out.bytes + data.length > mostOnTheWay;
    this.#out.put(() => {
      this.#socket.write(data);
      if (isFull) done();
    }, data.length);
    if (!isFull) done();
  }

  _writev(chunks, done) {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "buffer", done);
  }

  _final(done) {
    if (!this.#isSilent) this.#out.put(() => this.#socket.end());
    done();
  }

  _destroy(error, done) {
    this.#in.clear();
    this.#out.clear();
    this.#socket.destroy();
    done(error);
  }
}
