// The CommonJS scripts, which Jest and older versions of Node require.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { consumerFolder, entryUrl } from "../support/package.mjs";
import { next } from "../support/sockets.mjs";

const require = createRequire(join(consumerFolder, "package.json"));
const folder = join(consumerFolder, "node_modules/steadysocket/dist");
const scripts = {
  ".": "steadysocket.js",
  "./core": "core.js",
  "./js": "js/steadysocket.js",
  "./external": "external.js",
  "./attach": "attach.js",
  "./server": "server.js",
  "./testing": "testing.js",
};

for (const [entry, script] of Object.entries(scripts)) {
  test(`${entry} as CommonJS has the exports of the ES module`, async () => {
    const required = require(join(folder, "cjs", script));
    const imported = await import(entryUrl(entry));
    assert.equal(required.__esModule, true);
    assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
    assert.ok(Object.values(required).every((value) => typeof value === "function"));
  });
}

for (const script of ["steadysocket.js", "core.js", "js/steadysocket.js", "external.js"]) {
  test(`a socket of cjs/${script} sends and receives`, async (t) => {
    const server = await EchoServer.start(t);
    const { SteadySocket, SteadyCloseEvent, load } = require(join(folder, "cjs", script));
    // Loads the same wasm file as the ES module.
    await load?.();
    const socket = new SteadySocket(server.url("/echo"), [], { WebSocket });
    t.after(() => socket.close());
    socket.send("h\u00e9");
    assert.equal((await next(socket, "message")).data, "h\u00e9");
    socket.close();
    assert.ok((await next(socket, "close")) instanceof SteadyCloseEvent);
  });
}

test("where ES modules can be required, require() returns the same class as import", async () => {
  const imported = await import(entryUrl("."));
  assert.equal(require("steadysocket").SteadySocket, imported.SteadySocket);
});
