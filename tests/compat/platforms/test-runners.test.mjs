// Jest and vitest with their defaults: an app's test uses the package, and their process exits.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeApp } from "../../support/apps.mjs";
import { limitTests } from "../../support/limit.mjs";
import { codeBlocks, readPage } from "../../support/pages.mjs";
import { ServerProcess } from "../../support/server-process.mjs";

limitTests(180_000);

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));
const versionOf = (name) => createRequire(import.meta.url)(`${name}/package.json`).version;

/** The source of an app's test; `options` has a class if the environment has no WebSocket. */
const body = (options) => `
  test("a socket sends, receives, reconnects and closes", async () => {
    const socket = new SteadySocket(process.env.SERVER, [], ${options});
    for (const from of ["first", "second"]) {
      const opened = new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
      if (from === "second") socket.reconnect();
      const received = new Promise((resolve) => socket.once("greeting", resolve));
      await opened;
      socket.send({ type: "greeting", from });
      expect((await received).from).toBe(from);
    }
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.close(4000, "enough");
    const { code, reason, willRetry } = await closed;
    expect([code, reason, willRetry]).toEqual([4000, "enough", false]);
  });`;

/** Runs a program in the app's folder, and checks that its test passes and the process exits. */
async function passes(t, folder, args, passed) {
  const server = await ServerProcess.start(t);
  const env = { ...process.env, SERVER: server.url(), NO_COLOR: "1", CI: "1" };
  delete env.NODE_TEST_CONTEXT;
  delete env.NODE_OPTIONS;
  const settings = { cwd: folder, env, timeout: 150_000 };
  // Rejects with the output if the process fails or is killed by the timeout.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, settings);
  assert.match(stdout + stderr, passed);
  assert.doesNotMatch(stdout + stderr, /did not exit|open handles|hanging/);
}

const ws = JSON.stringify(createRequire(import.meta.url).resolve("ws"));
const ofNode = 'require("node:worker_threads").MessageChannel';
for (const [environment, { entry = "steadysocket", setup = "", options = "{}" }] of [
  ["node", { options: `{ WebSocket: require(${ws}) }` }],
  ["jsdom", {}],
  ["jsdom", { entry: "steadysocket/core" }],
  ["jsdom", { entry: "steadysocket/js" }],
  ["jsdom", { setup: `globalThis.MessageChannel = ${ofNode};` }],
]) {
  const variant = `${environment}, ${entry}${setup && ", with a MessageChannel"}`;
  test(`Jest ${versionOf("jest")}, ${variant}: a test requires the package, and Jest exits`, async (t) => {
    const folder = makeApp(`jest-${variant.replaceAll(/\W+/g, "-")}`, {
      "package.json": '{ "private": true }',
      "socket.test.js": `${setup}
        const { SteadySocket } = require("${entry}");
        ${body(options)}`,
    });
    const file = environment === "node" ? environment : join(modules, "jest-environment-jsdom");
    const args = ["--rootDir", folder, "--env", file];
    await passes(t, folder, [join(modules, "jest/bin/jest.js"), ...args], /Tests: +1 passed/);
  });
}

for (const environment of ["jsdom", "happy-dom"]) {
  const label = `${environment} ${versionOf(environment)}`;
  test(`vitest ${versionOf("vitest")}, ${label}: a test imports the package, and vitest exits`, async (t) => {
    const folder = makeApp(`vitest-${environment}`, {
      "socket.test.js": `import { expect, test } from "vitest";
        import { SteadySocket } from "steadysocket";
        ${body("{}")}`,
    });
    symlinkSync(join(modules, "vitest"), join(folder, "node_modules/vitest"));
    const args = ["run", "--root", folder, "--environment", environment];
    await passes(t, folder, [join(modules, "vitest/vitest.mjs"), ...args], /Tests +1 passed/);
  });
}

// --- docs/guides/testing.md ---

/** The blocks of the page that are test files, by their label. */
const blocks = Object.fromEntries(
  codeBlocks(readPage("docs/guides/testing.md"))
    .map(({ meta, code }) => [/^\[(.+)\]$/.exec(meta)?.[1], code])
    .filter(([label]) => label !== undefined),
);

for (const environment of ["jsdom", "happy-dom"]) {
  test(`vitest ${versionOf("vitest")}, ${environment}: the tests of the guide pass`, async (t) => {
    const names = ["room.test.js", "Chat.test.jsx", "reconnect.test.js", "session.test.js"];
    const files = Object.fromEntries(names.map((name) => [name, blocks[name]]));
    const folder = makeApp(`guide-${environment}`, { ...files, "timers.test.js": blocks.vitest });
    for (const name of ["vitest", "react", "react-dom", "@testing-library"]) {
      symlinkSync(join(modules, name), join(folder, "node_modules", name));
    }
    const args = ["run", "--root", folder, "--environment", environment];
    await passes(t, folder, [join(modules, "vitest/vitest.mjs"), ...args], /Tests +6 passed/);
  });
}

for (const environment of ["node", "jsdom"]) {
  test(`Jest ${versionOf("jest")}, ${environment}: the test of the guide with fake timers passes`, async (t) => {
    const folder = makeApp(`guide-jest-${environment}`, {
      "package.json": '{ "private": true }',
      "timers.test.js": blocks.Jest,
    });
    const file = environment === "node" ? environment : join(modules, "jest-environment-jsdom");
    const args = ["--rootDir", folder, "--env", file];
    await passes(t, folder, [join(modules, "jest/bin/jest.js"), ...args], /Tests: +1 passed/);
  });
}

test("node:test: the test of the guide with fake timers passes", async (t) => {
  const folder = makeApp("guide-node", { "timers.test.js": blocks["node:test"] });
  await passes(t, folder, ["--test", join(folder, "timers.test.js")], /pass 1\n/);
});
