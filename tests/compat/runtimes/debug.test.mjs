// The consoles' output for a socket, and the variable DEBUG, which enables the log where reading it
// requires no permission.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bun, deno, node20, node22, node26 } from "./runtimes.mjs";

/** A program for sockets that never connect. `print` reports a line to the test. */
const program = (body) => `
  import { SteadySocket } from "steadysocket";
  const print = (...line) => console.log(JSON.stringify(line));
  const options = { startClosed: true, WebSocket: class {} };
  const url = "wss://ann:pass@host.test/chat?token=secret";
  ${body}`;

for (const runtime of [node20, node22, node26, deno, bun]) {
  test(`Runtime ${runtime.label}: the console shows a socket's state, and its URL without secrets`, async (t) => {
    const shown = runtime.evaluate(
      t,
      program(`const { Bun, Deno } = globalThis;
        const inspect = (Bun ?? Deno)?.inspect ?? (await import("node:util")).inspect;
        print("shown", inspect(new SteadySocket(url, [], options)));`),
    );
    const text = await shown.reported("shown");
    assert.match(text, /^SteadySocket \{\s+url: ['"]wss:\/\/\*\*\*@host.test\/chat\?token=\*\*\*/);
    assert.match(text, /state: ['"]closed['"]/);
    assert.doesNotMatch(text, /secret|pass/);
    assert.equal(await shown.ended(), 0, shown.errors);
  });

  test(`Runtime ${runtime.label}: DEBUG is read without a prompt, a warning or an error`, async (t) => {
    const logged = runtime.evaluate(
      t,
      program(`process.env.DEBUG = "app,steadysocket";
        const lines = [];
        new SteadySocket(url, [], { ...options, debugLogger: (line) => lines.push(line) });
        new SteadySocket(url, [], { ...options, debug: true, debugLogger: () => {} });
        await Promise.resolve();
        print("lines", lines.length);`),
    );
    // Deno would prompt for a permission: see docs/guides/debugging.md.
    assert.equal(await logged.reported("lines"), runtime === deno ? 0 : 1);
    assert.equal(await logged.ended(), 0, logged.errors);
    assert.equal(logged.errors, "");
  });
}
