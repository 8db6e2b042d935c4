// A socket that is created and closed or suspended in one task opens no connection, and Chromium's
// console stays empty: a page that reports an error fails its test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { serveSite } from "../support/site.mjs";

/** Sequences of calls, in the task that creates a socket, after which it must not connect. */
const undone = {
  close: (make) => make().close(),
  suspend: (make) => make().suspend(),
  "suspend twice": (make) => {
    const socket = make();
    socket.suspend();
    socket.resume();
    socket.suspend();
  },
  "resume and suspend": (make) => {
    const socket = make({ startSuspended: true });
    socket.resume();
    socket.suspend();
  },
  "connect and close": (make) => {
    const socket = make({ startSuspended: true });
    socket.connect();
    socket.close();
  },
  "send, resume and suspend": (make) => {
    const socket = make({ startSuspended: true });
    socket.send("never sent");
    socket.resume();
    socket.suspend();
  },
  "reconnect and close": (make) => {
    const socket = make({ startClosed: true });
    socket.reconnect();
    socket.close();
  },
  "a function for the URL": (make, url) => make({}, () => url).close(),
};

async function setUp(t) {
  const server = await LocalServer.start(t);
  const page = await chromium.open(t, await serveSite(t));
  return { server, page };
}

for (const [name, undo] of Object.entries(undone)) {
  test(`opens nothing: ${name}, with the first socket of a page and with the second`, async (t) => {
    const { server, page } = await setUp(t);
    await page.evaluate(
      `async ([url, other]) => {
        const { SteadySocket } = await import("/steadysocket.js");
        const make = (options = {}, given = url) => new SteadySocket(given, [], options);
        for (let turn = 0; turn < 2; ++turn) {
          (${undo})(make, url);
          await new Promise((resolve) => setTimeout(resolve));
        }
        const last = new SteadySocket(other);
        await last.opened;
      }`,
      [server.url("/undone"), server.url("/other")],
    );
    assert.deepEqual(
      server.handshakes.map(({ path }) => path),
      ["/other"],
    );
  });
}

test("mounted, unmounted and mounted again in one task, a socket connects once", async (t) => {
  const { server, page } = await setUp(t);
  const states = await page.evaluate(async (url) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const socket = new SteadySocket(url, [], { startSuspended: true });
    const states = [];
    socket.addEventListener("statechange", ({ state }) => states.push(state));
    socket.send("from a child's effect");
    socket.resume();
    socket.suspend();
    socket.resume();
    await socket.opened;
    await socket.drained();
    return states;
  }, server.url());
  await server.until(() => server.received.length === 1);
  assert.deepEqual(server.received, ["from a child's effect"]);
  assert.equal(server.handshakes.length, 1);
  assert.deepEqual(states, ["connecting", "suspended", "connecting", "open"]);
});

test("a socket closed in the task that created it reports the same events as WebSocket", async (t) => {
  const { server, page } = await setUp(t);
  page.expected.push(/closed before the connection is established/);
  const [native, ours] = await page.evaluate(async (url) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const logs = [];
    for (const Class of [WebSocket, SteadySocket]) {
      const socket = new Class(url);
      const log = [socket.readyState];
      socket.close();
      log.push(socket.readyState);
      await new Promise((resolve) => {
        for (const type of ["open", "error", "close"]) {
          socket.addEventListener(type, ({ code, reason, wasClean }) => {
            log.push([type, ...(type === "close" ? [code, reason, wasClean] : [])].join(" "));
            if (type === "close") resolve();
          });
        }
      });
      log.push(socket.readyState);
      logs.push(log);
    }
    return logs;
  }, server.url());
  assert.deepEqual(ours, native);
});

test("the constructor checks the URL at once, as WebSocket does", async (t) => {
  const { server, page } = await setUp(t);
  page.expected.push(/WebSocket connection to/);
  const results = await page.evaluate(async (port) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const outcome = (Class, url) => {
      try {
        new Class(url).close();
        return "made";
      } catch (error) {
        return error.name;
      }
    };
    const urls = [
      "ws://[",
      "ftp://host",
      "#",
      ...[1, 22, 6000, 6697, 10080].map((bad) => `ws://localhost:${bad}/`),
    ];
    urls.push(`ws://localhost:${port}/`);
    return urls.map((url) => [url, outcome(WebSocket, url), outcome(SteadySocket, url)]);
  }, server.port);
  for (const [url, native, ours] of results) assert.equal(ours, native, url);
});
