// The protocol that ServerProcess expects of these servers.

/** Makes an HTTP server listen on the port in the process's arguments. */
export function listen(server) {
  process.on("disconnect", () => process.exit());
  // The port is temporarily in use: ServerProcess retries.
  server.on("error", () => process.exit(1));
  server.listen(Number(process.argv[2]), "127.0.0.1", () => {
    process.send({ port: server.address().port });
  });
}
