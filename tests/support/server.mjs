// The program of ServerProcess: see serveEcho. A handshake for /hang is not answered.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { serveEcho } from "./echo.mjs";

const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => [...offered].at(-1) ?? false,
});

sockets.on("connection", (socket, request) =>
  serveEcho(socket, request.url, (received) => process.send({ received })),
);

const server = createServer();
server.on("upgrade", (request, socket, head) => {
  socket.on("error", () => {});
  if (request.url === "/hang") return;
  sockets.handleUpgrade(request, socket, head, (webSocket) =>
    sockets.emit("connection", webSocket, request),
  );
});

process.on("message", ({ closeAll, sendAll }) => {
  for (const socket of sockets.clients) {
    if (sendAll !== undefined) socket.send(sendAll);
    if (closeAll) socket.close(closeAll.code, closeAll.reason);
  }
});
process.on("disconnect", () => process.exit());

// If the port is taken for a moment, ServerProcess retries.
server.on("error", () => process.exit(1));
server.listen(Number(process.argv[2]), "127.0.0.1", () => {
  process.send({ port: server.address().port });
});
