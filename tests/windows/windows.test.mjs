// The library cross-compiled for Windows, under Wine.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { root } from "../../scripts/lib.mjs";
import { wineFile } from "../../scripts/tools.mjs";
import { limitTests } from "../support/limit.mjs";
import { Program } from "../support/program.mjs";
import { ServerProcess } from "../support/server-process.mjs";

// Wine makes its folder when it is started for the first time.
limitTests(180_000);

const wine = wineFile();
const programs = join(root, "build/windows/tests/windows");
const program = (name) => join(programs, `windows_${name}.exe`);
const files = join(root, "build/windows/files");
const file = (name) => join(files, name);
const env = {
  ...process.env,
  WINEPREFIX: join(root, "build/windows/wine"),
  WINEDEBUG: "-all",
  // Neither .NET nor a browser: Wine would ask to download them.
  WINEDLLOVERRIDES: "mscoree,mshtml=",
  // Replace the roots of the store: see TlsOptions. Empty counts as not set.
  SSL_CERT_FILE: "",
  SSL_CERT_DIR: "",
};
const client = (t, args, variables = {}) =>
  new Program(t, wine, [program("client"), ...args], { env: { ...env, ...variables } });

before(async () => {
  mkdirSync(files, { recursive: true });
  // A new one: a run that was killed may have left a root in the store.
  rmSync(env.WINEPREFIX, { recursive: true, force: true });
  mkdirSync(env.WINEPREFIX);
  await promisify(execFile)(wine, [program("certificates"), files], { env });
});

// Ends the processes of this prefix only.
after(() => execFileSync(wine, ["wineboot", "--kill"], { env }));

test("the core's tests pass", async () => {
  const { stdout } = await promisify(execFile)(wine, [program("core_tests")], { env });
  assert.match(stdout, /All tests passed \(\d+ assertions in \d+ test cases\)/);
});

/** Plays the whole story of client.cpp. */
async function survives(server, running, threading) {
  assert.equal(await running.reported("open"), threading);
  assert.equal(await running.reported("received"), "first");
  await server.kill();
  assert.equal(await running.reported("lost"), "1006");
  await server.restart();
  assert.equal(await running.reported("open"), threading);
  assert.equal(await running.reported("received"), "second");
  assert.equal(await running.reported("received"), "third");
  assert.equal(await running.ended(), 0);
  assert.deepEqual(server.received, ["first", "second", "third"]);
}

for (const threading of ["caller", "io_thread"]) {
  test(`a client reconnects to a killed server and sends its queue (${threading})`, async (t) => {
    const server = await ServerProcess.start(t);
    await survives(server, client(t, [server.url(), threading]), threading);
  });
}

const secureScript = new URL("./secure-server.mjs", import.meta.url);
const startSecure = (t) =>
  ServerProcess.start(t, secureScript, file("certificate.pem"), file("key.pem"));
const secureUrl = (server) => server.url().replace("ws:", "wss:");
const untrusted = "certificate verify failed: unable to get local issuer certificate";

test("a client trusts the roots of the Windows store, and reconnects over TLS", async (t) => {
  const server = await startSecure(t);
  const args = [secureUrl(server), "io_thread", file("authority.der")];
  await survives(server, client(t, args), "io_thread");
});

test("a server whose root is in no store is rejected", async (t) => {
  const server = await startSecure(t);
  const running = client(t, [secureUrl(server), "caller"]);
  assert.equal(await running.reported("error"), untrusted);
  assert.equal(await running.ended(), 0);
  assert.deepEqual(server.received, []);
});

test("SSL_CERT_FILE replaces the roots of the Windows store", async (t) => {
  const server = await startSecure(t);
  const args = [secureUrl(server), "caller"];
  await survives(server, client(t, args, { SSL_CERT_FILE: file("authority.pem") }), "caller");
});
