import { LocalServer } from "./local-server.mjs";

/**
 * Serves a connection of the `ws` package. The URL selects the behavior:
 *   /echo            sends everything back
 *   /quiet           sends nothing
 *   /pong            answers pings, and does not report them
 *   /close?code=4001 closes at once
 *   /say?text=…      sends a text message at once
 *   /big?mb=12       sends a binary message of this size at once
 * @param report - Called with every message: a string or a Buffer.
 */
export function serveEcho(connection, path, report = (_message) => {}) {
  const { pathname, searchParams } = new URL(path, "ws://host");
  const parameter = (name) => searchParams.get(name);
  connection.on("error", () => {});
  connection.on("message", (data, isBinary) => {
    if (pathname === "/pong" && data.toString() === '{"type":"ping"}') {
      connection.send("pong");
      return;
    }
    report(isBinary ? data : data.toString());
    if (pathname === "/echo") connection.send(data, { binary: isBinary });
  });
  if (pathname === "/close") connection.close(Number(parameter("code")), parameter("reason") ?? "");
  if (pathname === "/say") connection.send(parameter("text"));
  if (pathname === "/big") connection.send(Buffer.alloc(Number(parameter("mb")) << 20, 0x61));
}

/** Same server as ServerProcess, in the test's process. A handshake for /hang is not answered. */
export class EchoServer extends LocalServer {
  answer = ({ url }) => (url === "/hang" ? "hang" : undefined);
  greet = (connection, { url }) => serveEcho(connection, url);

  /** Closes every connection with this code. */
  closeAll(code, reason) {
    for (const connection of this.connections) connection.close(code, reason);
  }

  /** Sends a text message on every connection. */
  sendAll(text) {
    for (const connection of this.connections) connection.send(text);
  }

  url(path = "/echo") {
    return super.url(path);
  }
}
