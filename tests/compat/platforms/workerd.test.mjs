// Cloudflare's workerd, with a Worker that is built as by wrangler.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { makeApp } from "../../support/apps.mjs";
import { ServerProcess } from "../../support/server-process.mjs";

/** A Worker that responds with its log of two connections, or with an error. */
const worker = (entry) => `
import { SteadySocket } from "${entry}";

const next = (socket, type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

async function exchange(server) {
  // 1012 reconnects after a longer delay.
  const socket = new SteadySocket(server, [], { reconnect: { laterMin: 10, laterMax: 50 } });
  const log = [socket.state];
  socket.on("greeting", ({ from }) => log.push(from));
  socket.send({ type: "greeting", from: "first" });
  await next(socket, "message");
  const lost = next(socket, "close");
  socket.send("close all");
  const { code, willRetry } = await lost;
  log.push(code + " " + willRetry);
  const second = next(socket, "message");
  socket.send({ type: "greeting", from: "second" });
  await second;
  const closed = next(socket, "close");
  socket.close();
  await closed;
  return [...log, socket.state];
}

export default {
  async fetch(request) {
    try {
      return Response.json(await exchange(new URL(request.url).searchParams.get("server")));
    } catch (error) {
      return Response.json(String(error));
    }
  },
};
`;

/** Starts a Worker with two modules: the bundle and the wasm file. */
async function start(t, name, entry, conditions) {
  const folder = makeApp(`workerd-${name}`, { "main.js": worker(entry) });
  const asModule = {
    name: "wasm-module",
    setup: ({ onResolve }) =>
      onResolve({ filter: /\.wasm$/ }, () => ({ path: "./steadysocket.wasm", external: true })),
  };
  const { outputFiles } = await build({
    entryPoints: [join(folder, "main.js")],
    bundle: true,
    format: "esm",
    write: false,
    conditions,
    plugins: [asModule],
  });
  const wasm = join(folder, "node_modules/steadysocket/dist/steadysocket.wasm");
  const miniflare = new Miniflare({
    compatibilityDate: "2026-01-01",
    modules: [
      { type: "ESModule", path: "main.js", contents: outputFiles[0].text },
      { type: "CompiledWasm", path: "steadysocket.wasm", contents: readFileSync(wasm) },
    ],
  });
  t.after(() => miniflare.dispose());
  return async (server) => {
    const url = `http://localhost/?server=${encodeURIComponent(server.url())}`;
    const asked = server.received.filter((text) => text === "close all").length;
    const response = miniflare.dispatchFetch(url);
    const isAsked = () => server.received.filter((text) => text === "close all").length > asked;
    server.until(isAsked).then(
      () => server.closeAll(1012, "restart"),
      // The Worker has failed, and never asks.
      () => {},
    );
    return (await response).json();
  };
}

const expectedLog = ["connecting", "first", "1012 true", "second", "closed"];

for (const [name, entry, conditions] of [
  ["default", "steadysocket", ["workerd", "worker", "browser"]],
  ["core", "steadysocket/core", ["workerd", "worker", "browser"]],
  ["js", "steadysocket/js", []],
]) {
  test(`workerd, ${entry}: a Worker sends, receives and reconnects in successive requests`, async (t) => {
    const server = await ServerProcess.start(t);
    const ask = await start(t, name, entry, conditions);
    for (let count = 0; count < 3; ++count) assert.deepEqual(await ask(server), expectedLog);
  });
}

test("workerd, without the export condition: the error names it and the entry to import", async (t) => {
  const server = await ServerProcess.start(t);
  const ask = await start(t, "without", "steadysocket", ["worker", "browser"]);
  const error = await ask(server);
  assert.match(error, /WebAssembly could not be compiled: .*embedder/);
  assert.match(error, /import "steadysocket\/js".*export condition "workerd"/);
  assert.doesNotMatch(error, /Policy/);
});
