// A server on the `ws` package, for clients without a protocol of their own, and for sessions with
// steadysocket/server. Its argument is the port. The query of a connection's URL:
//   id=…        the client, which may have several connections
//   token=…     reported by the server
//   feed=1      the server sends numbers
//   close=4401  the server closes the connection at once, with this code
import { WebSocketServer } from "ws";
import { createSessions } from "../../dist/server.js";
import { peerOf, report } from "./peer.mjs";

const sessions = createSessions({
  onsession(session) {
    const { id, isFed } = session.user;
    const peer = peerOf(id, isFed);
    let isConnected = true;
    session.onconnect = () => {
      isConnected = true;
    };
    session.ondisconnect = () => {
      isConnected = false;
    };
    peer.connection = { send: (text) => session.send(text), isOpen: () => isConnected };
    session.onmessage = (text) => peer.take(text);
  },
});

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  handleProtocols: sessions.pick,
});
server.on("connection", (webSocket, request) => {
  const query = new URL(request.url, "ws://host").searchParams;
  const id = query.get("id");
  const isFed = query.has("feed");
  webSocket.on("error", () => {});
  report({ attempt: id, at: Date.now() });
  report({ joined: id, token: query.get("token") });
  if (query.has("close")) {
    webSocket.close(Number(query.get("close")));
    return;
  }
  if (sessions.accept(webSocket, { user: { id, isFed } })) return;
  const peer = peerOf(id, isFed);
  peer.connection = {
    send: (text) => webSocket.send(text),
    isOpen: () => webSocket.readyState === webSocket.OPEN,
  };
  webSocket.on("message", (data) => {
    const text = data.toString();
    if (text === '{"type":"ping"}') webSocket.send("pong");
    else peer.take(text);
  });
});
process.on("disconnect", () => process.exit());
// The port is taken for a moment: ServerProcess tries again.
server.on("error", () => process.exit(1));
server.on("listening", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send({ port });
});
