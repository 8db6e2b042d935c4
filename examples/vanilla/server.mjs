// Serves the page, and a chat over WebSocket: each message goes to all clients, and the last hundred
// go to new connections.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";

const files = {
  "/": ["index.html", "text/html"],
  "/app.js": ["app.js", "text/javascript"],
  "/style.css": ["style.css", "text/css"],
  "/steadysocket.js": [fileURLToPath(import.meta.resolve("steadysocket")), "text/javascript"],
};
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";

const site = createServer(async (request, response) => {
  const [file, type] = files[request.url] ?? [];
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("Content-Type", `${type}; charset=utf-8`);
  response.setHeader("Content-Security-Policy", policy);
  response.end(await readFile(file));
});

const history = new Map(); // id -> the message as JSON

const server = new WebSocketServer({
  server: site,
  path: "/chat",
  maxPayload: 4_096,
  // Only this site's own pages may connect.
  verifyClient: ({ origin, req }) => origin === `http://${req.headers.host}`,
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

site.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${site.address().port}`);
});
