// What ServerProcess asks of the servers here.

/** Has an HTTP server listen on the port that the process was given. */
export function listen(server) {
  process.on("disconnect", () => process.exit());
  // Something else has the port for a moment: ServerProcess tries again.
  server.on("error", () => process.exit(1));
  server.listen(Number(process.argv[2]), "127.0.0.1", () => {
    process.send({ port: server.address().port });
  });
}
