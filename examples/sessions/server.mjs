// Takes orders. Each is handled once, also if this process is killed at any moment.
import { createSessions } from "steadysocket/server";
import { WebSocketServer } from "ws";
import { fileStore } from "./file-store.mjs";

const store = fileStore("orders.json");

const sessions = createSessions({
  store,
  onsession(session) {
    session.onmessage = (data, number) => {
      const orders = store.commit(session, number, String(data));
      console.log(`${data} saved, ${orders.length} in total`);
    };
  },
});

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  maxPayload: 4_096,
  // Programs only: browsers always send an origin.
  verifyClient: ({ origin }) => origin === undefined,
  handleProtocols: sessions.pick,
});

server.on("connection", (webSocket) => {
  webSocket.on("error", ({ message }) => console.log(message));
  // A real server authenticates first: a session belongs to its user.
  const user = "anyone";
  if (!sessions.accept(webSocket, { user })) webSocket.close(1008, "sessions only");
});

server.on("listening", () => {
  console.log(`listening on ws://127.0.0.1:${server.address().port}`);
});
