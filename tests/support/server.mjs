// What ServerProcess runs. The path of a connection says how it behaves:
//   /echo            sends everything back
//   /quiet           sends nothing
//   /pong            answers pings, and does not tell of them
//   /close?code=4001 closes at once
//   /say?text=…      sends a text at once
//   /big?mb=12       sends a binary message of this size at once
//   /hang            never answers the handshake
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => [...offered].at(-1) ?? false,
});

sockets.on("connection", (socket, request) => {
  const url = new URL(request.url, "ws://host");
  const parameter = (name) => url.searchParams.get(name);
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => {
    if (url.pathname === "/pong" && data.toString() === '{"type":"ping"}') {
      socket.send("pong");
      return;
    }
    process.send({ received: isBinary ? data : data.toString() });
    if (url.pathname === "/echo") socket.send(data, { binary: isBinary });
  });
  if (url.pathname === "/close") socket.close(Number(parameter("code")), parameter("reason") ?? "");
  if (url.pathname === "/say") socket.send(parameter("text"));
  if (url.pathname === "/big") socket.send(Buffer.alloc(Number(parameter("mb")) << 20, 0x61));
});

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

// Something else has the port for a moment: ServerProcess tries again.
server.on("error", () => process.exit(1));
server.listen(Number(process.argv[2]), "127.0.0.1", () => {
  process.send({ port: server.address().port });
});
