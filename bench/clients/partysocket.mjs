import PartyWebSocket from "partysocket/ws";

export function connect(url, { WebSocket = globalThis.WebSocket, handlers = [] } = {}) {
  const socket = new PartyWebSocket(url, [], { WebSocket });
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
