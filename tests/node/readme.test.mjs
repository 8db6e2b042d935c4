// The JavaScript example of the README, unchanged except for the URL.
// (The C++ one is in tests/conformance/guide.test.mjs.)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { consumerFolder } from "../support/package.mjs";
import { codeBlocks, readPage } from "../support/pages.mjs";

test("the JavaScript example of the README sends its messages and logs the status", async (t) => {
  const { code: example } = codeBlocks(readPage("README.md")).find(
    ({ language }) => language === "js",
  );
  const server = await EchoServer.start(t);
  const address = "wss://example.org/chat";
  assert.ok(example.includes(address));
  const file = join(consumerFolder, "readme-example.mjs");
  await writeFile(
    file,
    `globalThis.WebSocket = (await import(${JSON.stringify(import.meta.resolve("ws"))})).default;
    ${example.replace(/^import (.*) from (.*);$/m, "const $1 = await import($2);").replace(address, server.url())}`,
  );
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await server.until(() => server.received.length === 2);
  assert.deepEqual(server.received, [
    '{"type":"join","userName":"Ann"}',
    '{"type":"chat","message":"hello"}',
  ]);
  assert.match(output, /^queued\n/);
});
