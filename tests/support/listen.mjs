import { once } from "./until.mjs";

/**
 * Lets an HTTP server of the test's own process listen on a free port of this machine; it stops when
 * the test ends. Resolves to the port.
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
