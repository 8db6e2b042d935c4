// The compared libraries behind a common interface, each with its defaults unless its name states
// otherwise. Each has `server`, a name of servers.mjs, and
//   connect({ url, token?, onopen?, onclose?, onmessage?, onreported? })
//     -> { isOpen(), send(text), reconnect(), close() }
// `token` is a function that is called for every attempt. `send` returns false if the library reports
// that its queue is full. `onreported` is called with each message that the library reports as not
// delivered.
import PartyWebSocket from "partysocket/ws";
import ReconnectingWebSocket from "reconnecting-websocket";
import { io } from "socket.io-client";
import { WebSocket as WsWebSocket } from "ws";
import { SteadySocket } from "../../dist/steadysocket.js";

const ignore = () => {};

/**
 * The class of the `ws` package, which emits an error when an attempt is aborted. Without a listener
 * that error would end the process.
 */
class WebSocket extends WsWebSocket {
  constructor(...args) {
    super(...args);
    this.on("error", ignore);
  }
}

function withToken(url, token) {
  const tokenUrl = new URL(url);
  tokenUrl.searchParams.set("token", token);
  return tokenUrl.href;
}

/**
 * Clients with the interface of WebSocket.
 * @param options - An object, or a function that returns one for each socket.
 */
function webSocketLike(Class, options = {}) {
  function connect({ url, token, onopen, onclose, onmessage, onreported = ignore }) {
    const urls = token === undefined ? url : async () => withToken(url, token());
    const own = typeof options === "function" ? options() : options;
    const socket = new Class(urls, [], { WebSocket, ...own });
    let isOpen = false;
    socket.addEventListener("open", () => {
      isOpen = true;
      onopen?.();
    });
    socket.addEventListener("close", () => {
      // Also dispatched at the end of an attempt.
      if (isOpen) onclose?.();
      isOpen = false;
    });
    socket.addEventListener("message", ({ data }) => onmessage?.(data));
    // The other libraries have no such event.
    socket.addEventListener("drop", ({ data }) => onreported(data));
    return {
      isOpen: () => isOpen,
      // partysocket returns something else, and reconnecting-websocket nothing.
      send: (text) => socket.send(text)?.status !== "rejected",
      reconnect: () => socket.reconnect(),
      close: () => socket.close(),
    };
  }
  return { server: "ws", connect };
}

function socketIo(server, options = {}) {
  const isTracked = "retries" in options;
  function connect({ url, token, onopen, onclose, onmessage, onreported = ignore }) {
    const auth = token === undefined ? undefined : (use) => use({ token: token() });
    const socket = io(url.replace(/^ws/, "http"), { forceNew: true, auth, ...options });
    socket.on("connect", () => onopen?.());
    socket.on("disconnect", () => onclose?.());
    socket.on("message", (text) => onmessage?.(text));
    return {
      isOpen: () => socket.connected,
      send(text) {
        const settle = (error) => error && onreported(text);
        socket.emit("message", text, ...(isTracked ? [settle] : []));
        return true;
      },
      reconnect: () => socket.disconnect().connect(),
      close: () => socket.disconnect(),
    };
  }
  return { server, connect };
}

/**
 * reconnecting-websocket draws this default when it is imported. Here every socket represents a page
 * of its own, so each draws it in the same way.
 */
const drawnDefault = () => ({ minReconnectionDelay: 1000 + Math.random() * 4000 });

/** The libraries with their defaults. */
export const libraries = {
  steadysocket: webSocketLike(SteadySocket),
  "reconnecting-websocket": webSocketLike(ReconnectingWebSocket, drawnDefault),
  partysocket: webSocketLike(PartyWebSocket),
  "socket.io": socketIo("socket.io"),
};

/** With the options of each library for reliable delivery. */
export const withDelivery = {
  steadysocket: libraries.steadysocket,
  "steadysocket, session": webSocketLike(SteadySocket, { session: true }),
  "reconnecting-websocket": libraries["reconnecting-websocket"],
  partysocket: libraries.partysocket,
  "socket.io": libraries["socket.io"],
  // The values of its documentation.
  "socket.io, recovery and retries": socketIo("socket.io, recovery", {
    retries: 3,
    ackTimeout: 10_000,
  }),
};

/** With a heartbeat that the server answers, as the documentation recommends. */
export const withHeartbeat = webSocketLike(SteadySocket, { heartbeat: { reply: "pong" } });
