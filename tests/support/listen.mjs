import { once } from "./until.mjs";

/**
 * Starts an HTTP server on a free port of this machine; it stops when the test ends. Resolves to
 * the port.
 */
export async function listen(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server.address().port;
}
