import { Socket } from "phoenix";

export function connect(url, { WebSocket = globalThis.WebSocket, handlers = [] } = {}) {
  const socket = new Socket(new URL("/phoenix", url).href, { transport: WebSocket });
  const channel = socket.channel("room", {});
  for (const [type, handler] of handlers) channel.on(type, handler);
  socket.connect();
  return {
    opened: new Promise((resolve, reject) =>
      channel.join().receive("ok", resolve).receive("error", reject),
    ),
    // Not channel.push, which keeps a timer and a binding for every message until the server
    // answers: the stub does not answer.
    send: (object) =>
      socket.push({
        topic: "room",
        event: object.type,
        payload: object,
        ref: socket.makeRef(),
        join_ref: channel.joinRef(),
      }),
    close: () => socket.disconnect(),
  };
}

export const frame = (object) => JSON.stringify([null, null, "room", object.type, object]);
