import { HttpTransportType, HubConnectionBuilder, LogLevel } from "@microsoft/signalr";

export function connect(url, { WebSocket = globalThis.WebSocket, handlers = [] } = {}) {
  const connection = new HubConnectionBuilder()
    .withUrl(new URL("/signalr", url.replace(/^ws/, "http")).href, {
      skipNegotiation: true,
      transport: HttpTransportType.WebSockets,
      WebSocket,
    })
    .configureLogging(LogLevel.None)
    .build();
  for (const [type, handler] of handlers) connection.on(type, handler);
  let last;
  return {
    opened: connection.start(),
    send: (object) => {
      last = connection.send(object.type, object);
    },
    // Messages of one task are sent later, joined into larger frames.
    drained: () => last,
    close: () => connection.stop(),
  };
}

export const frame = (object) =>
  `${JSON.stringify({ type: 1, target: object.type, arguments: [object] })}\x1e`;
