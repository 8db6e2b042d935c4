// The same as steadysocket.mjs, on the kernel in JavaScript.
import { SteadySocket } from "../../dist/js/steadysocket.js";

/** @param options - those of SteadySocket; `handlers` are subscribed. */
export function connect(url, { handlers = [], ...options } = {}) {
  const socket = new SteadySocket(url, [], options);
  for (const [type, handler] of handlers) socket.on(type, handler);
  return {
    socket,
    opened: new Promise((resolve) => socket.addEventListener("open", resolve, { once: true })),
    send: (object) => socket.send(object),
    close: () => socket.close(),
  };
}
