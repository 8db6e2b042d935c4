import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { packageUrl } from "../support/package.mjs";
import { ServerProcess } from "../support/server-process.mjs";

/** Runs a program in a Node of its own, which has to end by itself. Returns what it printed. */
async function runProgram(t, source) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  return output;
}

const ws = JSON.stringify(import.meta.resolve("ws"));
const imports = `
  import WebSocket from ${ws};
  import { SteadySocket } from ${JSON.stringify(packageUrl)};
`;

test("importing the package touches nothing", async (t) => {
  const output = await runProgram(
    t,
    `
    const globals = () => Reflect.ownKeys(globalThis).length;
    const listeners = () => process.eventNames().map((n) => process.listenerCount(n)).join();
    const before = [globals(), listeners()].join();
    await import(${JSON.stringify(packageUrl)});
    console.log([globals(), listeners()].join() === before);
    `,
  );
  assert.equal(output, "true\n");
});

test("a process ends when its socket is closed, and no listener of the process is left", async (t) => {
  const server = await ServerProcess.start(t);
  const output = await runProgram(
    t,
    `${imports}
    const socket = new SteadySocket(${JSON.stringify(server.url())}, [], { WebSocket });
    socket.addEventListener("message", () => socket.close());
    socket.addEventListener("close", () => {
      console.log(process.listenerCount("uncaughtException"), socket.state);
    });
    socket.send("x");
    `,
  );
  assert.equal(output, "0 closed\n");
});

test("a process ends when a socket is closed while it waits or connects", async (t) => {
  const server = await ServerProcess.start(t);
  await runProgram(
    t,
    `${imports}
    const connecting = new SteadySocket(${JSON.stringify(server.url("/hang"))}, [], {
      WebSocket, closeTimeout: 100 });
    connecting.close();
    const waiting = new SteadySocket("ws://127.0.0.1:1/", [], {
      WebSocket, reconnect: { initialDelay: 3_600_000, maxDelay: 3_600_000 } });
    waiting.addEventListener("statechange", ({ state }) => {
      if (state === "waiting") waiting.close();
    });
    `,
  );
});

test("closed sockets give their memory back", async (t) => {
  const server = await ServerProcess.start(t);
  // The module is one for all sockets: if each kept its part, memory would have to grow.
  const output = await runProgram(
    t,
    `${imports}
    const grown = [];
    const grow = WebAssembly.Memory.prototype.grow;
    WebAssembly.Memory.prototype.grow = function (pages) {
      grown.push(pages);
      return grow.call(this, pages);
    };
    for (let i = 0; i < 3000; ++i) {
      const socket = new SteadySocket(${JSON.stringify(server.url())}, [], {
        WebSocket, firstMessage: "x".repeat(10_000), reconnect: false });
      socket.close();
      await new Promise((resolve) => socket.addEventListener("close", resolve));
    }
    console.log(grown.length);
    `,
  );
  assert.equal(output, "0\n");
});
