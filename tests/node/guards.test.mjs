// The guards of sdk/web around emscripten/websocket.h, seen from a C++ program in wasm. What only a
// browser does (policy, mixed content, ports) is in tests/browser.
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

/** The program, on the given WebSocket class, and what it said. */
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
  return { module, lines, call, until, told: (line) => until(() => lines.includes(line)) };
}

test("what the WebSocket constructor throws is an error, and the stack stays where it was", async (t) => {
  const { module, call } = await start(t);
  const before = module.stackSave();
  for (let i = 0; i < 200; ++i) {
    // These parse for us and not for the platform.
    assert.equal(call("open", "ws://[", ""), codes.url);
    assert.equal(call("open", "ws://host:99999/", ""), codes.url);
    assert.equal(call("state"), "closed");
  }
  assert.equal(module.stackSave(), before);
});

test("a stack that overflows would be found in this program", async () => {
  const module = { wasmBinary };
  await createModule(module);
  const recurse = (depth) => module.ccall("guard_recurse", "number", ["number"], [depth]);
  assert.equal(recurse(10), 10);
  assert.throws(() => recurse(2000), /stack overflow/i);
});

test("a bad URL or subprotocol is refused before the platform sees it", async (t) => {
  class Never {
    constructor() {
      assert.fail("it was asked");
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

test("headers, which no browser lets a program set, close the socket with an error", async (t) => {
  class Never {
    constructor() {
      assert.fail("it was asked");
    }
  }
  const { call, lines } = await start(t, Never);
  assert.equal(call("open_with_header", "ws://host"), codes.notSupported);
  assert.equal(call("state"), "closed");
  assert.deepEqual(lines, ["headers: a browser does not let a program set them"]);
});

test("a class that throws something odd, or none at all, is an error", async (t) => {
  const thrown = [
    null,
    Symbol("odd"),
    Object.create(null),
    Object.assign(new Error(), { message: Symbol("odd") }),
    new Proxy(new Error(), { get: () => assert.fail("it was looked at") }),
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

test("SteadySocket in the place of the global WebSocket is not what the program connects by", async (t) => {
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
    const { module, call, told } = await start(t, place);
    const before = module.stackSave();
    call("open", server.url(), "");
    assert.equal(globalThis.WebSocket, place);
    await told("open");
    assert.ok(module.SteadyWeb.socket(1) instanceof WebSocket);
    call("send", place.name);
    await told(`text ${place.name.length} ${place.name}`);
    assert.equal(module.stackSave(), before);
  }
});

test("send while connecting waits, where the browser would throw", async (t) => {
  const server = await EchoServer.start(t);
  const { module, call, told } = await start(t);
  const before = module.stackSave();
  call("open", server.url(), "");
  for (let i = 0; i < 100; ++i) assert.equal(call("send", `${i}`), statuses.queued);
  assert.equal(module.stackSave(), before);
  await told("text 2 99");
  assert.equal(call("send", "now"), statuses.sent);
});

test("send into a connection that is closing waits, where the browser would lose it", async (t) => {
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
  const { call, told } = await start(t, Closing);
  call("open", server.url(), "");
  await told("open");
  raw.closing = true;
  assert.equal(call("send", "late"), statuses.queued);
  raw.terminate();
  await told("text 4 late");
});

test("a send that throws rejects the message and says so", async (t) => {
  const server = await EchoServer.start(t);
  class Throwing extends WebSocket {
    send() {
      throw new TypeError("no");
    }
  }
  const { module, call, told } = await start(t, Throwing);
  call("open", server.url(), "");
  await told("open");
  const before = module.stackSave();
  for (let i = 0; i < 100; ++i) assert.equal(call("send", "x"), statuses.rejected);
  assert.equal(module.stackSave(), before);
  await told("drop refused");
  assert.equal(call("state"), "open");
});

test("a bad close code or reason is refused before the platform sees it", async (t) => {
  const server = await EchoServer.start(t);
  const { module, call, told } = await start(t);
  call("open", server.url(), "");
  await told("open");
  const before = module.stackSave();
  for (const code of [0, 999, 1001, 1005, 1006, 2999, 5000, 65535]) {
    assert.equal(call("close", code, ""), codes.closeCode, String(code));
  }
  assert.equal(call("close", 1000, "x".repeat(124)), codes.closeReason);
  assert.equal(call("close", 1000, "é".repeat(62)), codes.closeReason);
  assert.equal(module.stackSave(), before);
  assert.equal(call("state"), "open");
  assert.equal(call("close", 4999, "é".repeat(61)), codes.none);
  await told(`close 4999 ${"é".repeat(61)}`);
});

test("events without fields and members that cannot be read are no harm", async (t) => {
  const server = await EchoServer.start(t);
  const made = [];
  class Odd extends WebSocket {
    isOdd = false;
    constructor(...args) {
      super(...args);
      made.push(this);
    }
    get readyState() {
      if (this.isOdd) throw new Error("not to be looked at");
      return super.readyState;
    }
    get bufferedAmount() {
      return this.isOdd ? 1n : super.bufferedAmount;
    }
  }
  const { module, call, told } = await start(t, Odd);
  const before = module.stackSave();
  call("open", server.url(), "");
  await told("open");
  made[0].isOdd = true;
  for (let i = 0; i < 100; ++i) assert.equal(call("send", "x"), statuses.rejected);
  made[0].onmessage();
  made[0].onerror();
  made[0].onclose();
  await told("close 1006 the connection failed");
  assert.equal(module.stackSave(), before);
});

test("U+0000 inside a text survives, both ways", async (t) => {
  const server = await EchoServer.start(t);
  const { call, told } = await start(t);
  call("open", server.url(), "");
  await told("open");
  call("send_with_nul");
  await told("text 4 a<0>b<0>");
  await server.until(() => server.received.length >= 1);
  assert.deepEqual(server.received, ["a\u0000b\u0000"]);
});

test("text and binary messages are copied whole, whatever their encoding", async (t) => {
  const server = await EchoServer.start(t);
  const { call, told } = await start(t);
  call("open", server.url(), "");
  await told("open");
  // Three bytes a character: what fits at first is less than what comes.
  call("send_repeated", "日", 100_000);
  await told(`text 300000 ${"日".repeat(33)}\ufffd`);
  call("send", "😀é");
  await told("text 6 😀é");
  call("send", "");
  await told("text 0 ");
  call("send_binary");
  await told("binary 3 <0>x<0>");
  call("send", '{"type":"routed"}');
  await told("routed");
});

test("text survives both ways where there is neither TextDecoder nor TextEncoder", async (t) => {
  const { TextDecoder, TextEncoder } = globalThis;
  t.after(() => Object.assign(globalThis, { TextDecoder, TextEncoder }));
  const server = await EchoServer.start(t);
  Object.assign(globalThis, { TextDecoder: undefined, TextEncoder: undefined });
  const { call, told } = await start(t);
  call("open", server.url(), "");
  await told("open");
  // Pairs, which do not end where the room for them does.
  call("send_repeated", "x😀日é", 50_000);
  await told(`text 500000 ${"x😀日é".repeat(10)}`);
  call("send", "😀é");
  await told("text 6 😀é");
  call("close", 4000, "grüße");
  await told("close 4000 grüße");
});

test("a message that memory cannot hold is an error, and nothing is overwritten", async (t) => {
  const server = await EchoServer.start(t);
  const { call, told, lines } = await start(t);
  assert.equal(call("canary_lives"), 1);
  call("open", server.url("/big?mb=20"), "");
  await told("error out_of_memory");
  assert.equal(call("canary_lives"), 1);
  assert.equal(call("state"), "open");
  // There is room for a smaller one.
  call("open", server.url("/big?mb=4"), "");
  await told(`binary ${4 << 20} ${"a".repeat(100)}`);
  call("open", server.url("/say?text=after"), "");
  await told("text 5 after");
  assert.equal(call("canary_lives"), 1);
  assert.equal(lines.filter((line) => line.startsWith("error")).length, 1);
});

test("handles are given back, also where the compiler's library forgets to", async (t) => {
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
  /** Keeps calling the handlers that were taken away from it. */
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
  const { call, told, lines, until } = await start(t, Stubborn);
  call("open", server.url(), "");
  await told("open");
  made[0].terminate();
  await until(() => lines.filter((line) => line === "open").length === 2);
  const before = [...lines];
  const { onopen, onmessage, onerror, onclose } = made[0].handlers;
  onopen({});
  onmessage({ data: "late" });
  onmessage({ data: new ArrayBuffer(8) });
  onerror({});
  onclose({ code: 4000, reason: "late", wasClean: true });
  // And after the end of the program's socket.
  call("destroy");
  made[1].handlers.onmessage({ data: "later" });
  made[1].handlers.onclose({ code: 1000, reason: "", wasClean: true });
  assert.deepEqual(lines, before);
});

test("a socket that is destroyed while it connects leaves nothing behind", async (t) => {
  const server = await EchoServer.start(t);
  const { call, told, lines } = await start(t);
  for (let i = 0; i < 10; ++i) {
    call("open", server.url("/hang"), "");
    call("destroy");
  }
  call("open", server.url(), "");
  await told("open");
  assert.deepEqual(lines, ["open"]);
});
