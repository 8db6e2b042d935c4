/**
 * Returns the `connect` of a client on the SteadySocket of an entry. Its options are those of
 * SteadySocket; `handlers` are subscribed.
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
