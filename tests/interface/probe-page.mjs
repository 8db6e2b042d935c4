// Served to a page: makes sockets of one class or the other, and puts what they do into plain data.
import { SteadySocket } from "/steadysocket.js";

/** A thrown value by its name and its kind. */
function thrown(error) {
  const kind = error instanceof DOMException ? "DOMException" : error?.constructor?.name;
  return { throws: error?.name ?? String(error), kind };
}

/** The most special of the platform's classes that an event is of. */
function kindOf(event) {
  const kinds = [MessageEvent, CloseEvent, ErrorEvent, Event];
  return kinds.find((kind) => event instanceof kind).name;
}

/** Any value that is sent or received, as plain data. */
async function shown(data) {
  if (data instanceof Blob) {
    return { blob: [...new Uint8Array(await data.arrayBuffer())], type: data.type };
  }
  if (data instanceof ArrayBuffer) return { buffer: [...new Uint8Array(data)] };
  return data;
}

/** All that an event tells, except for isTrusted, which is the platform's own. */
function described(event, socket) {
  const told = { kind: kindOf(event), readyState: socket.readyState };
  for (const name of ["target", "currentTarget", "srcElement"]) told[name] = event[name] === socket;
  told.path = event.composedPath().map((one) => one === socket);
  const names = ["type", "eventPhase", "bubbles", "cancelable", "composed", "defaultPrevented"];
  const close = ["code", "reason", "wasClean"];
  const message = ["data", "origin", "lastEventId", "source"];
  for (const name of [...names, ...close, ...message]) {
    if (name in event && typeof event[name] !== "object") told[name] = event[name];
    if (event[name] === null) told[name] = null;
  }
  // SteadyErrorEvent says more than an Event.
  if (event.type === "error") delete told.code;
  if ("ports" in event) told.ports = [Object.isFrozen(event.ports), event.ports.length];
  told.timeStamp = typeof event.timeStamp;
  return told;
}

const next = (socket, type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

export function probe(className) {
  const isNative = className === "WebSocket";
  const Socket = isNative ? WebSocket : SteadySocket;
  const tools = {
    Socket,
    isNative,
    shown,
    described,
    next,
    /** One connection only, and all the time for its end, as WebSocket has it. */
    make: (url, protocols) =>
      isNative
        ? new WebSocket(url, protocols)
        : new SteadySocket(url, protocols, { reconnect: false, closeTimeout: 60_000 }),
    /** What the function returns, or what it throws. */
    answer(action) {
      try {
        return action();
      } catch (error) {
        return thrown(error);
      }
    },
    /** Open; throws what the constructor throws. */
    async opened(url, protocols) {
      const socket = tools.make(url, protocols);
      await next(socket, "open");
      return socket;
    },
    /** Resolves when it is closed. */
    async ended(socket) {
      if (socket.readyState === 3) return;
      const closed = next(socket, "close");
      socket.close();
      await closed;
    },
    /** Sends a text to who sends it back, and waits for that. */
    async echo(socket) {
      const answered = next(socket, "message");
      socket.send("x");
      await answered;
    },
    /** What the sockets of these addresses tell until they are closed. */
    async lives(urls) {
      const lives = [];
      for (const url of urls) {
        const socket = tools.make(url);
        lives.push(tools.recorded(socket));
        await next(socket, "close");
      }
      return lives;
    },
    /** The next messages, as plain data. */
    async messages(socket, count) {
      const got = [];
      await new Promise((resolve) => {
        socket.addEventListener("message", function note({ data }) {
          if (got.push(data) < count) return;
          socket.removeEventListener("message", note);
          resolve();
        });
      });
      return Promise.all(got.map(shown));
    },
    /** Every event in its order, described; grows. */
    recorded(socket) {
      const events = [];
      for (const type of ["open", "message", "error", "close"]) {
        socket.addEventListener(type, (event) => events.push(described(event, socket)));
      }
      return events;
    },
    /** The next task, after everything that was queued before it in this page. */
    task: () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(port1.close());
        port2.postMessage(null);
      }),
  };
  return tools;
}
