// Code written for reconnecting-websocket or partysocket, run with their class and with
// SteadySocket in its place: only the import differs. The results must be equal, or the difference
// is in the test's title.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import PartySocket from "partysocket";
import PartyWebSocket from "partysocket/ws";
import ReconnectingWebSocket from "reconnecting-websocket";
import WebSocket from "ws";
import { LocalServer } from "../../support/local-server.mjs";
import { SteadySocket } from "../../support/package.mjs";
import { eventually, once, within } from "../../support/until.mjs";

const version = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8"))
    .version;

const party = { label: `Client partysocket ${version("partysocket")}`, Theirs: PartyWebSocket };
const peers = [
  {
    label: `Client reconnecting-websocket ${version("reconnecting-websocket")}`,
    Theirs: ReconnectingWebSocket,
  },
  party,
];

/**
 * reconnecting-websocket aborts an attempt without a listener for the error that `ws` then emits.
 */
class QuietWebSocket extends WebSocket {
  constructor(...given) {
    super(...given);
    this.on("error", () => {});
  }
}

/** Every option that the two have in common, with values for tests. */
const options = {
  WebSocket: QuietWebSocket,
  maxReconnectionDelay: 20,
  minReconnectionDelay: 5,
  reconnectionDelayGrowFactor: 1.3,
  minUptime: 5_000,
  connectionTimeout: 4_000,
  maxRetries: 50,
  maxEnqueuedMessages: 100,
  startClosed: false,
  debug: false,
};

const echo = (connection) =>
  connection.on("message", (data, isBinary) => connection.send(data, { binary: isBinary }));

/** Starts a server, and returns a function that opens sockets of the class until the test ends. */
async function begin(t, Class, members = {}) {
  const server = await LocalServer.start(t, { greet: echo, ...members });
  const open = (more = {}, protocols = undefined, url = server.url("/")) => {
    const socket = new Class(url, protocols, { ...options, ...more });
    t.after(() => socket.close());
    return socket;
  };
  return { server, open };
}

const next = (socket, type) =>
  within(
    new Promise((resolve) => {
      const listener = (event) => {
        socket.removeEventListener(type, listener);
        resolve(event);
      };
      socket.addEventListener(type, listener);
    }),
    `the event "${type}"`,
  );

/** Makes a round trip, so that the server has received everything that was sent before. */
async function roundTrip(server) {
  const socket = new WebSocket(server.url("/round-trip"));
  await once(socket, "open");
  socket.close();
  await once(socket, "close");
}

/** The results of a script with their class and with ours. */
async function bothResults(t, Theirs, script, members) {
  const results = [];
  for (const Class of [Theirs, SteadySocket]) {
    results.push(await script(await begin(t, Class, members?.()), Class === SteadySocket));
  }
  return { theirs: results[0], ours: results[1] };
}

async function sameResults(t, Theirs, script, members) {
  const { theirs, ours } = await bothResults(t, Theirs, script, members);
  assert.deepEqual(ours, theirs, "SteadySocket, against their class");
  return theirs;
}

for (const { label, Theirs } of peers) {
  test(`${label}: messages sent before, on and without a connection arrive in order`, async (t) => {
    const results = await sameResults(t, Theirs, async ({ server, open }) => {
      const socket = open();
      const got = [];
      socket.onmessage = ({ data }) => got.push(data);
      socket.send("one");
      socket.send("two");
      await next(socket, "open");
      socket.send("three");
      await server.until(() => server.received.length === 3);
      await next(socket, "message");
      const lost = next(socket, "close");
      server.connections[0].terminate();
      const { code } = await lost;
      socket.send("four");
      await next(socket, "open");
      socket.send("five");
      while (got.at(-1) !== "five") await next(socket, "message");
      return [server.received, code, server.connections.length, socket.readyState];
    });
    assert.deepEqual(results, [["one", "two", "three", "four", "five"], 1006, 2, 1]);
  });

  test(`${label}: handlers, listeners, handleEvent: called alike and removable`, async (t) => {
    const results = await sameResults(t, Theirs, async ({ open }) => {
      const socket = open();
      const calls = [];
      const listener = ({ type }) => calls.push(type);
      const removed = () => calls.push("removed");
      const object = { handleEvent: ({ data }) => calls.push(`object ${data}`) };
      socket.onopen = () => calls.push("onopen");
      socket.onclose = ({ code, reason }) => calls.push(`onclose ${code} ${reason}`);
      socket.addEventListener("open", listener);
      socket.addEventListener("message", object);
      socket.addEventListener("message", removed);
      socket.removeEventListener("message", removed);
      await next(socket, "open");
      socket.send("x");
      await next(socket, "message");
      const closed = next(socket, "close");
      socket.close(4000, "bye");
      await closed;
      return calls;
    });
    assert.deepEqual(results, ["onopen", "open", "object x", "onclose 4000 bye"]);
  });

  test(`${label}: a function for the URL is called before every attempt`, async (t) => {
    for (const wait of [(value) => value, async (value) => value]) {
      const paths = await sameResults(t, Theirs, async ({ server, open }) => {
        let count = 0;
        const socket = open({}, [], () => wait(server.url(`/?attempt=${++count}`)));
        await next(socket, "open");
        server.connections[0].terminate();
        await next(socket, "open");
        return [
          server.handshakes.map(({ path }) => path),
          socket.url === server.url("/?attempt=2"),
        ];
      });
      assert.deepEqual(paths, [["/?attempt=1", "/?attempt=2"], true]);
    }
  });

  test(`${label}: maxRetries limits the retries; retryCount keeps their number`, async (t) => {
    for (const maxRetries of [0, 2]) {
      const results = await sameResults(
        t,
        Theirs,
        async ({ server, open }) => {
          const socket = open({ maxRetries, maxReconnectionDelay: 1 });
          const counts = [];
          let closes = 0;
          const ended = new Promise((resolve) => {
            socket.addEventListener("error", () => {});
            socket.addEventListener("close", () => {
              counts.push(socket.retryCount);
              if (++closes === maxRetries + 1) resolve();
            });
          });
          await within(ended, "the last close");
          server.answer = () => undefined;
          await roundTrip(server);
          const attempts = server.handshakes.filter(({ path }) => path === "/");
          return [attempts.length, socket.readyState, socket.retryCount, counts];
        },
        () => ({ answer: () => 503 }),
      );
      assert.deepEqual(results.slice(0, 3), [maxRetries + 1, 3, maxRetries]);
    }
  });

  test(`${label}: an attempt that exceeds connectionTimeout is aborted`, async (t) => {
    let attempts = 0;
    const got = await sameResults(
      t,
      Theirs,
      async ({ server, open }) => {
        attempts = 0;
        const socket = open({ connectionTimeout: 100 });
        const events = [];
        for (const type of ["error", "close"])
          socket.addEventListener(type, () => events.push(type));
        await next(socket, "open");
        return [server.handshakes.length, events.sort()];
      },
      () => ({ answer: () => (++attempts === 1 ? "hang" : undefined) }),
    );
    assert.deepEqual(got, [2, ["close", "error"]]);
  });

  test(`${label}: at most maxEnqueuedMessages are queued, and the first are sent`, async (t) => {
    const received = await sameResults(t, Theirs, async ({ server, open }) => {
      const socket = open({ maxEnqueuedMessages: 2 });
      for (const text of ["one", "two", "three"]) socket.send(text);
      await next(socket, "open");
      socket.send("last");
      await server.until(() => server.received.includes("last"));
      return server.received;
    });
    assert.deepEqual(received, ["one", "two", "last"]);
  });

  test(`${label}: startClosed waits for reconnect`, async (t) => {
    const results = await sameResults(t, Theirs, async ({ server, open }) => {
      const socket = open({ startClosed: true });
      const state = socket.readyState;
      await roundTrip(server);
      const attempts = server.handshakes.filter(({ path }) => path === "/").length;
      socket.reconnect();
      await next(socket, "open");
      return [state, attempts, socket.readyState];
    });
    assert.deepEqual(results, [3, 0, 1]);
  });

  test(`${label}: reconnect() replaces a connection, and reopens a closed socket`, async (t) => {
    const results = await sameResults(t, Theirs, async ({ server, open }) => {
      const socket = open();
      await next(socket, "open");
      const again = next(socket, "open");
      socket.reconnect();
      await again;
      await server.until(() => server.connections[0].readyState === 3);
      const closed = next(socket, "close");
      socket.close();
      await closed;
      const state = socket.readyState;
      const reopened = next(socket, "open");
      socket.reconnect();
      await reopened;
      return [server.connections.length, state, socket.readyState, socket.retryCount];
    });
    assert.deepEqual(results, [3, 3, 1, 0]);
  });

  test(`${label}: reconnect(code, reason) sends them to the server`, async (t) => {
    const received = await sameResults(t, Theirs, async ({ server, open }) => {
      const socket = open();
      await next(socket, "open");
      const ended = once(server.connections[0], "close");
      const again = next(socket, "open");
      socket.reconnect(4001, "new token");
      await again;
      const [code, reason] = await ended;
      return [code, reason.toString()];
    });
    assert.deepEqual(received, [4001, "new token"]);
  });

  test(`${label}: retryCount counts consecutive retries, and is reset after minUptime`, async (t) => {
    let refusals = 0;
    const counts = await sameResults(
      t,
      Theirs,
      async ({ open }) => {
        refusals = 0;
        const socket = open({ minUptime: 20 });
        const counts = [socket.retryCount];
        await next(socket, "open");
        counts.push(socket.retryCount);
        // No event reports the reset.
        await eventually(() => socket.retryCount === 0);
        return [...counts, socket.retryCount];
      },
      () => ({ answer: () => (++refusals <= 2 ? 503 : undefined) }),
    );
    assert.deepEqual(counts, [0, 2, 0]);
  });

  test(`${label}: binaryType, protocol and the constants are there`, async (t) => {
    const results = await sameResults(t, Theirs, async ({ open }) => {
      const socket = open({}, ["chat", "other"]);
      socket.binaryType = "arraybuffer";
      await next(socket, "open");
      socket.send(new Uint8Array([1, 2]));
      const { data } = await next(socket, "message");
      const { CONNECTING, OPEN, CLOSING, CLOSED } = socket;
      const made = socket.constructor;
      return [
        data instanceof ArrayBuffer,
        [...new Uint8Array(data)],
        socket.protocol,
        [CONNECTING, OPEN, CLOSING, CLOSED],
        [made.CONNECTING, made.OPEN, made.CLOSING, made.CLOSED],
      ];
    });
    assert.deepEqual(results, [true, [1, 2], "chat", [0, 1, 2, 3], [0, 1, 2, 3]]);
  });

  test(`${label}, difference: while waiting, readyState is CONNECTING, not CLOSED`, async (t) => {
    const { theirs, ours } = await bothResults(
      t,
      Theirs,
      async ({ open }) => {
        const socket = open({ minReconnectionDelay: 500, maxReconnectionDelay: 500 });
        await next(socket, "close");
        const { readyState } = socket;
        return readyState;
      },
      () => ({ greet: (connection) => connection.close(1001) }),
    );
    assert.deepEqual([theirs, ours], [3, 0]);
  });

  test(`${label}, difference: close() sends no code; theirs sends 1000`, async (t) => {
    const { theirs, ours } = await bothResults(t, Theirs, async ({ server, open }) => {
      const socket = open();
      await next(socket, "open");
      const ended = once(server.connections[0], "close");
      socket.close();
      const [code] = await ended;
      return code;
    });
    assert.deepEqual([theirs, ours], [1000, 1005]);
  });

  test(`${label}, difference: if refused, error then close 1006; theirs 1000, then error`, async (t) => {
    const { theirs, ours } = await bothResults(
      t,
      Theirs,
      async ({ open }) => {
        const socket = open({ maxRetries: 0 });
        const events = [];
        socket.addEventListener("error", () => events.push("error"));
        socket.addEventListener("close", ({ code }) => events.push(code));
        await Promise.all([next(socket, "error"), next(socket, "close")]);
        return events.slice(0, 2);
      },
      () => ({ answer: () => 503 }),
    );
    assert.deepEqual(theirs, [1000, "error"]);
    assert.deepEqual(ours, ["error", 1006]);
  });

  test(`${label}, difference: messages sent after close() are rejected, not queued`, async (t) => {
    t.mock.method(console, "warn", () => {});
    const { theirs, ours } = await bothResults(t, Theirs, async ({ server, open }, isOurs) => {
      const socket = open();
      await next(socket, "open");
      const closed = next(socket, "close");
      socket.close();
      await closed;
      const drops = [];
      socket.addEventListener("drop", ({ data, reason }) => drops.push([data, reason]));
      socket.send("late");
      if (isOurs) await next(socket, "drop");
      const reopened = next(socket, "open");
      socket.reconnect();
      await reopened;
      socket.send("last");
      await server.until(() => server.received.includes("last"));
      return [server.received, drops];
    });
    assert.deepEqual(theirs, [["late", "last"], []]);
    assert.deepEqual(ours, [["last"], [["late", "closed"]]]);
  });

  test(`${label}, difference: readyState is CONNECTING right after reconnect()`, async (t) => {
    const { theirs, ours } = await bothResults(t, Theirs, async ({ open }) => {
      const socket = open();
      await next(socket, "open");
      const again = next(socket, "open");
      socket.reconnect();
      const states = [socket.readyState];
      await again;
      const closed = next(socket, "close");
      socket.close();
      await closed;
      socket.reconnect();
      states.push(socket.readyState);
      await next(socket, "open");
      return [...states, socket.readyState];
    });
    // The state of the old connection, until the next one is opened.
    assert.deepEqual(
      theirs.map((state) => state >= 2),
      [true, true, false],
    );
    assert.deepEqual(ours, [0, 0, 1]);
  });

  test(`${label}, difference: in the last error event bufferedAmount is 0`, async (t) => {
    const { theirs, ours } = await bothResults(
      t,
      Theirs,
      async ({ open }, isOurs) => {
        const socket = open({ maxRetries: 1 });
        const amounts = [];
        socket.addEventListener("error", ({ code }) => amounts.push([code, socket.bufferedAmount]));
        socket.send("äöü");
        if (isOurs) {
          const { data, reason } = await next(socket, "drop");
          return [amounts, socket.bufferedAmount, data, reason];
        }
        while (amounts.length < 2) await next(socket, "error");
        return [amounts, socket.bufferedAmount];
      },
      () => ({ answer: () => 503 }),
    );
    const [amounts, after] = theirs;
    assert.deepEqual(
      amounts.map(([, amount]) => amount),
      [3, 3],
    );
    assert.equal(after, 3);
    assert.deepEqual(ours, [
      [
        ["connection_failed", 6],
        ["connection_failed", 0],
        ["gave_up", 0],
      ],
      0,
      "äöü",
      "closed",
    ]);
  });

  test(`${label}: url is serialised, as in WebSocket`, async (t) => {
    for (const path of ["", "/", "/a/../b c?x=ä"]) {
      for (const scheme of ["ws", "WS", "http"]) {
        const same = await sameResults(t, Theirs, async ({ server, open }) => {
          const origin = `${scheme}://127.0.0.1:${server.port}`;
          const socket = open({}, [], `${origin}${path}`);
          await next(socket, "open");
          return socket.url === new URL(server.url(path)).href;
        });
        assert.equal(same, true, `${scheme} ${path}`);
      }
    }
  });

  test(`${label}, difference: url is set at once, before any attempt`, async (t) => {
    const { theirs, ours } = await bothResults(t, Theirs, async ({ server, open }) => {
      const { url } = open({}, [], `ws://127.0.0.1:${server.port}`);
      return url === server.url("/") || url;
    });
    assert.deepEqual([theirs, ours], ["", true]);
  });

  test(`${label}, difference: a fatal close code ends the socket, except with closeRules`, async (t) => {
    const members = () => ({
      greet(connection) {
        if (this.connections.length === 1) connection.close(4000);
      },
    });
    const connections = ({ server }) => server.connections.length;
    const { theirs, ours } = await bothResults(
      t,
      Theirs,
      async ({ server, open }, isOurs) => {
        const socket = open();
        const { willRetry } = await next(socket, "close");
        if (!isOurs) await next(socket, "open");
        return [connections({ server }), willRetry ?? "unknown"];
      },
      members,
    );
    assert.deepEqual(theirs, [2, "unknown"]);
    assert.deepEqual(ours, [1, false]);
    const same = await bothResults(
      t,
      Theirs,
      async ({ server, open }, isOurs) => {
        const socket = open(isOurs ? { reconnect: { closeRules: { "0-65535": "retry" } } } : {});
        await next(socket, "close");
        await next(socket, "open");
        return connections({ server });
      },
      members,
    );
    assert.deepEqual(same, { theirs: 2, ours: 2 });
  });
}

/** The result of creating a socket without a WebSocket: an exception, or the first error event. */
async function withoutWebSocket(t, Class, startClosed) {
  const { WebSocket: present } = globalThis;
  t.after(() => {
    if (present) globalThis.WebSocket = present;
  });
  delete globalThis.WebSocket;
  t.mock.method(console, "error", () => {});
  try {
    const socket = new Class("ws://127.0.0.1/", [], { startClosed });
    t.after(() => socket.close());
    return startClosed ? "made" : `event: ${(await next(socket, "error")).message}`;
  } catch (error) {
    return `thrown: ${error.name}`;
  }
}

for (const [{ label, Theirs }, ...theirs] of [
  [peers[0], "thrown: Error", "made"],
  [peers[1], "event: WebSocket is not defined", "made"],
]) {
  test(`${label}, difference: without a WebSocket the constructor throws, unless startClosed`, async (t) => {
    const ours = ["thrown: NotSupportedError", "made"];
    for (const [index, startClosed] of [false, true].entries()) {
      assert.equal(await withoutWebSocket(t, Theirs, startClosed), theirs[index]);
      assert.equal(await withoutWebSocket(t, SteadySocket, startClosed), ours[index]);
    }
  });
}

const { label } = party;

test(`${label}: shouldReconnectOnClose is called with the event; false ends the socket`, async (t) => {
  const results = await sameResults(
    t,
    PartyWebSocket,
    async ({ open }) => {
      const closes = [];
      const socket = open({
        shouldReconnectOnClose: ({ code, reason }) => {
          closes.push([code, reason]);
          return code === 4001;
        },
      });
      const before = socket.shouldReconnect;
      while (closes.length < 2) await next(socket, "close");
      return [closes, before, socket.shouldReconnect, socket.readyState];
    },
    () => ({
      greet(connection) {
        connection.close(this.connections.length === 1 ? 4001 : 4002, "why");
      },
    }),
  );
  assert.deepEqual(results, [
    [
      [4001, "why"],
      [4002, "why"],
    ],
    true,
    false,
    3,
  ]);
});

test(`${label}: a function for subprotocols is called before every attempt; null is none`, async (t) => {
  for (const wait of [(value) => value, async (value) => value]) {
    const offered = await sameResults(t, PartyWebSocket, async ({ server, open }) => {
      const provided = [["one"], "two", null];
      const socket = open({}, () => wait(provided[server.handshakes.length]));
      for (let i = 0; i < 3; ++i) {
        await next(socket, "open");
        if (i < 2) server.connections[i].terminate();
      }
      return server.handshakes.map(({ protocols }) => protocols);
    });
    assert.deepEqual(offered, [["one"], ["two"], []]);
  }
});

test(`${label}: debugLogger is called only if debug is set`, async (t) => {
  const results = await sameResults(t, PartyWebSocket, async ({ open }) => {
    const counts = [];
    for (const debug of [true, false]) {
      let lines = 0;
      const debugLogger = () => {
        ++lines;
      };
      await next(open({ debug, debugLogger }), "open");
      counts.push(lines > 0);
    }
    return counts;
  });
  assert.deepEqual(results, [true, false]);
});

test(`${label}, difference: cancel() of send's results replaces drainQueuedMessages`, async (t) => {
  const { theirs, ours } = await bothResults(t, PartyWebSocket, async ({ server, open }) => {
    const socket = open();
    const bytes = new Uint8Array([1, 2]);
    const results = [socket.send("one"), socket.send(bytes)];
    const drops = [];
    socket.addEventListener("drop", ({ data }) => drops.push(data));
    const drained = socket.drainQueuedMessages?.();
    if (drained === undefined) for (const result of results) result.cancel();
    socket.send("two");
    await next(socket, "open");
    await server.until(() => server.received.includes("two"));
    const taken = (drained ?? drops).map((one) => (one === "one" ? one : [...one]));
    return [drained === undefined, taken, server.received];
  });
  assert.deepEqual(theirs, [false, ["one", [1, 2]], ["two"]]);
  assert.deepEqual(ours, [true, ["one", [1, 2]], ["two"]]);
});

test(`${label}, difference: send returns an object, not true or false`, async (t) => {
  const { theirs, ours } = await bothResults(t, PartyWebSocket, async ({ open }) => {
    const socket = open();
    const results = [socket.send("waits")];
    await next(socket, "open");
    results.push(socket.send("sent"));
    return results.map((result) => result.status ?? result);
  });
  assert.deepEqual(theirs, [false, true]);
  assert.deepEqual(ours, ["queued", "sent"]);
});

test(`${label}, difference: a function for the URL replaces host, room and query`, async (t) => {
  const rooms = { party: "chess", path: "moves", id: "ada", query: async () => ({ token: "t" }) };
  const partyUrl = ({ host, room, party = "main", path, id, query }) => {
    const start = `ws://${host}/parties/${party}/${room}${path === undefined ? "" : `/${path}`}`;
    return async () => `${start}?${new URLSearchParams({ _pk: id, ...(await query()) })}`;
  };
  const paths = [];
  for (const make of [
    (given) => new PartySocket({ ...given, ...options }),
    (given) => new SteadySocket(partyUrl(given), [], options),
  ]) {
    const server = await LocalServer.start(t);
    const socket = make({ host: `127.0.0.1:${server.port}`, room: "lobby", ...rooms });
    t.after(() => socket.close());
    await next(socket, "open");
    paths.push(server.handshakes[0].path);
  }
  assert.equal(paths[0], "/parties/chess/lobby/moves?_pk=ada&token=t");
  assert.equal(paths[1], paths[0]);
});
