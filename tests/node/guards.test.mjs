// The guards of sdk/web around emscripten/websocket.h, in a C++ program in wasm. Policies, mixed
// content and blocked ports are tested in tests/browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { packageUrl } from "../support/package.mjs";
import { Waiting } from "../support/until.mjs";

const built = new URL("../../build/web/tests/programs/", import.meta.url);
const { default: createModule } = await import(new URL("guards.mjs", built).href);
const wasmBinary = readFileSync(fileURLToPath(new URL("guards.wasm", built)));

// As in steady/error.hpp.
const codes = { none: 0, url: 2, subprotocol: 3, closeCode: 4, closeReason: 5, notSupported: 7 };
const statuses = { sent: 0, queued: 1, rejected: 3 };

/** Starts the program with this WebSocket class, and collects the lines that it logs. */
async function start(t, webSocketClass = WebSocket) {
  if (webSocketClass) globalThis.WebSocket = webSocketClass;
  const lines = [];
  const waiting = new Waiting();
  const module = {
    wasmBinary,
    log(line) {
      lines.push(line);
      waiting.look();
    },
  };
  await createModule(module);
  t.after(() => {
    module.ccall("guard_destroy");
    delete globalThis.WebSocket;
  });
  const call = (name, ...args) =>
    module.ccall(
      `guard_${name}`,
      name === "state" ? "string" : "number",
      args.map((arg) => typeof arg),
      args,
    );
  const until = (condition) => waiting.until(condition, () => lines.join("\n"));
  return { module, lines, call, until, logged: (line) => until(() => lines.includes(line)) };
}

test("an exception of the WebSocket constructor is an error, and does not leak stack space", async (t) => {
  const { module, call } = await start(t);
  const before = module.stackSave();
  for (let i = 0; i < 200; ++i) {
    // Valid for the core, but not for the platform.
    assert.equal(call("open", "ws://[", ""), codes.url);
    assert.equal(call("open", "ws://host:99999/", ""), codes.url);
    assert.equal(call("state"), "closed");
  }
  assert.equal(module.stackSave(), before);
});

test("this program detects a stack overflow", async () => {
  const module = { wasmBinary };
  await createModule(module);
  const recurse = (depth) => module.ccall("guard_recurse", "number", ["number"], [depth]);
  assert.equal(recurse(10), 10);
  assert.throws(() => recurse(2000), /stack overflow/i);
});

test("a bad URL or subprotocol is refused before the platform sees it", async (t) => {
  class Never {
    constructor() {
      assert.fail("it was constructed");
    }
  }
  const { call } = await start(t, Never);
  for (const url of ["", "host", "http://host", "ws://", "ws://host/#f", "ws://host/ x"]) {
    assert.equal(call("open", url, ""), codes.url, url);
  }
  // websocket.h would split the first at the comma.
  for (const subprotocol of ["a,b", "a b", "é"]) {
    assert.equal(call("open", "ws://host", subprotocol), codes.subprotocol, subprotocol);
  }
});

test("headers, which a browser cannot send, close the socket with an error", async (t) => {
  class Never {
    constructor() {
      assert.fail("it was constructed");
    }
  }
  const { call, lines } = await start(t, Never);
  assert.equal(call("open_with_header", "ws://host"), codes.notSupported);
  assert.equal(call("state"), "closed");
  assert.deepEqual(lines, ["headers: a browser does not let a program set them"]);
});

test("a class that throws unusual values, or a missing class, is an error", async (t) => {
  const thrown = [
    null,
    Symbol("odd"),
    Object.create(null),
    Object.assign(new Error(), { message: Symbol("odd") }),
    new Proxy(new Error(), { get: () => assert.fail("it was read") }),
  ];
  class Odd {
    constructor() {
      throw thrown[0];
    }
  }
  const { module, call } = await start(t, Odd);
  const before = module.stackSave();
  for (; thrown.length > 0; thrown.shift()) {
    for (let i = 0; i < 100; ++i) {
      assert.equal(call("open", "ws://host", ""), codes.notSupported);
    }
  }
  assert.equal(module.stackSave(), before);
  delete globalThis.WebSocket;
  const none = await start(t, null);
  assert.equal(none.call("open", "ws://host", ""), codes.notSupported);
});

test("the program connects with the platform's WebSocket if SteadySocket has replaced that", async (t) => {
  const server = await EchoServer.start(t);
  globalThis.WebSocket = WebSocket;
  const { SteadySocket } = await import(`${packageUrl}?guards`);
  class Subclass extends SteadySocket {
    constructor(...given) {
      super(...given);
      this.on("type", () => {});
    }
  }
  const wrapper = function Wrapper(...given) {
    return new SteadySocket(...given);
  };
  for (const place of [SteadySocket, Subclass, wrapper]) {
    const { module, call, logged } = await start(t, place);
    const before = module.stackSave();
    call("open", server.url(), "");
    assert.equal(globalThis.WebSocket, place);
    await logged("open");
    assert.ok(module.SteadyWeb.socket(1) instanceof WebSocket);
    call("send", place.name);
    await logged(`text ${place.name.length} ${place.name}`);
    assert.equal(module.stackSave(), before);
  }
});

test("send while connecting queues, where the browser would throw", async (t) => {
  const server = await EchoServer.start(t);
  const { module, call, logged } = await start(t);
  const before = module.stackSave();
  call("open", server.url(), "");
  for (let i = 0; i < 100; ++i) assert.equal(call("send", `${i}`), statuses.queued);
  assert.equal(module.stackSave(), before);
  await logged("text 2 99");
  assert.equal(call("send", "now"), statuses.sent);
});

test("send on a closing connection queues, where the browser would lose the message", async (t) => {
  const server = await EchoServer.start(t);
  let raw;
  class Closing extends WebSocket {
    closing = false;
    constructor(...args) {
      super(...args);
      raw = this;
    }
    get readyState() {
      return this.closing ? 2 : super.readyState;
    }
  }
  const { call, logged } = await start(t, Closing);
  call("open", server.url(), "");
  await logged("open");
  raw.closing = true;
  assert.equal(call("send", "late"), statuses.queued);
  raw.terminate();
  await logged("text 4 late");
});

test("a send that throws rejects the message, with a drop event", async (t) => {
  const server = await EchoServer.start(t);
  class Throwing extends WebSocket {
    send() {
      throw new TypeError("no");
    }
  }
  const { module, call, logged } = await start(t, Throwing);
  call("open", server.url(), "");
  await logged("open");
  const before = module.stackSave();
  for (let i = 0; i < 100; ++i) assert.equal(call("send", "x"), statuses.rejected);
  assert.equal(module.stackSave(), before);
  await logged("drop refused");
  assert.equal(call("state"), "open");
});

test("a bad close code or reason is refused before the platform sees it", async (t) => {
  const server = await EchoServer.start(t);
  const { module, call, logged } = await start(t);
  call("open", server.url(), "");
  await logged("open");
  const before = module.stackSave();
  for (const code of [0, 999, 1001, 1005, 1006, 2999, 5000, 65535]) {
    assert.equal(call("close", code, ""), codes.closeCode, String(code));
  }
  assert.equal(call("close", 1000, "x".repeat(124)), codes.closeReason);
  assert.equal(call("close", 1000, "é".repeat(62)), codes.closeReason);
  assert.equal(module.stackSave(), before);
  assert.equal(call("state"), "open");
  assert.equal(call("close", 4999, "é".repeat(61)), codes.none);
  await logged(`close 4999 ${"é".repeat(61)}`);
});

test("events without fields, and members that throw, are handled", async (t) => {
  const server = await EchoServer.start(t);
  const made = [];
  class Odd extends WebSocket {
    isOdd = false;
    constructor(...args) {
      super(...args);
      made.push(this);
    }
    get readyState() {
      if (this.isOdd) throw new Error("not readable");
      return super.readyState;
    }
    get bufferedAmount() {
      return this.isOdd ? 1n : super.bufferedAmount;
    }
  }
  const { module, call, logged } = await start(t, Odd);
  const before = module.stackSave();
  call("open", server.url(), "");
  await logged("open");
  made[0].isOdd = true;
  for (let i = 0; i < 100; ++i) assert.equal(call("send", "x"), statuses.rejected);
  made[0].onmessage();
  made[0].onerror();
  made[0].onclose();
  await logged("close 1006 the connection failed");
  assert.equal(module.stackSave(), before);
});

test("U+0000 inside a text message is kept in both directions", async (t) => {
  const server = await EchoServer.start(t);
  const { call, logged } = await start(t);
  call("open", server.url(), "");
  await logged("open");
  call("send_with_nul");
  await logged("text 4 a<0>b<0>");
  await server.until(() => server.received.length >= 1);
  assert.deepEqual(server.received, ["a\u0000b\u0000"]);
});

test("text and binary messages are copied completely, whatever their encoding", async (t) => {
  const server = await EchoServer.start(t);
  const { call, logged } = await start(t);
  call("open", server.url(), "");
  await logged("open");
  // Three bytes a character: the buffer of the first guess is too small.
  call("send_repeated", "日", 100_000);
  await logged(`text 300000 ${"日".repeat(33)}\ufffd`);
  call("send", "😀é");
  await logged("text 6 😀é");
  call("send", "");
  await logged("text 0 ");
  call("send_binary");
  await logged("binary 3 <0>x<0>");
  call("send", '{"type":"routed"}');
  await logged("routed");
});

test("text is kept in both directions without TextDecoder and TextEncoder", async (t) => {
  const { TextDecoder, TextEncoder } = globalThis;
  t.after(() => Object.assign(globalThis, { TextDecoder, TextEncoder }));
  const server = await EchoServer.start(t);
  Object.assign(globalThis, { TextDecoder: undefined, TextEncoder: undefined });
  const { call, logged } = await start(t);
  call("open", server.url(), "");
  await logged("open");
  // Surrogate pairs that straddle the end of a buffer.
  call("send_repeated", "x😀日é", 50_000);
  await logged(`text 500000 ${"x😀日é".repeat(10)}`);
  call("send", "😀é");
  await logged("text 6 😀é");
  call("close", 4000, "grüße");
  await logged("close 4000 grüße");
});

test("a message that does not fit into memory is an error, and nothing is overwritten", async (t) => {
  const server = await EchoServer.start(t);
  const { call, logged, lines } = await start(t);
  assert.equal(call("canary_lives"), 1);
  call("open", server.url("/big?mb=20"), "");
  await logged("error out_of_memory");
  assert.equal(call("canary_lives"), 1);
  assert.equal(call("state"), "open");
  // A smaller one fits.
  call("open", server.url("/big?mb=4"), "");
  await logged(`binary ${4 << 20} ${"a".repeat(100)}`);
  call("open", server.url("/say?text=after"), "");
  await logged("text 5 after");
  assert.equal(call("canary_lives"), 1);
  assert.equal(lines.filter((line) => line.startsWith("error")).length, 1);
});

test("handles are released, also where the compiler's library does not", async (t) => {
  const server = await EchoServer.start(t);
  const { module, call, until, lines } = await start(t);
  for (let i = 1; i <= 20; ++i) {
    call("open", server.url("/close?code=1001"), "");
    await until(() => lines.filter((line) => line.startsWith("close")).length >= 3 * i);
  }
  const held = Array.from({ length: 200 }, (_, i) => i).filter((i) => {
    try {
      return module.SteadyWeb.socket(i);
    } catch {
      return false;
    }
  });
  assert.ok(held.length <= 1, `${held.length} handles are held`);
});

test("late events of an old connection are dropped", async (t) => {
  const server = await EchoServer.start(t);
  const made = [];
  /** Keeps calling handlers that were removed. */
  class Stubborn extends WebSocket {
    handlers = {};
    constructor(...args) {
      super(...args);
      made.push(this);
      for (const name of ["onopen", "onmessage", "onerror", "onclose"]) {
        const type = name.slice(2);
        this.addEventListener(type, (event) => this.handlers[name]?.(event));
        Object.defineProperty(this, name, {
          get: () => this.handlers[name],
          set: (handler) => {
            if (handler) this.handlers[name] = handler;
          },
        });
      }
    }
  }
  const { call, logged, lines, until } = await start(t, Stubborn);
  call("open", server.url(), "");
  await logged("open");
  made[0].terminate();
  await until(() => lines.filter((line) => line === "open").length === 2);
  const before = [...lines];
  const { onopen, onmessage, onerror, onclose } = made[0].handlers;
  onopen({});
  onmessage({ data: "late" });
  onmessage({ data: new ArrayBuffer(8) });
  onerror({});
  onclose({ code: 4000, reason: "late", wasClean: true });
  // Also after the program's socket is destroyed.
  call("destroy");
  made[1].handlers.onmessage({ data: "later" });
  made[1].handlers.onclose({ code: 1000, reason: "", wasClean: true });
  assert.deepEqual(lines, before);
});

test("a socket that is destroyed while it connects leaves nothing behind", async (t) => {
  const server = await EchoServer.start(t);
  const { call, logged, lines } = await start(t);
  for (let i = 0; i < 10; ++i) {
    call("open", server.url("/hang"), "");
    call("destroy");
  }
  call("open", server.url(), "");
  await logged("open");
  assert.deepEqual(lines, ["open"]);
});
