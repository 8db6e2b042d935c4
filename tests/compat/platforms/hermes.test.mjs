// React Native: its JavaScript engine Hermes runs the package, compiled with its Babel preset.
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { transformAsync } from "@babel/core";
import { build } from "esbuild";
import { makeApp } from "../../support/apps.mjs";
import { limitTests } from "../../support/limit.mjs";
import { Program } from "../../support/program.mjs";

limitTests(120_000);

const { resolve } = createRequire(import.meta.url);
const hermes = fileURLToPath(
  new URL("../node_modules/hermes-engine-cli/linux64-bin/hermes", import.meta.url),
);

/**
 * A WebSocket like React Native's, with a server behind it: it echoes, and closes a connection that
 * sends "cut".
 */
const host = `
globalThis.console = { log: print, warn: print, error: print };
// The command line tool's accepts only numbers.
const clear = clearTimeout;
globalThis.clearTimeout = (id) => id === undefined || clear(id);
globalThis.WebSocket = class WebSocket {
  constructor(url, protocols) {
    this.url = url;
    this.readyState = 0;
    setTimeout(() => {
      this.readyState = 1;
      this.protocol = "";
      if (this.onopen) this.onopen({ type: "open" });
    }, 0);
  }
  send(data) {
    if (data === "cut") {
      setTimeout(() => {
        this.readyState = 3;
        // The message and the reason are not available on every platform.
        this.onerror({ type: "error", message: "the network is gone" });
        this.onclose({ type: "close", code: 1006, reason: "the network is gone" });
      }, 0);
    } else {
      setTimeout(() => this.onmessage && this.onmessage({ type: "message", data }), 0);
    }
  }
  close(code, reason) {
    this.readyState = 2;
    setTimeout(() => {
      this.readyState = 3;
      if (this.onclose) this.onclose({ type: "close", code, reason, wasClean: true });
    }, 0);
  }
};
for (const name of ["WebAssembly", "EventTarget", "Event", "DOMException", "URL", "TextDecoder"]) {
  if (name in globalThis) throw new Error(name + " exists");
}
`;

const app = `
import { SteadySocket } from "steadysocket";

const report = (name, value) => print(JSON.stringify([name, value]));
const socket = new SteadySocket("wss://example.org/chat?token=1", [], {
  reconnect: { initialDelay: 1, maxDelay: 1 },
});
report("made", [socket.state, socket.url]);
let count = 0;
socket.on("greeting", ({ from }) => {
  report("received", from);
  if (++count === 1) socket.send("cut");
  else socket.close(4000, "enough");
});
socket.addEventListener("error", ({ code, message }) => report("error", [code, message]));
socket.onclose = ({ code, reason, willRetry }) => {
  report("close", [code, reason, willRetry]);
  if (willRetry) socket.send({ type: "greeting", from: "after the outage" });
};
socket.send({ type: "greeting", from: "queued \\u00e9 \\u{1f600}" });
try {
  new SteadySocket("no URL");
} catch ({ name }) {
  report("thrown", name);
}
`;

let folder;

before(async () => {
  chmodSync(hermes, 0o755);
  folder = makeApp("hermes", { "main.js": app });
  const { outputFiles } = await build({
    entryPoints: [join(folder, "main.js")],
    bundle: true,
    write: false,
    format: "esm",
    // Same as Metro.
    conditions: ["react-native"],
  });
  const { code } = await transformAsync(host + outputFiles[0].text, {
    babelrc: false,
    configFile: false,
    filename: join(folder, "bundle.js"),
    presets: [[resolve("@react-native/babel-preset"), { enableBabelRuntime: false }]],
  });
  writeFileSync(join(folder, "bundle.js"), code);
});

test("Hermes: a socket sends, receives, reconnects and closes, without WebAssembly or EventTarget", async (t) => {
  const program = new Program(t, hermes, ["-w", join(folder, "bundle.js")]);
  assert.deepEqual(await program.reported("made"), [
    "connecting",
    "wss://example.org/chat?token=1",
  ]);
  assert.equal(await program.reported("thrown"), "SyntaxError");
  assert.equal(await program.reported("received"), "queued \u00e9 \u{1f600}");
  assert.deepEqual(await program.reported("error"), ["connection_failed", "the network is gone"]);
  assert.deepEqual(await program.reported("close"), [1006, "", true]);
  assert.equal(await program.reported("received"), "after the outage");
  assert.deepEqual(await program.reported("close"), [4000, "enough", false]);
  assert.equal(await program.ended(), 0, program.errors);
});
