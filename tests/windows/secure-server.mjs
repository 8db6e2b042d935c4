// The program of ServerProcess with TLS: an echo server. Arguments: port, certificate, key.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { WebSocketServer } from "ws";
import { serveEcho } from "../support/echo.mjs";

const [port, cert, key] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) =>
  serveEcho(socket, request.url, (received) => process.send({ received })),
);
process.on("disconnect", () => process.exit());
// If the port is taken for a moment, ServerProcess retries.
server.on("error", () => process.exit(1));
server.listen(Number(port), "127.0.0.1", () => process.send({ port: server.address().port }));
