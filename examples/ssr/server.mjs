// A chat server: sends each message to all clients, and the last hundred to new connections.
import { WebSocketServer } from "ws";

const history = new Map(); // id -> the message as JSON

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  maxPayload: 4_096,
  // The pages that may connect. In production: origin === "https://example.org"
  verifyClient: ({ origin }) => /^http:\/\/(localhost|127\.0\.0\.1):\d+$/.test(origin),
});

function parse(data) {
  try {
    const { type, id, text } = JSON.parse(data);
    if (type === "chat" && typeof id === "string" && typeof text === "string") return { id, text };
  } catch {
    // Not JSON.
  }
  return undefined;
}

server.on("connection", (client) => {
  client.on("error", ({ message }) => console.log(message));
  for (const json of history.values()) client.send(json);
  client.on("message", (data) => {
    const message = parse(data);
    if (message === undefined) {
      client.close(1008, "not a chat message");
      return;
    }
    const json = JSON.stringify({ type: "chat", ...message });
    history.set(message.id, json);
    if (history.size > 100) history.delete(history.keys().next().value);
    for (const other of server.clients) {
      // Terminates a client that does not read.
      if (other.bufferedAmount > 1_000_000) other.terminate();
      else other.send(json);
    }
  });
});

server.on("listening", () => {
  console.log(`listening on ws://127.0.0.1:${server.address().port}`);
});
