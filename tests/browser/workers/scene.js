// Run in a worker or a frame: answers each message of its port, `[what, argument]`, with one.
import { SteadySocket } from "/steadysocket.js";

const compiled = { Module: 0, Instance: 0, compile: 0, instantiate: 0 };
for (const name of Object.keys(compiled)) {
  const count = (make) => {
    ++compiled[name];
    return make();
  };
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct: (target, args) => count(() => new target(...args)),
    apply: (target, self, args) => count(() => target.apply(self, args)),
  });
}

const options = { reconnect: { initialDelay: 10, maxDelay: 50 } };
const sockets = [];
const next = (socket, type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

const does = {
  /** Opens two more sockets. */
  async open(url) {
    const made = ["one", "two"].map((name) => new SteadySocket(url + name, [], options));
    for (const socket of made) {
      const record = { socket, closes: 0, received: [] };
      socket.addEventListener("close", () => ++record.closes);
      socket.on("count", ({ number }) => record.received.push(number));
      sockets.push(record);
    }
    await Promise.all(made.map((socket) => next(socket, "open")));
  },
  /** Sends after the connections were lost. */
  async away() {
    const statuses = new Set();
    for (const { socket, closes } of sockets) {
      if (closes === 0) await next(socket, "close");
      for (let number = 0; number < 20; ++number) {
        statuses.add(socket.send({ type: "count", number }).status);
      }
    }
    return [...statuses];
  },
  /** Returns the echoes, when all have arrived. */
  async back() {
    for (const { socket, received } of sockets) {
      while (received.length < 20) await next(socket, "message");
    }
    return sockets.map(({ received }) => received);
  },
  compiled: () => compiled,
  /** Returns the URL that a WebSocket is constructed with, given a relative one. */
  resolved(url) {
    const urls = [];
    class Recorder {
      readyState = 0;
      constructor(resolved) {
        urls.push(resolved);
      }
      close() {}
    }
    new SteadySocket(url, [], { WebSocket: Recorder, closeTimeout: 1 }).close();
    return urls;
  },
  async close() {
    const closed = sockets.map(({ socket }) => next(socket, "close"));
    for (const { socket } of sockets) socket.close(1000, "enough");
    return (await Promise.all(closed)).map(({ code, wasClean }) => [code, wasClean]);
  },
};

export function play(port) {
  port.onmessage = async ({ data: [what, argument] }) => {
    port.postMessage((await does[what](argument)) ?? null);
  };
}
