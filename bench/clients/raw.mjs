// The baseline in ten lines of JavaScript: WebSocket, JSON.parse and a Map of handlers.

export function connect(url, { WebSocket = globalThis.WebSocket, handlers = [] } = {}) {
  const socket = new WebSocket(url);
  const routes = new Map(handlers);
  socket.onmessage = (event) => {
    const payload = JSON.parse(event.data);
    routes.get(payload.type)?.(payload);
  };
  return {
    socket,
    opened: new Promise((resolve) => {
      socket.onopen = resolve;
    }),
    send: (object) => socket.send(JSON.stringify(object)),
    close: () => socket.close(),
  };
}
