// The server's application, the same for every library: it records the numbers that a client has
// sent, in the order in which they were handled, and sends numbers on request.

const peers = new Map();
const feedMilliseconds = 5;

export const report = (event) => process.send({ received: event });

class Peer {
  /** The handled numbers, in order. */
  numbers = [];
  /** How many numbers were sent to the client. */
  fed = 0;
  /** The current connection: { send(text), isOpen() }. */
  connection;
  #id;
  #feed;

  constructor(id, isFed) {
    this.#id = id;
    if (isFed) this.#feed = setInterval(() => this.#send(), feedMilliseconds);
  }

  take(text) {
    if (text !== "end") {
      this.numbers.push(Number(text));
      return;
    }
    clearInterval(this.#feed);
    report({ ended: this.#id, numbers: this.numbers, fed: this.fed });
    this.connection.send("end");
  }

  #send() {
    if (this.connection?.isOpen()) this.connection.send(String(++this.fed));
  }
}

/** The peer of a client, shared by its connections. */
export function peerOf(id, isFed) {
  if (!peers.has(id)) peers.set(id, new Peer(id, isFed));
  return peers.get(id);
}
