// HTTP on the wire.
import { connect } from "node:net";
import { within } from "../../../tests/support/until.mjs";

/** Resolves to everything that a server sends, when it has closed the connection. */
export function exchange(t, port, request) {
  let text = "";
  const ended = new Promise((resolve, reject) => {
    const connection = connect(port, "127.0.0.1").setEncoding("latin1");
    t.after(() => connection.destroy());
    connection.on("data", (chunk) => {
      text += chunk;
    });
    connection.on("error", reject);
    connection.on("end", () => resolve(text));
    connection.write(request);
  });
  return within(ended, "the end of the connection", () => `received: ${text}`);
}

/** The headers sent by `curl --http2` and Java's HttpClient, optionally with another protocol. */
export function upgradeRequest(path, { protocol = "h2c", method = "GET", more = "" } = {}) {
  return (
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n` +
    `Upgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n${more}\r\n`
  );
}

/** Returns the status of each reply. */
export function statusesOf(text) {
  return [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
}

/** A WebSocket's handshake; it may offer other protocols as well. */
export function handshakeRequest(path, protocol = "websocket") {
  const more = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n";
  return upgradeRequest(path, { protocol, more });
}
