import { io, WebSocket as WebSocketTransport } from "socket.io-client";

export function connect(url, { WebSocket = globalThis.WebSocket, handlers = [] } = {}) {
  class Transport extends WebSocketTransport {
    createSocket(uri) {
      return new WebSocket(uri);
    }
  }
  const socket = io(new URL(url.replace(/^ws/, "http")).origin, {
    path: "/socket.io",
    transports: [Transport],
    forceNew: true,
  });
  for (const [type, handler] of handlers) socket.on(type, handler);
  const { engine } = socket.io;
  return {
    opened: new Promise((resolve) => socket.on("connect", resolve)),
    send: (object) => socket.emit(object.type, object),
    // Handlers are called in a microtask, in Node in a tick.
    handled: () => new Promise(globalThis.process?.nextTick ?? queueMicrotask),
    // All messages of a task but the first are sent at its end.
    async drained() {
      while (engine.writeBuffer.length > 0) {
        await new Promise((resolve) => engine.once("drain", resolve));
      }
    },
    close: () => socket.close(),
  };
}

export const frame = (object) => `42${JSON.stringify([object.type, object])}`;
