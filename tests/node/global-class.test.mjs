// SteadySocket in the place of the global WebSocket: which class its connections are made with.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { entryUrl, packageUrl } from "../support/package.mjs";
import { next, quick } from "../support/sockets.mjs";

let copies = 0;

/** A new copy of the package, imported while the global is `before`. */
async function importCopy(t, before = WebSocket, url = packageUrl) {
  globalThis.WebSocket = before;
  t.after(() => delete globalThis.WebSocket);
  const copy = await import(`${url}?global${++copies}`);
  await copy.load?.();
  return copy.SteadySocket;
}

const echo = (connection) => connection.on("message", (data) => connection.send(`${data}`));

/** Asserts that it echoes and reconnects, and that the server sees one connection at a time. */
async function live(t, socket, server) {
  t.after(() => socket.close());
  const before = server.connections.length;
  const received = next(socket, "message");
  socket.send("hello");
  assert.equal((await received).data, "hello");
  assert.equal(server.connections.length, before + (before > 0 ? 0 : 1));
  const again = next(socket, "open");
  server.connections.at(-1).terminate();
  await again;
  assert.equal(server.handshakes.length, server.connections.length);
}

const start = (t) => LocalServer.start(t, { greet: echo });
const options = { reconnect: quick };

/** Replacements of the global WebSocket. */
const replacements = {
  "the class itself": (SteadySocket) => SteadySocket,
  "a subclass": (SteadySocket) =>
    class extends SteadySocket {
      constructor(url, protocols) {
        super(url, protocols, options);
        // A method that WebSocket does not have.
        this.on("type", () => {});
      }
    },
  "a function around it": (SteadySocket) =>
    function Wrapper(url, protocols) {
      return new SteadySocket(url, protocols, options);
    },
  "a class around it with a function for the URL": (SteadySocket) =>
    class Wrapper {
      constructor(url, protocols) {
        // biome-ignore lint/correctness/noConstructorReturn: such wrappers exist
        return new SteadySocket(() => url, protocols, options);
      }
    },
  "a Proxy around it": (SteadySocket) => new Proxy(SteadySocket, {}),
  "a Proxy that hides it": (SteadySocket) =>
    new Proxy(function hidden() {}, {
      construct: (_, given) => new SteadySocket(...given),
      get: () => undefined,
      has: () => false,
    }),
};

for (const [name, replace] of Object.entries(replacements)) {
  for (const isFirst of [true, false]) {
    const when = isFirst ? "at once" : "later";
    test(`global ${when}: ${name} connects with the platform's class`, async (t) => {
      const server = await start(t);
      const SteadySocket = await importCopy(t);
      if (!isFirst) {
        const socket = new SteadySocket(server.url());
        await socket.opened;
        socket.close();
        await next(socket, "close");
        server.connections.length = server.handshakes.length = 0;
      }
      globalThis.WebSocket = replace(SteadySocket);
      const socket = new globalThis.WebSocket(server.url(), [], options);
      await live(t, socket, server);
      globalThis.WebSocket = WebSocket;
      const again = next(socket, "open");
      server.connections.at(-1).terminate();
      await again;
      const other = new SteadySocket(server.url());
      t.after(() => other.close());
      await other.opened;
      assert.equal(server.connections.length, 4);
    });
  }

  test(`${name} of one copy as the global does not affect another`, async (t) => {
    const server = await start(t);
    const One = await importCopy(t);
    const Other = await importCopy(t, WebSocket, entryUrl("./external"));
    globalThis.WebSocket = replace(One);
    await live(t, new Other(server.url(), [], options), server);
    // Imported after the replacement; then the other way round.
    const Third = await importCopy(t, globalThis.WebSocket);
    server.connections.length = server.handshakes.length = 0;
    await live(t, new Third(server.url(), [], options), server);
    globalThis.WebSocket = replace(Third);
    server.connections.length = server.handshakes.length = 0;
    await live(t, new One(server.url(), [], options), server);
  });

  test(`${name} as options.WebSocket means the platform's class`, async (t) => {
    const server = await start(t);
    const SteadySocket = await importCopy(t);
    const socket = new SteadySocket(server.url(), [], {
      ...options,
      WebSocket: replace(SteadySocket),
    });
    await live(t, socket, server);
  });
}

test("the global WebSocket is read for every attempt", async (t) => {
  const server = await start(t);
  const SteadySocket = await importCopy(t, null);
  const used = [];
  const mock = (name) =>
    class extends WebSocket {
      constructor(...args) {
        super(...args);
        used.push(name);
      }
    };
  globalThis.WebSocket = mock("first");
  const socket = new SteadySocket(server.url(), [], options);
  t.after(() => socket.close());
  await socket.opened;
  const reopen = async () => {
    const again = next(socket, "open");
    server.connections.at(-1).terminate();
    await again;
  };
  globalThis.WebSocket = mock("second");
  await reopen();
  // The last usable class is kept.
  globalThis.WebSocket = SteadySocket;
  await reopen();
  delete globalThis.WebSocket;
  await reopen();
  assert.deepEqual(used, ["first", "second", "second", "second"]);
});

test("options.WebSocket of one socket is not used for others", async (t) => {
  const server = await start(t);
  const SteadySocket = await importCopy(t, null);
  const socket = new SteadySocket(server.url(), [], { WebSocket });
  t.after(() => socket.close());
  await socket.opened;
  globalThis.WebSocket = SteadySocket;
  assert.throws(() => new SteadySocket(server.url()), {
    name: "NotSupportedError",
    message: /no underlying WebSocket/,
  });
});

test("classes that construct each other in a cycle are an error", async (t) => {
  const SteadySocket = await importCopy(t, function Delegating(...given) {
    return new globalThis.Other(...given);
  });
  globalThis.Other = SteadySocket;
  t.after(() => delete globalThis.Other);
  assert.throws(() => new SteadySocket("ws://host.test/"), { name: "NotSupportedError" });
});
