// The reconnect policy: whether another attempt follows, and after which delay, for servers that
// drop, hang, refuse and close in every way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, quick, reached, reachedBy, record } from "../support/sockets.mjs";
import { within } from "../support/until.mjs";

/** A delay that does not end within a test. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };
/** Ends a connection by its path: /4001 closes with a code, /none without one, /drop breaks it. */
const closeByPath = (connection, { url }) => {
  const { pathname, searchParams } = new URL(url, "ws://host");
  const code = Number(pathname.slice(1));
  if (pathname === "/drop") connection.terminate();
  else connection.close(code || undefined, searchParams.get("reason") ?? "");
};

/** The state and the delay after a connection that the server ends by this path. */
async function afterClose(t, server, path, reconnect = {}) {
  const socket = openSocket(t, server.url(path), { reconnect: { ...slow, ...reconnect } });
  const closed = next(socket, "close");
  while (socket.state === "connecting" || socket.state === "open") {
    await next(socket, "statechange");
  }
  const { state, retryIn } = socket;
  const close = await closed;
  assert.equal(close.willRetry, state === "waiting");
  socket.close();
  return { state, retryIn, close };
}

/** The delays before the next attempts, as statechange events report them. */
async function delays(socket, count) {
  const reported = [];
  while (reported.length < count) reported.push((await reachedBy(socket, "waiting")).retryIn);
  return reported;
}

test("retries slow down with a server that accepts connections and drops them at once", async (t) => {
  t.mock.method(Math, "random", () => 0.5);
  const server = await LocalServer.start(t, { greet: (connection) => connection.terminate() });
  for (const closeRules of [{}, { "0-65535": "at_once" }]) {
    const already = server.connections.length;
    const socket = openSocket(t, server.url(), {
      reconnect: { initialDelay: 20, maxDelay: 160, closeRules },
    });
    assert.deepEqual(await delays(socket, 6), [10, 26, 53, 106, 106, 106]);
    assert.equal(server.connections.length - already, 6);
    socket.close();
  }
});

test("after a stable connection, at_once retries at once, and attempts count from zero", async (t) => {
  t.mock.method(Math, "random", () => 0.5);
  const server = await LocalServer.start(t, { greet: (connection) => connection.terminate() });
  for (const [closeRules, delay] of [
    [{ 1006: "at_once" }, 0],
    [{ 1006: "retry" }, 10],
  ]) {
    const socket = openSocket(t, server.url(), {
      reconnect: { initialDelay: 20, maxDelay: 160, stableAfter: 0, closeRules },
    });
    assert.deepEqual(await delays(socket, 4), Array(4).fill(delay));
    socket.close();
  }
});

test("an attempt whose handshake is never answered is aborted and retried", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url(), { connectTimeout: 300 });
  const lines = record(socket);
  await server.until(() => server.handshakes.length === 3);
  assert.deepEqual(lines.slice(0, 5), [
    "statechange connecting",
    "error connect_timeout",
    "statechange waiting",
    "close 1006 retry",
    "statechange connecting",
  ]);
  server.answer = () => undefined;
  await next(socket, "open");
  assert.equal(server.connections.length, 1);
});

test("a handshake that is refused with a status is retried, and reported as 1006", async (t) => {
  const statuses = [401, 503, 401];
  const server = await LocalServer.start(t, { answer: () => statuses.shift() });
  const socket = openSocket(t, server.url());
  const lines = record(socket);
  await next(socket, "open");
  assert.equal(server.handshakes.length, 4);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("close")),
    Array(3).fill("close 1006 retry"),
  );
  assert.equal(lines.filter((line) => line === "error connection_failed").length, 3);
});

test("every close code has the action of the documented table", async (t) => {
  const server = await LocalServer.start(t, { greet: closeByPath });
  const table = {
    fatal: [1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4001, 4999],
    later: [1012, 1013],
    retry: [1000, 1001, 1011, 1014, 3001, 3999, "none", "drop"],
  };
  const times = { initialDelay: 3_000, laterMin: 5_000, laterMax: 6_000 };
  for (const [action, codes] of Object.entries(table)) {
    for (const code of codes) {
      const { state, retryIn, close } = await afterClose(t, server, `/${code}`, times);
      assert.equal(close.code, { none: 1005, drop: 1006 }[code] ?? code);
      assert.equal(close.wasClean, code !== "drop");
      assert.equal(state, action === "fatal" ? "closed" : "waiting", String(code));
      if (action === "fatal") assert.equal(retryIn, undefined);
      // Less the time that has passed since.
      if (action === "later") assert.ok(retryIn > 4_000 && retryIn <= 6_000, `${code} ${retryIn}`);
      if (action === "retry") assert.ok(retryIn >= 0 && retryIn <= 3_000, `${code} ${retryIn}`);
    }
  }
});

test("later retries after a random delay between laterMin and laterMax", async (t) => {
  const server = await LocalServer.start(t, { greet: closeByPath });
  for (const [random, retryIn] of [
    [0, 7_000],
    [0.5, 8_000],
  ]) {
    const mock = t.mock.method(Math, "random", () => random);
    const socket = openSocket(t, server.url("/1013"), {
      reconnect: { ...quick, laterMin: 7_000, laterMax: 9_000 },
    });
    assert.deepEqual(await delays(socket, 1), [retryIn]);
    socket.close();
    mock.mock.restore();
  }
});

test("rules override a single code, a range and the whole table", async (t) => {
  const server = await LocalServer.start(t, { greet: closeByPath });
  const some = { 4001: "retry", "4000-4100": "later", 1000: "fatal", "3000-3003": "retry" };
  const all = { "0-65535": "fatal", 1008: "retry" };
  for (const [closeRules, path, action] of [
    [some, "/4001", "retry"],
    [some, "/4000", "later"],
    [some, "/4100", "later"],
    [some, "/4101", "fatal"],
    [some, "/1000", "fatal"],
    [some, "/3000", "retry"],
    [some, "/3003", "retry"],
    // Other codes keep the default.
    [some, "/1001", "retry"],
    [some, "/1008", "fatal"],
    [all, "/1001", "fatal"],
    [all, "/none", "fatal"],
    [all, "/drop", "fatal"],
    [all, "/1012", "fatal"],
    [all, "/1008", "retry"],
    [{ "1005-1006": "fatal" }, "/none", "fatal"],
    // The first range that contains the code.
    [{ "4000-4010": "retry", "4000-4999": "later" }, "/4005", "retry"],
  ]) {
    const times = { initialDelay: 1_000, maxDelay: 1_000, laterMin: 5_000, laterMax: 5_000 };
    const { state, retryIn } = await afterClose(t, server, path, { ...times, closeRules });
    const shown = `${path} ${JSON.stringify(closeRules)}`;
    assert.equal(state, action === "fatal" ? "closed" : "waiting", shown);
    if (action !== "fatal") assert.equal(retryIn > 1_000, action === "later", shown);
  }
});

test("invalid rules throw at once", (t) => {
  for (const [closeRules, message] of [
    [{ 65536: "retry" }, /closeRules\.65536 must be a close code/],
    [{ "x.4001": "retry" }, /closeRules\.x\.4001 must be a close code/],
    [{ "04001": "retry" }, /closeRules\.04001 must be a close code/],
    [null, /closeRules must be an object, got null/],
    [{ "4000-70000": "retry" }, /closeRules\.4000-70000/],
    [{ "4xx": "retry" }, /closeRules\.4xx/],
    [{ "-1": "retry" }, /closeRules/],
    [{ "": "retry" }, /closeRules/],
    [
      { 4000: "always" },
      /closeRules\.4000 must be one of fatal, retry, at_once, later, got "always"/,
    ],
    [{ 4000: true }, /closeRules\.4000/],
    ["retry", /closeRules must be an object/],
  ]) {
    assert.throws(() => openSocket(t, "ws://127.0.0.1:1", { reconnect: { closeRules } }), {
      name: "TypeError",
      message,
    });
  }
  for (const decide of ["retry", true, {}]) {
    assert.throws(() => openSocket(t, "ws://127.0.0.1:1", { reconnect: { decide } }), {
      name: "TypeError",
      message: /decide must be a function/,
    });
  }
  for (const reconnect of [
    { laterMin: 10, laterMax: 5 },
    { laterMax: 1e12 },
    { maxElapsed: 0 },
    { closeRules: { "4100-4000": "retry" } },
  ]) {
    assert.throws(
      () => openSocket(t, "ws://127.0.0.1:1", { reconnect }),
      RangeError,
      JSON.stringify(reconnect),
    );
  }
});

test("decide is called before the rules, with the code, the reason and wasClean", async (t) => {
  const server = await LocalServer.start(t, { greet: closeByPath });
  const times = { initialDelay: 1_000, maxDelay: 1_000, laterMin: 5_000, laterMax: 5_000 };
  for (const [path, answer, action] of [
    ["/4001?reason=banned", "retry", "retry"],
    ["/4001?reason=banned", true, "retry"],
    ["/4001?reason=banned", "later", "later"],
    ["/4001?reason=banned", undefined, "fatal"],
    ["/1001", false, "fatal"],
    ["/1001", "fatal", "fatal"],
    ["/1001", "at_once", "retry"],
    ["/drop", undefined, "fatal"],
    ["/none", undefined, "retry"],
  ]) {
    const asked = [];
    const { state, retryIn, close } = await afterClose(t, server, path, {
      ...times,
      closeRules: { 1006: "fatal" },
      decide: (info) => {
        asked.push(info);
        return answer;
      },
    });
    const { code, reason, wasClean } = close;
    assert.deepEqual(asked, [{ code, reason, wasClean }]);
    assert.equal(state, action === "fatal" ? "closed" : "waiting", `${path} ${answer}`);
    if (action !== "fatal") assert.equal(retryIn > 1_000, action === "later", `${path} ${answer}`);
  }
});

test("decide is also called after a failed attempt, and not after close()", async (t) => {
  const server = await LocalServer.start(t, { answer: () => 503 });
  const asked = [];
  const decide = ({ code }) => {
    asked.push(code);
    return asked.length < 3;
  };
  const socket = openSocket(t, server.url(), { reconnect: { ...quick, decide } });
  await reached(socket, "closed");
  assert.deepEqual(asked, [1006, 1006, 1006]);
  server.answer = () => undefined;
  const other = openSocket(t, server.url(), { reconnect: { decide } });
  await next(other, "open");
  other.close(1000, "mine");
  await next(other, "close");
  assert.equal(asked.length, 3);
});

test("a decide that throws or returns an invalid value is reported, and the rules apply", async (t) => {
  const server = await LocalServer.start(t, { greet: closeByPath });
  // The test runner would count an uncaught error as a failure.
  const uncaught = [];
  let onError;
  process.setUncaughtExceptionCaptureCallback((error) => {
    uncaught.push(error);
    onError?.();
  });
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  for (const [path, state] of [
    ["/4000", "closed"],
    ["/1001", "waiting"],
  ]) {
    for (const decide of [
      () => {
        throw new Error("mine");
      },
      () => "sometimes",
    ]) {
      const reported = new Promise((resolve) => {
        onError = resolve;
      });
      const result = await afterClose(t, server, path, { decide });
      await within(reported, "the error of decide");
      assert.equal(result.state, state);
    }
  }
  const [first, second] = uncaught.map(({ message }) => message);
  assert.equal(uncaught.length, 4);
  assert.equal(first, "mine");
  assert.match(second, /reconnect\.decide must be one of .* got "sometimes"/);
});

test("decide may call any method of the socket", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => {
      if (server.connections.length === 1) connection.close(4000, "first");
    },
  });
  const deciding = (act) => {
    server.connections.length = server.handshakes.length = 0;
    const socket = openSocket(t, server.url(), {
      reconnect: { ...slow, decide: () => act(socket) },
    });
    return { socket, lines: record(socket) };
  };
  const withoutDrops = (lines) => lines.filter((line) => !line.startsWith("drop"));

  const closed = deciding((socket) => {
    socket.send("late");
    socket.close();
    return true;
  });
  await next(closed.socket, "drop");
  assert.equal(closed.socket.state, "closed");
  assert.deepEqual(withoutDrops(closed.lines).slice(-2), ["statechange closed", "close 4000"]);
  assert.equal(server.connections.length, 1);

  const anew = deciding((socket) => {
    socket.reconnect();
    return false;
  });
  await next(anew.socket, "close");
  await next(anew.socket, "open");
  assert.equal(server.connections.length, 2);
  assert.equal(anew.lines.filter((line) => line.startsWith("close")).join(), "close 4000 retry");

  const tried = deciding((socket) => {
    assert.equal(socket.state, "waiting");
    socket.connect();
  });
  await next(tried.socket, "close");
  await next(tried.socket, "open");
  assert.equal(server.connections.length, 2);

  const suspended = deciding((socket) => {
    socket.suspend();
    return false;
  });
  assert.equal((await next(suspended.socket, "close")).willRetry, true);
  assert.equal(suspended.socket.state, "suspended");
  suspended.socket.resume();
  await next(suspended.socket, "open");
  assert.equal(server.connections.length, 2);

  // The calls before do not affect a later decision.
  const plain = deciding(() => undefined);
  assert.equal((await next(plain.socket, "close")).willRetry, false);
});

test("retry-after in the reason of a close is obeyed, and does not end the socket", async (t) => {
  const server = await LocalServer.start(t, { greet: closeByPath });
  t.mock.method(Math, "random", () => 0.5);
  const reason = "reason=full;+retry-after=2";
  for (const path of ["/1013", "/1001", "/4000"]) {
    const { retryIn, close } = await afterClose(t, server, `${path}?${reason}`, {
      initialDelay: 1_000,
    });
    assert.equal(close.reason, "full; retry-after=2");
    // Less the time that has passed since.
    assert.ok(retryIn > 1_500 && retryIn <= 2_500, String(retryIn));
  }
  const socket = openSocket(t, server.url(`/1013?${reason}`), { reconnect: slow });
  assert.deepEqual(await delays(socket, 1), [2_000 + 30_000]);
  // connect() and closeRules take precedence over the server's delay.
  socket.connect();
  assert.deepEqual(await delays(socket, 1), [2_000 + 30_000]);
  assert.equal(server.handshakes.length, 5);
  const closeRules = { 4000: "fatal" };
  const { state } = await afterClose(t, server, `/4000?${reason}`, { closeRules });
  assert.equal(state, "closed");
});

for (const [name, limit, why] of [
  ["maxAttempts", { maxAttempts: 3 }, /attempts/],
  ["maxElapsed", { maxElapsed: 600 }, /time/],
]) {
  test(`after ${name} the socket is closed, and reconnect() resets the limit`, async (t) => {
    const server = await LocalServer.start(t, {
      answer: () => 503,
      greet: (connection) => connection.on("message", (data) => connection.send(`${data}`)),
    });
    const socket = openSocket(t, server.url(), {
      reconnect: { initialDelay: 100, maxDelay: 100, ...limit },
    });
    const lines = record(socket);
    const errors = [];
    socket.addEventListener("error", (error) => errors.push(error));
    socket.send("never");
    await next(socket, "drop");
    assert.equal(socket.state, "closed");
    assert.deepEqual(lines.slice(-4), [
      "error gave_up",
      "statechange closed",
      "close 1006",
      "drop 1 closed never",
    ]);
    assert.match(errors.at(-1).message, why);
    assert.throws(() => socket.connect(), { name: "InvalidStateError" });
    if (name === "maxAttempts") assert.equal(server.handshakes.length, 4);

    // The limit counts from here.
    lines.length = server.handshakes.length = 0;
    socket.reconnect();
    assert.equal(socket.state, "connecting");
    assert.equal(socket.send("late").status, "queued");
    await next(socket, "drop");
    assert.ok(lines.includes("close 1006 retry"));
    if (name === "maxAttempts") assert.equal(server.handshakes.length, 4);
    else assert.ok(server.handshakes.length > 1);

    server.answer = () => undefined;
    lines.length = 0;
    socket.reconnect();
    socket.send("hello");
    assert.equal((await next(socket, "message")).data, "hello");
    assert.deepEqual(lines.slice(0, 3), ["statechange connecting", "statechange open", "open"]);
    assert.deepEqual(server.received, ["hello"]);
  });
}
