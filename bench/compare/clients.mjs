// The libraries that are compared, each with its defaults unless its name says otherwise, behind
// the same few calls. Each has `server`, a name of servers.mjs, and
//   connect({ url, token?, onopen?, onclose?, onmessage?, onreported? })
//     -> { isOpen(), send(text), reconnect(), close() }
// `token` is a function that is asked for every attempt. `send` returns false if the library says
// that there is no room for the message. `onreported` is called with a message that the library
// reports to its user as not delivered.
import PartyWebSocket from "partysocket/ws";
import ReconnectingWebSocket from "reconnecting-websocket";
import { io } from "socket.io-client";
import { WebSocket as WsWebSocket } from "ws";
import { SteadySocket } from "../../dist/steadysocket.js";

const ignore = () => {};

/**
 * That of the `ws` package, as calm as a browser's: it emits an error when an attempt is given up,
 * and one that nobody listens to would end the process.
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
 * @param options - An object, or a function that makes one for each socket.
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
      // Also the end of an attempt.
      if (isOpen) onclose?.();
      isOpen = false;
    });
    socket.addEventListener("message", ({ data }) => onmessage?.(data));
    // No event of this name with the peers.
    socket.addEventListener("drop", ({ data }) => onreported(data));
    return {
      isOpen: () => isOpen,
      // What partysocket returns is not about room, and the other one returns nothing.
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
 * The default of reconnecting-websocket is drawn when it is imported. Here every socket stands for
 * a page of its own, so each draws it, in the same way.
 */
const drawnDefault = () => ({ minReconnectionDelay: 1000 + Math.random() * 4000 });

/** The libraries as they are by default. */
export const libraries = {
  steadysocket: webSocketLike(SteadySocket),
  "reconnecting-websocket": webSocketLike(ReconnectingWebSocket, drawnDefault),
  partysocket: webSocketLike(PartyWebSocket),
  "socket.io": socketIo("socket.io"),
};

/** With what each has for messages that must arrive. */
export const withDelivery = {
  steadysocket: libraries.steadysocket,
  "steadysocket, session": webSocketLike(SteadySocket, { session: true }),
  "reconnecting-websocket": libraries["reconnecting-websocket"],
  partysocket: libraries.partysocket,
  "socket.io": libraries["socket.io"],
  // The numbers are those of its documentation.
  "socket.io, recovery and retries": socketIo("socket.io, recovery", {
    retries: 3,
    ackTimeout: 10_000,
  }),
};

/** With a heartbeat that its server answers, as the documentation recommends it. */
export const withHeartbeat = webSocketLike(SteadySocket, { heartbeat: { reply: "pong" } });
