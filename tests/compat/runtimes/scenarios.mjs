// The scenarios that run in every runtime, one per process:
//   scenarios.mjs <the package> <the package ws> <own, option or global> <name> <URL of a server>
// It uses only features that all runtimes have, and exits by itself.
const [packageUrl, wsUrl, source, name, url] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);

const options = { reconnect: { initialDelay: 10, maxDelay: 50 } };
if (source !== "own") {
  const { WebSocket } = await import(wsUrl);
  if (source === "option") options.WebSocket = WebSocket;
  if (source === "global") globalThis.WebSocket = WebSocket;
}

const report = (name, value) => console.log(JSON.stringify([name, value]));
const open = (more = {}, protocols = []) =>
  new SteadySocket(url, protocols, { ...options, ...more });
const next = (socket, type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

/** Resolves once the socket's buffer no longer gets smaller: the system's buffers are full. */
function stalled(socket) {
  return new Promise((resolve) => {
    let before = -1;
    let same = 0;
    const timer = setInterval(() => {
      const amount = socket.bufferedAmount;
      same = amount === before ? same + 1 : 0;
      before = amount;
      if (same < 10) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });
}

/** Describes a payload as a string. */
async function describe(data) {
  if (typeof data === "string") return data;
  if (data instanceof Blob) return `Blob ${new Uint8Array(await data.arrayBuffer())}`;
  return `${data.constructor.name} ${new Uint8Array(data)}`;
}

const scenarios = {
  async messages() {
    const socket = open({}, ["chat.v1", "chat.v2"]);
    const opened = next(socket, "open");
    report("new", [socket.readyState, socket.state, socket.protocol, socket.url === url]);
    await opened;
    report("open", [socket.readyState, socket.state, socket.protocol]);
    const routed = [];
    socket.on("greeting", (payload) => routed.push(payload));
    for (const binaryType of ["blob", "arraybuffer"]) {
      socket.binaryType = binaryType;
      const bytes = Uint8Array.of(1, 2, 3, 4);
      const sent = [
        "text é \u{1f600} \0.",
        { type: "greeting", to: binaryType },
        bytes.buffer,
        bytes.subarray(1, 3),
        new DataView(bytes.buffer, 2),
        new Blob(["AB"]),
        "the last",
      ];
      const received = [];
      const finished = new Promise((resolve) => {
        socket.onmessage = ({ data, origin }) => {
          received.push(data);
          if (data === "the last") resolve(origin);
        };
      });
      for (const data of sent) socket.send(data);
      // send has copied the bytes.
      bytes.fill(0);
      report("origin", (await finished) === new URL(url).origin);
      report(binaryType, await Promise.all(received.map(describe)));
    }
    report("routed", routed);
    socket.close();
    await next(socket, "close");
    report("closed", [socket.readyState, socket.state, socket.protocol]);
  },

  async outage() {
    const socket = open();
    const received = [];
    let wake;
    socket.on("*", ({ number }) => {
      received.push(number);
      wake?.();
    });
    const count = async (wanted) => {
      while (received.length < wanted) await new Promise((resolve) => (wake = resolve));
    };
    const closes = [];
    socket.onclose = ({ code, wasClean, willRetry }) => closes.push([code, wasClean, willRetry]);
    const send = (from, to) => {
      const results = [];
      for (let number = from; number < to; ++number) {
        results.push(socket.send({ type: "count", number }).status);
      }
      return [...new Set(results)];
    };
    report("before open", send(0, 5));
    await next(socket, "open");
    report("open", send(5, 10));
    await count(10);
    report("kill the server");
    await next(socket, "close");
    report("waiting", [closes[0], socket.readyState, send(10, 500)]);
    report("start the server");
    await next(socket, "open");
    report("reopened", send(500, 510));
    await count(510);
    report(
      "received",
      received.every((number, index) => number === index),
    );
    await socket.drained();
    report("drained", socket.bufferedAmount);
    socket.close(1000, "enough");
    const { code, reason, wasClean } = await next(socket, "close");
    report("closed", [code, reason, wasClean]);
  },

  async heartbeat() {
    const heartbeat = { interval: 50, timeout: 50 };
    const socket = open({ heartbeat });
    const lines = [];
    const reconnected = new Promise((resolve) => {
      for (const type of ["open", "error", "close"]) {
        socket.addEventListener(type, ({ code }) => {
          lines.push([type, code].filter(Boolean).join(" "));
          if (lines.length === 4) resolve();
        });
      }
    });
    await reconnected;
    report("silent server", lines);
    socket.close();
    const answered = new SteadySocket(`${url}pong`, [], {
      ...options,
      heartbeat: { interval: 50, timeout: 5_000 },
    });
    await next(answered, "message");
    const { last } = answered.stats().roundTrip;
    report("answering server", last >= 0 && last < 5_000);
    answered.close();
  },

  async close() {
    const closes = [[4001, "enough \u00e9"], [1000], []];
    for (const args of closes) {
      const socket = open();
      await next(socket, "open");
      socket.close(...args);
      report("closing", [socket.readyState, socket.state]);
      const { code, reason, wasClean, willRetry } = await next(socket, "close");
      report("closed", [code, reason, wasClean, willRetry]);
    }
    const refused = open();
    const event = await next(refused, "close");
    report("closed by the server", [event.code, event.reason, event.wasClean, event.willRetry]);
    report("event", [event instanceof Event, event.type, event.target === refused]);
    const absent = new SteadySocket("ws://127.0.0.1:1/", [], { ...options, reconnect: false });
    report("no server", (await next(absent, "close")).code);
  },

  async pressure() {
    const queue = { maxMessages: 1_000, maxBytes: 64 << 20 };
    const socket = open({ queue });
    const dropped = [];
    socket.addEventListener("drop", ({ reason, data }) => {
      dropped.push([Number.parseInt(data, 10), reason]);
    });
    await next(socket, "open");
    const filling = "x".repeat(1 << 16);
    const results = [];
    for (let number = 0; number < 256; ++number) {
      results.push(socket.send(`${number} ${filling}`).status);
    }
    await stalled(socket);
    report("cut the connection", [results.indexOf("queued"), results.lastIndexOf("sent")]);
    await next(socket, "open");
    await socket.drained();
    report("dropped", dropped);
    socket.close();
  },

  async refused() {
    const socket = open();
    const nameOf = (call) => {
      try {
        call();
        return "nothing";
      } catch (error) {
        return `${error instanceof DOMException ? "DOMException " : ""}${error.name}`;
      }
    };
    const make = (target, protocols = []) =>
      nameOf(() => new SteadySocket(target, protocols, options));
    report(
      "URLs",
      ["ws://[", "ftp://127.0.0.1/", "ws://127.0.0.1/#part", "/relative"].map((target) =>
        make(target),
      ),
    );
    report(
      "protocols",
      [["a", "a"], [""], ["a b"]].map((list) => make(url, list)),
    );
    report(
      "an option",
      nameOf(() => new SteadySocket(url, [], { recconect: false })),
    );
    report(
      "codes",
      [999, 1001, 5000].map((code) => nameOf(() => socket.close(code))),
    );
    report(
      "a reason",
      nameOf(() => socket.close(1000, "x".repeat(124))),
    );
    report(
      "an object without JSON",
      nameOf(() => socket.send({ toJSON: () => undefined })),
    );
    await next(socket, "open");
    report("state", socket.state);
    socket.close();
  },

  async end() {
    // A connecting socket, a waiting one, and one with a heartbeat: none keeps the process alive.
    new SteadySocket(`${url}hang`, [], { ...options, closeTimeout: 100 }).close();
    const absent = new SteadySocket("ws://127.0.0.1:1/", [], {
      ...options,
      reconnect: { initialDelay: 3_600_000, maxDelay: 3_600_000 },
    });
    while (absent.state !== "waiting") await next(absent, "statechange");
    absent.close();
    const socket = open({ heartbeat: true });
    socket.send("x");
    await next(socket, "message");
    socket.close();
    report("all are closed");
  },

  async error() {
    const socket = open();
    socket.on("greeting", () => {
      throw new Error("of a handler");
    });
    socket.send({ type: "greeting" });
  },

  async caught() {
    const errors = [];
    process.on("uncaughtException", (error) => errors.push(error.message));
    const socket = open();
    socket.on("greeting", () => {
      throw new Error("of a handler");
    });
    socket.addEventListener(
      "message",
      () => {
        throw new Error("of a listener");
      },
      { once: true },
    );
    let after = 0;
    socket.on("greeting", () => (after += 1));
    socket.send({ type: "greeting" });
    await next(socket, "message");
    socket.send({ type: "greeting" });
    await next(socket, "message");
    socket.close();
    await next(socket, "close");
    report("errors", errors);
    report("calls of the other handler", after);
  },
};

await scenarios[name]();
