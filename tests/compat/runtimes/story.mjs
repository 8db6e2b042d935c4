// What is played in every runtime, by each process a chapter of it:
//   story.mjs <the package> <the package ws> <own, option or global> <chapter> <URL of a server>
// It uses nothing but what all of them have, and ends by itself.
const [packageUrl, wsUrl, source, chapter, url] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);

const options = { reconnect: { initialDelay: 10, maxDelay: 50 } };
if (source !== "own") {
  const { WebSocket } = await import(wsUrl);
  if (source === "option") options.WebSocket = WebSocket;
  if (source === "global") globalThis.WebSocket = WebSocket;
}

const tell = (name, value) => console.log(JSON.stringify([name, value]));
const open = (more = {}, protocols = []) =>
  new SteadySocket(url, protocols, { ...options, ...more });
const next = (socket, type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

/** A payload in words. */
async function describe(data) {
  if (typeof data === "string") return data;
  if (data instanceof Blob) return `Blob ${new Uint8Array(await data.arrayBuffer())}`;
  return `${data.constructor.name} ${new Uint8Array(data)}`;
}

const chapters = {
  async messages() {
    const socket = open({}, ["chat.v1", "chat.v2"]);
    const isTold = next(socket, "open");
    tell("at once", [socket.readyState, socket.state, socket.protocol, socket.url === url]);
    await isTold;
    tell("open", [socket.readyState, socket.state, socket.protocol]);
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
      const isDone = new Promise((resolve) => {
        socket.onmessage = ({ data, origin }) => {
          received.push(data);
          if (data === "the last") resolve(origin);
        };
      });
      for (const data of sent) socket.send(data);
      // It is looked at when it is sent.
      bytes.fill(0);
      tell("origin", (await isDone) === new URL(url).origin);
      tell(binaryType, await Promise.all(received.map(describe)));
    }
    tell("routed", routed);
    socket.close();
    await next(socket, "close");
    tell("closed", [socket.readyState, socket.state, socket.protocol]);
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
    tell("before it is open", send(0, 5));
    await next(socket, "open");
    tell("open", send(5, 10));
    await count(10);
    tell("kill the server");
    await next(socket, "close");
    tell("away", [closes[0], socket.readyState, send(10, 500)]);
    tell("start the server");
    await next(socket, "open");
    tell("back", send(500, 510));
    await count(510);
    tell(
      "received",
      received.every((number, index) => number === index),
    );
    await socket.drained();
    tell("drained", socket.bufferedAmount);
    socket.close(1000, "enough");
    const { code, reason, wasClean } = await next(socket, "close");
    tell("closed", [code, reason, wasClean]);
  },

  async heartbeat() {
    const heartbeat = { interval: 50, timeout: 50 };
    const socket = open({ heartbeat });
    const lines = [];
    const isBack = new Promise((resolve) => {
      for (const type of ["open", "error", "close"]) {
        socket.addEventListener(type, ({ code }) => {
          lines.push([type, code].filter(Boolean).join(" "));
          if (lines.length === 4) resolve();
        });
      }
    });
    await isBack;
    tell("a server that says nothing", lines);
    socket.close();
    const answered = new SteadySocket(`${url}pong`, [], {
      ...options,
      heartbeat: { interval: 50, timeout: 5_000 },
    });
    await next(answered, "message");
    const { last } = answered.stats().roundTrip;
    tell("a server that answers", last >= 0 && last < 5_000);
    answered.close();
  },

  async close() {
    const closes = [[4001, "enough \u00e9"], [1000], []];
    for (const args of closes) {
      const socket = open();
      await next(socket, "open");
      socket.close(...args);
      tell("closing", [socket.readyState, socket.state]);
      const { code, reason, wasClean, willRetry } = await next(socket, "close");
      tell("closed", [code, reason, wasClean, willRetry]);
    }
    const refused = open();
    const event = await next(refused, "close");
    tell("the server closes", [event.code, event.reason, event.wasClean, event.willRetry]);
    tell("what it is", [event instanceof Event, event.type, event.target === refused]);
    const absent = new SteadySocket("ws://127.0.0.1:1/", [], { ...options, reconnect: false });
    tell("nobody there", (await next(absent, "close")).code);
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
    tell("cut the connection", [results.indexOf("queued"), results.lastIndexOf("sent")]);
    await next(socket, "open");
    await socket.drained();
    tell("dropped", dropped);
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
    tell(
      "URLs",
      ["ws://[", "ftp://127.0.0.1/", "ws://127.0.0.1/#part", "/relative"].map((target) =>
        make(target),
      ),
    );
    tell(
      "protocols",
      [["a", "a"], [""], ["a b"]].map((list) => make(url, list)),
    );
    tell(
      "an option",
      nameOf(() => new SteadySocket(url, [], { recconect: false })),
    );
    tell(
      "codes",
      [999, 1001, 5000].map((code) => nameOf(() => socket.close(code))),
    );
    tell(
      "a reason",
      nameOf(() => socket.close(1000, "x".repeat(124))),
    );
    tell(
      "an object without a text",
      nameOf(() => socket.send({ toJSON: () => undefined })),
    );
    await next(socket, "open");
    tell("it is well", socket.state);
    socket.close();
  },

  async end() {
    // A socket that connects, one that waits, and one with a heartbeat: none holds the process.
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
    tell("all are closed");
  },

  async error() {
    const socket = open();
    socket.on("greeting", () => {
      throw new Error("of a handler");
    });
    socket.send({ type: "greeting" });
  },

  async caught() {
    const heard = [];
    process.on("uncaughtException", (error) => heard.push(error.message));
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
    tell("heard", heard);
    tell("the other handler", after);
  },
};

await chapters[chapter]();
