// A closed socket releases its memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../../support/local-server.mjs";
import { bun, deno, node20, node22, node26 } from "./runtimes.mjs";

const echo = (connection) =>
  connection.on("message", (data, binary) => connection.send(data, { binary }));

for (const runtime of [node20, node22, node26, deno, bun]) {
  test(`Runtime ${runtime.label}: thousands of closed sockets leave no memory in use`, async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const source = runtime === node20 ? "option" : "own";
    const program = runtime.run(t, "memory.mjs", [source, server.url()], runtime.collectFlags);
    for (const name of ["real", "brief"]) {
      const batches = [];
      for (let batch = 0; batch < 6; ++batch) batches.push(await program.reported(name));
      const { wasm, modules } = batches[0];
      assert.ok(wasm > 0);
      for (const later of batches) assert.deepEqual([later.wasm, later.modules], [wasm, modules]);
      // The first batches warm the program up. If every socket of the others leaked, about 6 KB
      // each, they would leak 1.4 MB in "real" and 24 MB in "brief".
      const growth = batches.at(-1).heap - batches[1].heap;
      assert.ok(growth < 1_000_000, `${name}: ${batches.map(({ heap }) => heap)}`);
    }
    assert.equal(await program.ended(), 0, program.errors);
    await server.until(() => server.connections.every(({ readyState }) => readyState === 3));
    assert.equal(server.connections.length, 360);
  });
}
