// Helpers for tests of messages that may be dropped.
import { EchoServer } from "../support/echo.mjs";
import { openSocket, reached } from "../support/sockets.mjs";

/** A socket whose server is stopped. */
export async function openAlone(test, options) {
  const server = await EchoServer.start(test);
  await server.stop();
  const socket = openSocket(test, server.url("/quiet"), options);
  await reached(socket, "waiting");
  return { server, socket };
}

/** The lines of a record that report drops. */
export const drops = (lines) => lines.filter((line) => line.startsWith("drop"));

/** Breaks the connection: the platform's WebSocket reports a close with 1006. */
export function cut(stub) {
  stub.readyState = 3;
  stub.onclose({ code: 1006, reason: "", wasClean: false });
}
