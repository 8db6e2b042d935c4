// What the tests of messages that may be dropped share.
import { EchoServer } from "../support/echo.mjs";
import { openSocket, reached } from "../support/sockets.mjs";

/** A socket whose server is not there. */
export async function openAlone(test, options) {
  const server = await EchoServer.start(test);
  await server.stop();
  const socket = openSocket(test, server.url("/quiet"), options);
  await reached(socket, "waiting");
  return { server, socket };
}

/** The lines of a record that report drops. */
export const drops = (lines) => lines.filter((line) => line.startsWith("drop"));

/** A network that is cut: the platform's WebSocket says so. */
export function cut(stub) {
  stub.readyState = 3;
  stub.onclose({ code: 1006, reason: "", wasClean: false });
}
