// The first connection of a realm starts before the kernel is instantiated.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { entryUrl } from "../support/package.mjs";
import { next } from "../support/sockets.mjs";

let copies = 0;

/** A new copy of an entry with WebAssembly, without a kernel yet, and a log of what it creates. */
async function importCopy(t, entry = ".") {
  const { SteadySocket } = await import(`${entryUrl(entry)}?first${++copies}`);
  const log = [];
  const { Module, Instance } = WebAssembly;
  for (const [name, what] of [
    ["Module", "compile"],
    ["Instance", "instantiate"],
  ]) {
    WebAssembly[name] = new Proxy(WebAssembly[name], {
      construct(target, given) {
        log.push(what);
        return Reflect.construct(target, given);
      },
    });
  }
  t.after(() => Object.assign(WebAssembly, { Module, Instance }));
  class Logged extends WebSocket {
    static made = [];
    constructor(...given) {
      super(...given);
      log.push(`connect ${given.length}`);
      Logged.made.push(this);
    }
  }
  return { SteadySocket, Logged, log };
}

for (const entry of [".", "./core"]) {
  test(`${entry}: the first connection does not wait for the kernel, the second has it`, async (t) => {
    const server = await EchoServer.start(t);
    const { SteadySocket, Logged, log } = await importCopy(t, entry);
    for (const expected of [["compile", "connect 1", "instantiate"], ["connect 1"]]) {
      log.length = 0;
      const socket = new SteadySocket(server.url("/echo"), [], { WebSocket: Logged });
      t.after(() => socket.close());
      assert.deepEqual(log, expected);
      assert.equal(socket.send("hello").status, "queued");
      assert.equal((await next(socket, "message")).data, "hello");
      assert.equal(socket.url, server.url("/echo"));
    }
    assert.equal(Logged.made.length, 2);
  });
}

test("the first connection offers the subprotocols, too", async (t) => {
  const server = await EchoServer.start(t);
  const { SteadySocket, Logged, log } = await importCopy(t);
  const socket = new SteadySocket(server.url("/echo"), ["one", "two"], { WebSocket: Logged });
  t.after(() => socket.close());
  assert.deepEqual(log, ["compile", "connect 2", "instantiate"]);
  await next(socket, "open");
  assert.equal(socket.protocol, "one");
});

test("invalid options and startClosed start no connection ahead", async (t) => {
  const { SteadySocket, Logged, log } = await importCopy(t);
  const wrong = [
    ["ws://localhost/#fragment", [], {}],
    ["ws://localhost/", ["not a token"], {}],
    ["ws://localhost/", [], { unknown: 1 }],
    ["ws://localhost/", [], { highWaterMark: 0 }],
  ];
  for (const [url, protocols, options] of wrong) {
    const make = () => new SteadySocket(url, protocols, { WebSocket: Logged, ...options });
    assert.throws(make);
  }
  assert.deepEqual(log, []);
  const closed = new SteadySocket("ws://localhost/", [], { WebSocket: Logged, startClosed: true });
  assert.equal(closed.state, "closed");
  assert.deepEqual(log, []);
  assert.throws(() => closed.reconnect(3000, "x".repeat(124)), { name: "SyntaxError" });
  assert.deepEqual(log, []);
});

test("a function for the URL is called after the kernel is instantiated", async (t) => {
  const server = await EchoServer.start(t);
  const { SteadySocket, Logged, log } = await importCopy(t);
  const socket = new SteadySocket(() => server.url("/echo"), [], { WebSocket: Logged });
  t.after(() => socket.close());
  await next(socket, "open");
  assert.deepEqual(log, ["compile", "instantiate", "connect 1"]);
});

test("a class that throws is constructed once, and its error is the cause", async (t) => {
  const { SteadySocket } = await importCopy(t);
  const thrown = new Error("no sockets today");
  let calls = 0;
  class Refusing {
    constructor() {
      ++calls;
      throw thrown;
    }
  }
  assert.throws(
    () => new SteadySocket("ws://localhost/", [], { WebSocket: Refusing }),
    ({ name, message, cause }) =>
      name === "NotSupportedError" && message.includes("no sockets today") && cause === thrown,
  );
  assert.equal(calls, 1);
});

/** Makes this constructor of WebAssembly throw from now on. */
function refuse(name) {
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    construct() {
      throw new WebAssembly.CompileError("refused by Content Security Policy");
    },
  });
}

test("if WebAssembly cannot be compiled, no connection starts", async (t) => {
  const { SteadySocket, Logged } = await importCopy(t);
  refuse("Module");
  assert.throws(
    () => new SteadySocket("ws://localhost/", [], { WebSocket: Logged }),
    /WebAssembly could not be compiled.*'wasm-unsafe-eval'/s,
  );
  assert.deepEqual(Logged.made, []);
});

test("if the kernel cannot be instantiated, the first connection is closed", async (t) => {
  const server = await EchoServer.start(t);
  const { SteadySocket, Logged } = await importCopy(t);
  refuse("Instance");
  assert.throws(
    () => new SteadySocket(server.url("/echo"), [], { WebSocket: Logged }),
    /WebAssembly could not be compiled.*'wasm-unsafe-eval'/s,
  );
  const [socket] = Logged.made;
  assert.equal(socket.readyState, WebSocket.CLOSING);
  await new Promise((resolve) => socket.on("close", resolve));
  assert.equal(Logged.made.length, 1);
});

test("steadysocket/external: no connection starts before load()", async (t) => {
  const { SteadySocket, Logged, log } = await importCopy(t, "./external");
  assert.throws(
    () => new SteadySocket("ws://localhost/", [], { WebSocket: Logged }),
    /await load\(\) first/,
  );
  assert.deepEqual(log, []);
});
