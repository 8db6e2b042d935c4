// Served to a page: creates sockets of one class or the other, and converts results to plain data.
import { SteadySocket } from "/steadysocket.js";

/** A thrown value by its name and its kind. */
function thrown(error) {
  const kind = error instanceof DOMException ? "DOMException" : error?.constructor?.name;
  return { throws: error?.name ?? String(error), kind };
}

/** The most derived of the platform's event classes that an event is an instance of. */
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

/** All fields of an event, except for isTrusted, which only the platform can set. */
function described(event, socket) {
  const fields = { kind: kindOf(event), readyState: socket.readyState };
  for (const name of ["target", "currentTarget", "srcElement"])
    fields[name] = event[name] === socket;
  fields.path = event.composedPath().map((one) => one === socket);
  const names = ["type", "eventPhase", "bubbles", "cancelable", "composed", "defaultPrevented"];
  const close = ["code", "reason", "wasClean"];
  const message = ["data", "origin", "lastEventId", "source"];
  for (const name of [...names, ...close, ...message]) {
    if (name in event && typeof event[name] !== "object") fields[name] = event[name];
    if (event[name] === null) fields[name] = null;
  }
  // SteadyErrorEvent has more members than Event.
  if (event.type === "error") delete fields.code;
  if ("ports" in event) fields.ports = [Object.isFrozen(event.ports), event.ports.length];
  fields.timeStamp = typeof event.timeStamp;
  return fields;
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
    /** One connection only, and no short timeout for its close, as in WebSocket. */
    make: (url, protocols) =>
      isNative
        ? new WebSocket(url, protocols)
        : new SteadySocket(url, protocols, { reconnect: false, closeTimeout: 60_000 }),
    /** Returns the function's result, or what it throws. */
    answer(action) {
      try {
        return action();
      } catch (error) {
        return thrown(error);
      }
    },
    /** Resolves to an open socket; rejects if the constructor throws. */
    async opened(url, protocols) {
      const socket = tools.make(url, protocols);
      await next(socket, "open");
      return socket;
    },
    /** Closes it, and resolves when it is closed. */
    async ended(socket) {
      if (socket.readyState === 3) return;
      const closed = next(socket, "close");
      socket.close();
      await closed;
    },
    /** Sends a text message to an echo server, and waits for the echo. */
    async echo(socket) {
      const answered = next(socket, "message");
      socket.send("x");
      await answered;
    },
    /** The events of a socket for each of these URLs, until it is closed. */
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
    /** A list of described events, in order, which grows. */
    recorded(socket) {
      const events = [];
      for (const type of ["open", "message", "error", "close"]) {
        socket.addEventListener(type, (event) => events.push(described(event, socket)));
      }
      return events;
    },
    /** Resolves in the next task, after all tasks that this page has queued before. */
    task: () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(port1.close());
        port2.postMessage(null);
      }),
  };
  return tools;
}
