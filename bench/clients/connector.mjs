/**
 * Returns the `connect` of a client for the SteadySocket of an entry. It takes the options of
 * SteadySocket, and subscribes `handlers`.
 */
export const connector =
  (SteadySocket) =>
  (url, { handlers = [], ...options } = {}) => {
    const socket = new SteadySocket(url, [], options);
    for (const [type, handler] of handlers) socket.on(type, handler);
    return {
      socket,
      opened: new Promise((resolve) => socket.addEventListener("open", resolve, { once: true })),
      send: (object) => socket.send(object),
      close: () => socket.close(),
    };
  };
