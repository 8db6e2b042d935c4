// How the package is found in every runtime, and that to import it does nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerProcess } from "../../support/server-process.mjs";
import { bun, deno, node20, node22, node26 } from "./runtimes.mjs";

for (const runtime of [node20, node22, node26, deno, bun]) {
  test(`Runtime ${runtime.label}: an import finds the package by its name`, async (t) => {
    const program = runtime.evaluate(
      t,
      `import { SteadySocket } from "steadysocket";
      console.log(JSON.stringify(["name", SteadySocket.name]));`,
    );
    assert.equal(await program.reported("name"), "SteadySocket");
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${runtime.label}: a server greets a client that has sessions`, async (t) => {
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

  test(`Runtime ${runtime.label}: CommonJS requires it, and has the class that an import has`, async (t) => {
    const program = runtime.run(t, "required.cjs");
    assert.equal(await program.reported("required"), "function");
    assert.equal(await program.reported("imported"), "function");
    assert.equal(await program.reported("the same"), true);
    assert.equal(await program.ended(), 0, program.errors);
  });

  test(`Runtime ${runtime.label}: importing touches nothing, and works where there is no WebSocket`, async (t) => {
    const program = runtime.run(t, "watched.mjs");
    const watched = await program.reported("watched");
    for (const name of ["WebSocket", "document", "window", "navigator", "location", "fetch"]) {
      assert.ok(watched.includes(name), name);
    }
    for (const name of ["WebAssembly", "process", "setTimeout", "queueMicrotask", "setInterval"]) {
      assert.ok(watched.includes(name), name);
    }
    // The classes that its own are derived from, and nothing that does anything; and the WebSocket
    // that there is, but not in Node, which loads it then.
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
  test(`Runtime ${runtime.label}: an error of its own WebSocket is the cause of the event`, async (t) => {
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

  test(`Runtime ${runtime.label}: SteadySocket as the global WebSocket connects by its own`, async (t) => {
    const server = await ServerProcess.start(t);
    const program = runtime.evaluate(
      t,
      `import { SteadySocket } from "steadysocket";
      globalThis.WebSocket = SteadySocket;
      const socket = new WebSocket(${JSON.stringify(server.url())});
      socket.send("hello");
      socket.onmessage = ({ data }) => {
        console.log(JSON.stringify(["heard", data]));
        console.log(JSON.stringify(["kept", WebSocket === SteadySocket]));
        socket.close();
      };`,
    );
    assert.equal(await program.reported("heard"), "hello");
    assert.equal(await program.reported("kept"), true);
    assert.equal(await program.ended(), 0, program.errors);
  });
}

test(`Runtime ${node20.label}: where CommonJS cannot require ES modules, it requires a copy of its own`, async (t) => {
  // As before 20.19 and 22.12.
  const program = node20.run(t, "required.cjs", [], ["--no-experimental-require-module"]);
  assert.equal(await program.reported("required"), "function");
  assert.equal(await program.reported("imported"), "function");
  assert.equal(await program.reported("the same"), false);
  assert.equal(await program.ended(), 0, program.errors);
});

test(`Runtime ${deno.label}: without --allow-net the constructor throws a SecurityError that says so`, async (t) => {
  const program = deno.run(t, "forbidden.mjs", [], ["--deny-net=127.0.0.1"]);
  assert.match(await program.reported("thrown"), /^DOMException SecurityError: .*--allow-net/);
  assert.equal(await program.ended(), 0, program.errors);
});
