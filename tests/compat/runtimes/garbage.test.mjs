// Sockets without an explicit close: disposed of, declared with `using`, or unreachable.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../../support/local-server.mjs";
import { packageUrl } from "../../support/package.mjs";
import { once } from "../../support/until.mjs";
import { bun, deno, node20, node22, node26 } from "./runtimes.mjs";

for (const runtime of [node20, node22, node26, deno, bun]) {
  const source = runtime === node20 ? "option" : "own";

  test(`Runtime ${runtime.label}: disposing of a socket closes it`, async (t) => {
    const server = await LocalServer.start(t);
    const program = runtime.run(t, "disposed.mjs", [source, server.url()]);
    assert.equal(await program.reported("disposed"), "closing");
    assert.deepEqual(await program.reported("closed"), [1005, true, false]);
    assert.equal(await program.reported("again"), "closed");
    assert.equal(await program.ended(), 0, program.errors);
  });

  const release = (t, server, listener) =>
    runtime.run(t, "garbage.mjs", [source, listener, server.url()], runtime.collectFlags);

  test(`Runtime ${runtime.label}: an unreachable socket without listeners is closed`, async (t) => {
    const server = await LocalServer.start(t);
    release(t, server, "none");
    await server.until(() => server.connections.length === 1);
    const [connection] = server.connections;
    if (connection.readyState !== 3) await once(connection, "close");
    assert.equal(connection.readyState, 3);
  });

  for (const listener of ["a listener", "a handler", "a route"]) {
    test(`Runtime ${runtime.label}: an unreachable socket with ${listener} stays open`, async (t) => {
      const server = await LocalServer.start(t);
      const program = release(t, server, listener);
      await server.until(() => server.connections.length === 1);
      // Garbage has been collected by now.
      await program.reported("collected");
      const news = '{"type":"news","text":"hello"}';
      server.connections[0].send(news);
      assert.equal(await program.reported("received"), listener === "a route" ? "hello" : news);
      assert.equal(server.connections.length, 1);
    });
  }
}

for (const runtime of [node26, deno, bun]) {
  test(`Runtime ${runtime.label}: a socket declared with using is closed where its block ends`, async (t) => {
    const server = await LocalServer.start(t);
    const program = runtime.evaluate(
      t,
      `import { SteadySocket } from ${JSON.stringify(packageUrl)};
      let socket;
      {
        using declared = new SteadySocket(${JSON.stringify(server.url())});
        socket = declared;
        await new Promise((resolve) => socket.addEventListener("open", resolve));
      }
      console.log(JSON.stringify(["state", socket.state]));`,
    );
    assert.equal(await program.reported("state"), "closing");
    assert.equal(await program.ended(), 0, program.errors);
  });
}
