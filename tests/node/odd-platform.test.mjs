// WebSocket classes and environments that do not follow the standards: their exceptions become
// errors, and later sockets work.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { entryUrl, packageUrl, SteadySocket } from "../support/package.mjs";
import { Program } from "../support/program.mjs";
import { next, openSocket, quick, record } from "../support/sockets.mjs";
import { openStub, StubWebSocket } from "./stub.mjs";

const throwing = (name) => ({
  get [name]() {
    throw new Error("not readable");
  },
});
const thrown = {
  "a symbol": Symbol("odd"),
  "an object without a prototype": Object.create(null),
  "an Error whose message is a symbol": Object.assign(new Error(), { message: Symbol("odd") }),
  "an object whose name cannot be read": throwing("name"),
  "an object whose message cannot be read": throwing("message"),
  "an object without a string": { toString: () => Object.create(null) },
};
for (const [name, value] of Object.entries(thrown)) {
  test(`a class that throws ${name} is an error, and does not affect other sockets`, async (t) => {
    class Odd {
      constructor() {
        throw value;
      }
    }
    // Often enough to overflow the module's stack if it leaked.
    for (let i = 0; i < 1000; ++i) {
      assert.throws(() => new SteadySocket("ws://host.test/", [], { WebSocket: Odd }), {
        name: "NotSupportedError",
      });
    }
    const server = await EchoServer.start(t);
    await openSocket(t, server.url()).opened;
  });
}

test("a class that throws unusual values later is an error on every attempt", async (t) => {
  class Odd extends StubWebSocket {
    constructor() {
      super();
      if (++Odd.made > 1) throw Symbol("odd");
    }
    static made = 0;
  }
  const { socket, stub } = await openStub(t, { WebSocket: Odd, reconnect: quick });
  const lines = record(socket);
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  await next(socket, "error");
  assert.ok(lines.includes("error not_supported"), lines.join());
});

/** A stub class with a member whose getter is `get`, after turnOdd(). */
const stubWith = (name, get) => {
  class Odd extends StubWebSocket {
    constructor() {
      super();
      let isOdd = false;
      let value = this[name];
      Object.defineProperty(this, name, {
        get: () => (isOdd ? get() : value),
        set: (given) => {
          value = given;
        },
      });
      this.turnOdd = () => {
        isOdd = true;
      };
    }
  }
  return Odd;
};
const throws = () => {
  throw new Error("not readable");
};
const answers = { nothing: () => undefined, "a BigInt": () => 1n, "a symbol": () => Symbol("odd") };
for (const name of ["readyState", "bufferedAmount", "protocol"]) {
  for (const [what, get] of Object.entries({ ...answers, "an error": throws })) {
    test(`a class whose ${name} gives ${what} does not affect other sockets`, async (t) => {
      const WebSocket = stubWith(name, get);
      const socket = new SteadySocket("ws://stub.test/", [], { WebSocket });
      const stub = StubWebSocket.last;
      stub.turnOdd();
      stub.accept();
      await next(socket, "open");
      for (let i = 0; i < 1000; ++i) {
        socket.send("x".repeat(2000));
        assert.equal(typeof socket.bufferedAmount, "number");
      }
      const drained = socket.drained().catch(() => {});
      stub.onerror({});
      socket.suspend();
      socket.close();
      await next(socket, "close");
      await drained;
      const after = await openStub(t);
      after.socket.send("works");
      assert.deepEqual(after.stub.sent, ["works"]);
    });
  }
}

test("the constructor throws if the class's handlers cannot be set, and closes the connection", async () => {
  let closed = 0;
  class Unheard {
    binaryType = "blob";
    set onopen(_) {
      throw new Error("no");
    }
    close() {
      ++closed;
    }
  }
  assert.throws(() => new SteadySocket("ws://host.test/", [], { WebSocket: Unheard }), {
    name: "NotSupportedError",
  });
  assert.equal(closed, 1);
});

test("events without fields are an ignored message, an error and a close with 1006", async (t) => {
  const { socket, stub } = await openStub(t, { reconnect: false });
  const lines = record(socket);
  stub.onmessage({});
  stub.onmessage(undefined);
  stub.deliver("seen");
  stub.onerror(undefined);
  stub.readyState = 3;
  stub.onclose(undefined);
  await next(socket, "close");
  assert.deepEqual(lines, [
    "message seen",
    "error connection_failed",
    "statechange closed",
    "close 1006",
  ]);
});

const inJsdom = ["setImmediate", "MessageChannel", "TextDecoder", "TextEncoder"];
for (const without of [inJsdom.slice(0, 1), inJsdom.slice(0, 2), inJsdom]) {
  test(`without ${without.join(", ")} sockets work and the process exits`, async (t) => {
    const server = await LocalServer.start(t, {
      greet(connection) {
        connection.on("message", (data) => connection.send(`${data}`));
        connection.on("close", (code, reason) => {
          connection.reason = `${code} ${reason}`;
        });
      },
    });
    const source = `
      import WebSocket from ${JSON.stringify(import.meta.resolve("ws"))};
      import { SteadySocket } from ${JSON.stringify(packageUrl)};
      for (const name of ${JSON.stringify(without)}) delete globalThis[name];
      const socket = new SteadySocket(${JSON.stringify(server.url())}, "chat", { WebSocket });
      socket.send("h\u00e9 \u{1f600}", { key: "\u00e9" });
      socket.onmessage = ({ data }) => {
        console.log(JSON.stringify(["received", data]));
        socket.close(4000, "gr\u00fc\u00dfe \ud800");
      };
      socket.onclose = ({ reason }) => console.log(JSON.stringify(["reason", reason]));
    `;
    const program = new Program(t, process.execPath, ["--input-type=module", "--eval", source]);
    assert.equal(await program.reported("received"), "h\u00e9 \u{1f600}");
    assert.equal(await program.reported("reason"), "gr\u00fc\u00dfe \ufffd");
    assert.equal(await program.ended(), 0);
    await server.until(() => server.connections[0].reason);
    assert.equal(server.connections[0].reason, "4000 gr\u00fc\u00dfe \ufffd");
  });
}

let copies = 0;
/** The exception of the constructor with this in place of WebAssembly. */
async function thrownWith(t, replacement) {
  const { WebAssembly } = globalThis;
  t.after(() => Object.assign(globalThis, { WebAssembly }));
  const copy = await import(`${entryUrl(".")}?odd${++copies}`);
  globalThis.WebAssembly = replacement;
  try {
    new copy.SteadySocket("ws://stub.test/", [], { WebSocket: StubWebSocket });
  } catch (error) {
    return error;
  }
  return undefined;
}

test("if WebAssembly cannot be compiled, the constructor throws an error with the reason", async (t) => {
  const { CompileError } = WebAssembly;
  const forbidden = (text) => ({
    Module: class {
      constructor() {
        throw new CompileError(text);
      }
    },
  });
  const policy = "violates the Content Security policy directive: 'unsafe-eval' is not allowed";
  const byPolicy = await thrownWith(t, forbidden(policy));
  assert.match(byPolicy.message, /could not be compiled: violates .*'wasm-unsafe-eval'$/);
  assert.match(byPolicy.message, /import "steadysocket\/js"/);
  assert.equal(byPolicy.cause.message, policy);
  const otherwise = await thrownWith(t, forbidden("disallowed by embedder"));
  assert.equal(
    otherwise.message,
    "SteadySocket: WebAssembly could not be compiled: disallowed by embedder; " +
      'import "steadysocket/js", which needs no WebAssembly, ' +
      'or bundle with the export condition "workerd"',
  );
  const withoutAny = await thrownWith(t, undefined);
  assert.match(withoutAny.message, /could not be compiled: .*(WebAssembly|undefined)/);
  assert.match(withoutAny.message, /import "steadysocket\/js", which needs no WebAssembly$/);
  assert.doesNotMatch(withoutAny.message, /Policy|embedder/);
});
