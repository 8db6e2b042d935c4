// The package in three engines, under a strict policy: payloads, refused handshakes, closing, and
// workers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { WebSocket } from "ws";
import { engines } from "../support/browsers/index.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { consumerFolder } from "../support/package.mjs";
import { serveSite } from "../support/site.mjs";
import { connect, isIn, logged, takeLog } from "./socket.mjs";

const withoutWasm =
  "default-src 'none'; img-src 'self' data:; script-src 'self'; connect-src 'self' ws:";
const strict = withoutWasm.replace("script-src 'self'", "$& 'wasm-unsafe-eval'");

const echo = (connection) =>
  connection.on("message", (data, isBinary) => connection.send(data, { binary: isBinary }));

const isClosed = ({ readyState }) => readyState === WebSocket.CLOSED;

const quick = { reconnect: { initialDelay: 20, maxDelay: 100 } };

const worker = `
import { SteadySocket } from "/steadysocket.js";
onmessage = ({ data: url }) => {
  const socket = new SteadySocket(url, [], ${JSON.stringify(quick)});
  const log = [];
  socket.addEventListener("close", ({ code }) => {
    log.push(code);
    socket.send("after");
  });
  socket.addEventListener("message", ({ data }) => {
    log.push(data);
    if (data === "after") socket.close();
    if (socket.state === "closing") postMessage(log);
  });
  socket.send("before");
};`;

for (const engine of engines) {
  const promise = (sentence, run) => test(`Runtime ${engine.name}: ${sentence}`, run);

  promise(
    "strings, objects, bytes, Blobs and every character arrive as they were sent",
    async (t) => {
      const server = await LocalServer.start(t, { greet: echo });
      const tab = await engine.open(t, await serveSite(t, strict));
      await connect(tab, server.url());
      const answers = await tab.evaluate(async () => {
        const { socket } = globalThis;
        // The first and the last of every length in UTF-8, U+0000, and half a pair.
        const every = "\u0000\u0001\u007F\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\u{10000}\u{10FFFF}";
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
        const sent = ["", every, "half \uD800.", { type: "chat", every }, [1], bytes];
        sent.push(bytes.buffer, new DataView(bytes.buffer, 3, 5), new Blob([bytes]));
        const received = [];
        const all = new Promise((resolve) => {
          socket.addEventListener("message", ({ data }) => {
            if (received.push(data) === sent.length) resolve();
          });
        });
        socket.binaryType = "arraybuffer";
        const objects = [];
        socket.on("chat", (message) => objects.push(message.every === every));
        for (const data of sent) socket.send(data);
        await all;
        const same = (data, expected) =>
          data.byteLength === expected.length &&
          new Uint8Array(data).every((byte, index) => byte === expected[index]);
        return [
          received[0] === "" && received[1] === every && received[2] === "half \uFFFD.",
          received[3] === JSON.stringify(sent[3]),
          received[4],
          same(received[5], bytes),
          same(received[6], bytes),
          same(received[7], bytes.subarray(3, 8)),
          same(received[8], bytes),
          ...objects,
        ];
      });
      assert.deepEqual(answers, [true, true, "[1]", true, true, true, true, true]);
    },
  );

  promise("a string and a Blob of 5 MB are sent and received", async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const tab = await engine.open(t, await serveSite(t, strict));
    await connect(tab, server.url());
    const answers = await tab.evaluate(async () => {
      const { socket } = globalThis;
      const next = () =>
        new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
      const text = JSON.stringify({ type: "large", data: "é-0123456".repeat(500_000) });
      const large = socket.next("large");
      socket.send(text);
      const { data } = await large;
      const bytes = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);
      socket.send(new Blob([bytes]));
      const blob = (await next()).data;
      const back = new Uint8Array(await blob.arrayBuffer());
      return [data.length, JSON.stringify({ type: "large", data }) === text, back.length].concat(
        back.every((byte, index) => byte === index % 251),
      );
    });
    assert.deepEqual(answers, [4_500_000, true, 5_000_000, true]);
  });

  promise("close codes and reasons arrive on both sides", async (t) => {
    const server = await LocalServer.start(t);
    const tab = await engine.open(t, await serveSite(t, strict));
    const closed = [];
    server.greet = (connection) =>
      connection.on("close", (code, reason) => closed.push([code, String(reason)]));
    await connect(tab, server.url(), quick);
    server.connections[0].close(1001, "gone for a moment");
    await logged(tab, "close 1001 gone for a moment true true");
    await isIn(tab, "open");
    server.connections[1].close();
    await logged(tab, "close 1005  true true");
    await isIn(tab, "open");
    server.connections[2].terminate();
    await logged(tab, "close 1006  false true");
    await isIn(tab, "open");
    await tab.evaluate(() => globalThis.socket.reconnect(3_210, "größer"));
    await server.until(() => isClosed(server.connections[3]));
    await isIn(tab, "open");
    server.connections[4].close(4_001, "не сегодня");
    await logged(tab, "close 4001 не сегодня true false");
    assert.equal(await tab.evaluate(() => globalThis.socket.state), "closed");
    await tab.evaluate(() => globalThis.socket.reconnect());
    await isIn(tab, "open");
    await tab.evaluate(() => globalThis.socket.close(3_333, "enough"));
    await logged(tab, "close 3333 enough true false");
    await server.until(() => isClosed(server.connections[5]));
    assert.deepEqual(closed, [
      [1001, "gone for a moment"],
      // WebKit answers a close frame that has no code with 1000.
      [engine.id === "webkit" ? 1000 : 1005, ""],
      [1006, ""],
      [3_210, "größer"],
      [4_001, "не сегодня"],
      [3_333, "enough"],
    ]);
  });

  promise("messages sent before close({ flush: true }) arrive in order, a Blob too", async (t) => {
    const server = await LocalServer.start(t);
    const tab = await engine.open(t, await serveSite(t, strict));
    await connect(tab, server.url(), { reconnect: false });
    await tab.evaluate(() => {
      const { socket } = globalThis;
      for (const data of ["first", new Blob(["a Blob"]), "last"]) socket.send(data);
      socket.close({ flush: true });
    });
    await logged(tab, "close 1005  true false");
    await server.until(() => isClosed(server.connections[0]));
    assert.deepEqual(server.received.map(String), ["first", "a Blob", "last"]);
  });

  promise("a refused handshake is retried", async (t) => {
    const answers = [503, 401, undefined];
    const server = await LocalServer.start(t, { answer: () => answers.shift(), greet: echo });
    const tab = await engine.open(t, await serveSite(t, strict));
    tab.expected.push(engine.refusedConnection);
    await connect(tab, server.url(), quick);
    assert.deepEqual(await takeLog(tab), [
      "error connection_failed",
      "close 1006  false true",
      "error connection_failed",
      "close 1006  false true",
      "open",
    ]);
    assert.equal(server.handshakes.length, 3);
  });

  promise("without 'wasm-unsafe-eval' the constructor throws an error that names it", async (t) => {
    const tab = await engine.open(t, await serveSite(t, withoutWasm));
    tab.expected.push(/wasm|WebAssembly/i);
    const error = await tab.evaluate(async () => {
      const { SteadySocket } = await import("/steadysocket.js");
      try {
        new SteadySocket("/");
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    });
    assert.match(error, /wasm-unsafe-eval/);
  });

  promise("a dedicated worker connects, and reconnects when the connection is lost", async (t) => {
    const server = await LocalServer.start(t, {
      greet: (connection) => {
        const isFirst = server.connections.length === 1;
        connection.on("message", (data) => {
          connection.send(String(data));
          if (isFirst) connection.close(1001);
        });
      },
    });
    const policy = `${strict}; worker-src 'self'`;
    const tab = await engine.open(t, await serveSite(t, policy, { "/worker.js": worker }));
    const log = await tab.evaluate(
      (url) =>
        new Promise((resolve, reject) => {
          const worker = new Worker("/worker.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(url);
        }),
      server.url(),
    );
    assert.deepEqual(log, ["before", 1001, "after"]);
  });

  promise("steadysocket/external compiles while downloading, and connects", async (t) => {
    const server = await LocalServer.start(t, { greet: echo });
    const own = (name) =>
      readFileSync(join(consumerFolder, "node_modules/steadysocket/dist", name));
    const files = {
      "/external.js": own("external.js"),
      "/steadysocket.wasm": own("steadysocket.wasm"),
    };
    const tab = await engine.open(t, await serveSite(t, strict, files));
    const answers = await tab.evaluate(async (url) => {
      const streamed = [];
      const { compileStreaming } = WebAssembly;
      WebAssembly.compileStreaming = async (source) => {
        streamed.push(new URL((await source).url).pathname);
        return compileStreaming(source);
      };
      const { load, SteadySocket } = await import("/external.js");
      await load();
      const socket = new SteadySocket(url);
      const received = new Promise((resolve) => socket.addEventListener("message", resolve));
      socket.send("there and back");
      return [streamed, (await received).data];
    }, server.url());
    assert.deepEqual(answers, [["/steadysocket.wasm"], "there and back"]);
  });
}
