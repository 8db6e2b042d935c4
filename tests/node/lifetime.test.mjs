import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { limitTests } from "../support/limit.mjs";
import { packageUrl } from "../support/package.mjs";
import { once } from "../support/until.mjs";

/** Milliseconds for 3,000 connections, one after the other. */
const manyConnections = 100_000;
limitTests(1.2 * manyConnections);

/** Runs a program in a child process, which must exit by itself. Resolves to its output. */
async function runProgram(t, source, { flags = [], milliseconds = undefined } = {}) {
  const args = [...flags, "--input-type=module", "--eval", source];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close", milliseconds);
  assert.equal(code, 0);
  return output;
}

const ws = JSON.stringify(import.meta.resolve("ws"));
const imports = `
  import WebSocket from ${ws};
  import { SteadySocket } from ${JSON.stringify(packageUrl)};
`;

test("importing the package adds no globals and no process listeners", async (t) => {
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

test("a process exits when its socket is closed, and no listener of the process is left", async (t) => {
  const server = await EchoServer.start(t);
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

test("a process exits when a socket is closed while it waits or connects", async (t) => {
  const server = await EchoServer.start(t);
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

test("Node's own WebSocket works, with a server and without one", async (t) => {
  const server = await EchoServer.start(t);
  const output = await runProgram(
    t,
    `
    process.removeAllListeners("warning");
    const { SteadySocket } = await import(${JSON.stringify(packageUrl)});
    const socket = new SteadySocket(${JSON.stringify(server.url())});
    socket.send("hello");
    socket.onmessage = ({ data }) => {
      console.log(data);
      socket.close();
    };
    const began = Date.now();
    const absent = new SteadySocket("ws://127.0.0.1:1/", [], { reconnect: false });
    absent.onclose = ({ code }) => console.log(code, Date.now() - began < 5000);
    `,
    { flags: ["--experimental-websocket"] },
  );
  assert.deepEqual(output.split("\n").sort(), ["", "1006 true", "hello"]);
});

test("timers are cancelled even if Node's timer ids exceed 2^31", async (t) => {
  const server = await EchoServer.start(t);
  // Timer ids are numbered together with all other asynchronous resources.
  const output = await runProgram(
    t,
    `${imports}
    import { createRequire } from "node:module";
    const { async_id_fields, constants } =
      createRequire("/")("internal/test/binding").internalBinding("async_wrap");
    async_id_fields[constants.kAsyncIdCounter] = 2 ** 31 + 100;
    for (let i = 0; i < 20; ++i) {
      const socket = new SteadySocket(${JSON.stringify(server.url())}, [], {
        WebSocket, connectTimeout: 200 });
      await new Promise((resolve) => { socket.onopen = resolve; });
      setTimeout(() => {
        console.log(socket.state);
        socket.close();
      }, 400);
    }
    `,
    { flags: ["--expose-internals", "--no-warnings"] },
  );
  assert.equal(output, "open\n".repeat(20));
});

test("closed sockets release their memory", async (t) => {
  const server = await EchoServer.start(t);
  // All sockets share one module: if each kept its memory, that would have to grow.
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
      await new Promise(setImmediate);
    }
    console.log(grown.length);
    `,
    { milliseconds: manyConnections },
  );
  assert.equal(output, "0\n");
});
