// The package is resolved in every runtime, and its import has no side effects.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerProcess } from "../../support/server-process.mjs";
import { bun, deno, node20, node22, node26 } from "./runtimes.mjs";

for (const runtime of [node20, node22, node26, deno, bun]) {
  test(`Runtime ${runtime.label}: an import resolves the package by its name`, async (t) => {
    const program = runtime.evaluate(
      t,
      `import { SteadySocket } from "steadysocket";
      console.log(JSON.stringify(["name", SteadySocket.name]));`,
    );
    assert.equal(await program.reported("name"), "SteadySocket");
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${runtime.label}: a server sends a greeting to a client with sessions`, async (t) => {
    const program = runtime.evaluate(
      t,
      `import { createSessions } from "steadysocket/server";
      const { accept, pick } = createSessions({ onsession() {} });
      const send = (text) => console.log(JSON.stringify(["sent", text.slice(1, 5)]));
      accept({ send, close() {} }, { protocol: pick(["chat", "chat+steady.1"]) });`,
    );
    assert.equal(await program.reported("sent"), "G 1 ");
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${runtime.label}: CommonJS can require the package, and gets the same class`, async (t) => {
    const program = runtime.run(t, "required.cjs");
    assert.equal(await program.reported("required"), "function");
    assert.equal(await program.reported("imported"), "function");
    assert.equal(await program.reported("the same"), true);
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${runtime.label}: an import has no side effects and needs no WebSocket`, async (t) => {
    const program = runtime.run(t, "watched.mjs");
    const watched = await program.reported("watched");
    for (const name of ["WebSocket", "document", "window", "navigator", "location", "fetch"]) {
      assert.ok(watched.includes(name), name);
    }
    for (const name of ["WebAssembly", "process", "setTimeout", "queueMicrotask", "setInterval"]) {
      assert.ok(watched.includes(name), name);
    }
    // Only base classes of its own classes, and the platform's WebSocket, except in Node, where
    // reading that would load it.
    const accesses = await program.reported("accesses");
    assert.ok(accesses.includes("EventTarget"));
    assert.equal(accesses.includes("WebSocket"), runtime !== node22 && runtime !== node26);
    for (const name of accesses) {
      assert.match(name, /^(\w*Event|EventTarget|DOMException|WebSocket|process)$/);
    }
    assert.equal(await program.reported("globals"), 0);
    assert.match(
      await program.reported("thrown"),
      /^NotSupportedError: .*WebSocket is not available/,
    );
    assert.deepEqual(await program.reported("compiled"), []);
    assert.equal(await program.ended(), 0, program.errors);
  });
}

for (const runtime of [node22, node26, deno, bun]) {
  test(`Runtime ${runtime.label}: an error of the runtime's WebSocket is the event's cause`, async (t) => {
    const server = await ServerProcess.start(t);
    await server.kill();
    const program = runtime.evaluate(
      t,
      `import { SteadySocket } from "steadysocket";
      const socket = new SteadySocket(${JSON.stringify(server.url())}, [], { reconnect: false });
      socket.onerror = ({ code, cause, error }) => {
        const isError = cause instanceof Error && error.cause === cause;
        console.log(JSON.stringify(["error", [code, isError]]));
      };`,
    );
    assert.deepEqual(await program.reported("error"), ["connection_failed", true]);
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${runtime.label}: SteadySocket as the global WebSocket uses the runtime's own`, async (t) => {
    const server = await ServerProcess.start(t);
    const program = runtime.evaluate(
      t,
      `import { SteadySocket } from "steadysocket";
      globalThis.WebSocket = SteadySocket;
      const socket = new WebSocket(${JSON.stringify(server.url())});
      socket.send("hello");
      socket.onmessage = ({ data }) => {
        console.log(JSON.stringify(["received", data]));
        console.log(JSON.stringify(["unchanged", WebSocket === SteadySocket]));
        socket.close();
      };`,
    );
    assert.equal(await program.reported("received"), "hello");
    assert.equal(await program.reported("unchanged"), true);
    assert.equal(await program.ended(), 0, program.errors);
  });
}

test(`Runtime ${node20.label}: if CommonJS cannot require ES modules, it gets its own copy`, async (t) => {
  // As before 20.19 and 22.12.
  const program = node20.run(t, "required.cjs", [], ["--no-experimental-require-module"]);
  assert.equal(await program.reported("required"), "function");
  assert.equal(await program.reported("imported"), "function");
  assert.equal(await program.reported("the same"), false);
  assert.equal(await program.ended(), 0, program.errors);
});

test(`Runtime ${deno.label}: without --allow-net the constructor throws a SecurityError naming it`, async (t) => {
  const program = deno.run(t, "forbidden.mjs", [], ["--deny-net=127.0.0.1"]);
  assert.match(await program.reported("thrown"), /^DOMException SecurityError: .*--allow-net/);
  assert.equal(await program.ended(), 0, program.errors);
});
