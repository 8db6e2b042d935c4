// A socket.io server. Its first argument is the port, the second its options as JSON. The query of a
// client is that of ws-server.mjs; `close` calls `disconnect()`, since socket.io has no close codes,
// and `refuse=1` makes a middleware fail.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { peerOf, report } from "./peer.mjs";

const [, , port, options] = process.argv;
const server = createServer();
const io = new Server(server, JSON.parse(options));

io.engine.on("connection", ({ request }) => {
  report({ attempt: new URL(request.url, "http://host").searchParams.get("id"), at: Date.now() });
});
io.use(({ handshake }, next) => {
  next(handshake.query.refuse === undefined ? undefined : new Error("unauthorized"));
});
io.on("connection", (socket) => {
  const { id, feed, close } = socket.handshake.query;
  report({ joined: id, token: socket.handshake.auth.token, recovered: socket.recovered });
  if (close !== undefined) {
    socket.disconnect();
    return;
  }
  const peer = peerOf(id, feed !== undefined);
  peer.connection = {
    send: (text) => socket.emit("message", text),
    isOpen: () => socket.connected,
  };
  socket.on("message", (text, acknowledge) => {
    peer.take(text);
    acknowledge?.();
  });
});
process.on("disconnect", () => process.exit());
// The port is taken for a moment: ServerProcess tries again.
server.on("error", () => process.exit(1));
server.listen(Number(port), "127.0.0.1", () => process.send({ port: server.address().port }));
