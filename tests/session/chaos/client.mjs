// The client of a chaos run, in Node and in browsers. It has no imports.

/**
 * Opens sockets that send until `finish` is called.
 * @param config.urls - One per socket.
 * @param config.seed - For the choice of messages.
 * @param config.isPlain - Without a session.
 * @param WebSocket - The class to use, in Node.
 */
export function start(SteadySocket, config, WebSocket) {
  const clients = config.urls.map(
    (url, at) => new Client(SteadySocket, config, WebSocket, url, at),
  );
  const timer = setInterval(() => {
    for (const client of clients) client.burst();
  }, 4);
  return {
    /** Resolves when every socket has a session, or is open without one. */
    begun: () => Promise.all(clients.map((client) => client.begun)),
    /** Stops sending. Resolves to a report of each socket when everything is delivered. */
    async finish() {
      clearInterval(timer);
      return Promise.all(clients.map((client) => client.finish()));
    },
    /** Closes the sockets. */
    stop() {
      clearInterval(timer);
      for (const client of clients) client.close();
    },
    /** The sockets' states, for the error of a run that hangs. */
    describe: () => clients.map((client) => client.describe()),
  };
}

/** See tests/support/random.mjs. */
function seeded(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

/** The variants of sockets, used in turn. */
const kinds = [
  {},
  { options: { batch: true }, sendsObjects: true },
  { session: { window: 100 } },
  { isRestless: true },
];

class Client {
  begun;
  #socket;
  #random;
  #isPlain;
  #kind;
  #report = {
    sent: 0,
    volatile: [],
    received: [],
    dropped: [],
    delivered: [],
    states: {},
    errors: {},
  };
  #last;

  constructor(SteadySocket, { seed, isPlain }, WebSocket, url, at) {
    this.#random = seeded(seed + at);
    this.#isPlain = isPlain;
    this.#kind = kinds[at % kinds.length];
    const report = this.#report;
    const count = (counts, name) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    const socket = new SteadySocket(url, [], {
      session: !isPlain && (this.#kind.session ?? true),
      queue: { maxMessages: 1_000_000, maxBytes: 1_000_000_000 },
      heartbeat: isPlain
        ? { interval: 100, timeout: 150, message: "?", reply: "!" }
        : { interval: 100, timeout: 150 },
      connectTimeout: 600,
      reconnect: { initialDelay: 5, maxDelay: 20 },
      ...this.#kind.options,
      ...(WebSocket && { WebSocket }),
    });
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.begun = new Promise((resolve) => {
      socket.addEventListener(isPlain ? "open" : "session", () => resolve());
    });
    socket.addEventListener("session", ({ state }) => count(report.states, state));
    socket.addEventListener("error", ({ code, message }) => {
      count(report.errors, code === "session_failed" ? message : code);
    });
    socket.addEventListener("drop", ({ data, reason }) => {
      // The last message may be handled and not acknowledged when the socket is closed.
      if (data !== "last") report.dropped.push([numberOf(data), reason]);
    });
    this.#last = new Promise((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        if (data === "!") return;
        report.received.push(data);
        if (data === "last") resolve();
      });
    });
  }

  burst() {
    const random = this.#random;
    // Rarely more than a window or a platform's buffer holds.
    const count = random(150) === 0 ? 300 : random(3);
    for (let i = 0; i < count; ++i) this.#send();
    if (this.#kind.isRestless && random(40) === 0) this.#interrupt();
  }

  /** Reconnects or suspends, as a program may that is unaware of sessions. */
  #interrupt() {
    const socket = this.#socket;
    if (this.#random(2) === 0) {
      socket.reconnect();
    } else {
      socket.suspend();
      setTimeout(() => socket.resume(), this.#random(20));
    }
  }

  #send() {
    const random = this.#random;
    const number = this.#report.sent++;
    const kind = random(20);
    const socket = this.#socket;
    const { sendsObjects, isRestless } = this.#kind;
    if (sendsObjects && kind > 2) socket.send({ number });
    else if (isRestless && kind === 5) {
      this.#report.volatile.push(number);
      socket.send(`${number}`, { volatile: true });
    } else if (kind === 0) socket.send(new TextEncoder().encode(`${number} binary`));
    else if (kind === 1) socket.send(`\u0010${number} escaped`);
    else if (kind === 2) socket.send(`${number} ${"long".repeat(random(5_000))}`);
    else if (kind === 3) socket.send(`${number} é😀`, { ttl: 1e8, key: String(number) });
    else if (kind === 4) {
      socket.send(`${number} tracked`, { track: true }).outcome.then(({ status }) => {
        if (status === "delivered") this.#report.delivered.push(number);
      });
    } else socket.send(`${number}`);
  }

  async finish() {
    const socket = this.#socket;
    // The network works again: the next connection stays open.
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (this.#isPlain) {
      await socket.opened;
      await socket.drained();
    } else {
      // A server that was restarted may have lost the session before.
      await socket.delivered().catch(() => socket.delivered());
    }
    socket.send("last");
    await this.#last;
    this.#report.received.pop();
    socket.close();
    return this.#report;
  }

  close() {
    this.#socket.close();
  }

  describe() {
    const { state, bufferedAmount } = this.#socket;
    const { sent, received, states, errors } = this.#report;
    return { state, bufferedAmount, sent, received: received.length, states, errors };
  }
}

/** The number in a sent message. */
function numberOf(data) {
  const text = typeof data === "string" ? data : new TextDecoder().decode(data);
  return Number(/\d+/.exec(text)[0]);
}
