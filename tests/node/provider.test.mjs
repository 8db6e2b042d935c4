// Functions for the URL, the subprotocols and the first message, called before every attempt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";
import { Questions, takeMemory, turns } from "./questions.mjs";

/** A delay that does not end within a test. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };
const echo = (connection) => connection.on("message", (data) => connection.send(`${data}`));

test("functions for URL, protocols and first message are called before every attempt", async (t) => {
  for (const wrap of [(value) => value, async (value) => value]) {
    const server = await LocalServer.start(t);
    let attempt = 0;
    const socket = openSocket(
      t,
      () => wrap(server.url(`/?token=${++attempt}`)),
      { firstMessage: () => wrap({ attempt }) },
      () => wrap([`p${attempt}`, "chat"]),
    );
    assert.equal(socket.url, "");
    assert.equal(attempt, 0, "no function of the user's runs inside the constructor");
    await next(socket, "open");
    assert.equal(socket.url, server.url("/?token=1"));
    await server.until(() => server.received.length === 1);
    // Without a server attempts fail, each with its own token.
    await server.stop();
    await reached(socket, "waiting");
    while (attempt < 4) await next(socket, "statechange");
    await server.restart();
    while (socket.state !== "open") await next(socket, "statechange");
    const after = attempt;
    assert.ok(after >= 4);
    assert.equal(socket.url, server.url(`/?token=${after}`));
    await server.until(() => server.received.length === 2);
    socket.reconnect();
    await next(socket, "open");
    await server.until(() => server.received.length === 3);
    assert.equal(attempt, after + 1);
    const seen = [1, after, after + 1];
    assert.deepEqual(
      server.handshakes,
      seen.map((n) => ({ path: `/?token=${n}`, protocols: [`p${n}`, "chat"] })),
    );
    assert.deepEqual(
      server.received,
      seen.map((n) => `{"attempt":${n}}`),
    );
    socket.close();
  }
});

test("each of them may be a function or a value, independently", async (t) => {
  const server = await LocalServer.start(t, { greet: echo });
  for (const [url, protocols, firstMessage, path] of [
    [() => new URL(server.url("/a")), [], undefined, "/a"],
    [server.url("/b"), () => "b", undefined, "/b"],
    [server.url("/c"), ["c"], () => "hello", "/c"],
    [() => ({ toString: () => server.url("/d") }), new Set(["d"]), { hello: 1 }, "/d"],
    [server.url("/e"), [], () => undefined, "/e"],
  ]) {
    const socket = openSocket(t, url, { firstMessage }, protocols);
    if (typeof url === "string") assert.equal(socket.url, url);
    socket.send("then");
    const { data } = await next(socket, "message");
    assert.equal(data, { "/c": "hello", "/d": '{"hello":1}' }[path] ?? "then");
    const handshake = server.handshakes.at(-1);
    assert.equal(handshake.path, path);
    const offered = { "/b": ["b"], "/c": ["c"], "/d": ["d"] }[path] ?? [];
    assert.deepEqual(handshake.protocols, offered);
    assert.equal(socket.url, server.url(path));
    socket.close();
  }
});

test("values that are not functions are checked at once", (t) => {
  assert.throws(() => openSocket(t, "foo", { firstMessage: () => "x" }), { name: "SyntaxError" });
  assert.throws(() => openSocket(t, () => "ws://host", {}, {}), { name: "SyntaxError" });
});

test("a function is not called again while its promise is pending", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, questions.ask, { connectTimeout: 60_000 });
  const lines = record(socket);
  for (let i = 0; i < 10; ++i) {
    for (const call of ["connect", "reconnect", "resume"]) socket[call]();
    await turns();
  }
  assert.equal(questions.asked.length, 1);
  assert.equal(socket.state, "connecting");
  assert.deepEqual(lines, ["statechange connecting"]);
  questions.asked[0].resolve(server.url());
  await next(socket, "open");
  assert.equal(server.handshakes.length, 1);
  assert.equal(questions.asked.length, 1);
});

test("an error of a function fails the attempt, and it is called again for the next", async (t) => {
  const server = await LocalServer.start(t);
  const thrown = (error) => () => {
    throw error;
  };
  for (const [provide, code, message] of [
    [thrown(new Error("no token")), "provider_failed", "no token"],
    [thrown("a string"), "provider_failed", "a string"],
    [thrown(undefined), "provider_failed", "undefined"],
    [() => Promise.reject(new Error("401")), "provider_failed", "401"],
    [() => "not a URL", "provider_failed", /not a URL/],
    [() => undefined, "provider_failed", /undefined/],
    [() => "ftp://host", "invalid_url", /must begin with ws/],
    [() => "ws://host/#fragment", "invalid_url", /fragment/],
  ]) {
    const answers = [provide, provide, () => server.url()];
    const socket = openSocket(t, () => answers.shift()());
    const lines = record(socket);
    const error = await next(socket, "error");
    assert.equal(error.code, code);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    await next(socket, "open");
    const failed = [`error ${code}`, "statechange waiting", "close 1006 retry"];
    assert.deepEqual(
      lines.filter((line) => line !== "statechange connecting"),
      [...failed, ...failed, "statechange open", "open"],
    );
    assert.equal(socket.url, server.url());
    socket.close();
  }
});

test("an invalid subprotocol or first message fails the attempt, too", async (t) => {
  const server = await LocalServer.start(t);
  for (const [protocols, firstMessage, code] of [
    [() => "a b", undefined, "invalid_subprotocol"],
    [() => ["a", "a"], undefined, "invalid_subprotocol"],
    [() => ({}), undefined, "provider_failed"],
    [[], () => null, "provider_failed"],
    [[], () => 5, "provider_failed"],
    [
      [],
      async () => {
        throw new Error("no token");
      },
      "provider_failed",
    ],
  ]) {
    const socket = openSocket(t, server.url(), { firstMessage, reconnect: slow }, protocols);
    assert.equal((await next(socket, "error")).code, code);
    await reached(socket, "waiting");
    socket.close();
  }
  assert.equal(server.handshakes.length, 0);
});

test("several functions that fail together are one failed attempt", async (t) => {
  const rejects = async () => {
    throw new Error("first");
  };
  const throws = () => {
    throw new Error("second");
  };
  const options = { firstMessage: rejects, reconnect: slow };
  const socket = openSocket(t, rejects, options, throws);
  const lines = record(socket);
  await next(socket, "close");
  await turns();
  assert.deepEqual(lines, [
    "statechange connecting",
    "error provider_failed",
    "statechange waiting",
    "close 1006 retry",
  ]);
});

test("a function that never settles fails the attempt, and a late result is ignored", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, questions.ask, { connectTimeout: 500 });
  const { code } = await next(socket, "error");
  assert.equal(code, "connect_timeout");
  const second = await questions.number(1);
  questions.asked[0].resolve(server.url("/late"));
  await turns();
  assert.equal(socket.url, "");
  second.resolve(server.url("/in-time"));
  await next(socket, "open");
  assert.deepEqual(
    server.handshakes.map(({ path }) => path),
    ["/in-time"],
  );
  assert.equal(socket.url, server.url("/in-time"));
});

test("the result of a function for an aborted attempt is not used, in any state", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, questions.ask, { reconnect: slow, connectTimeout: 60_000 });
  const uses = async (index, path) => {
    (await questions.number(index)).resolve(server.url(path));
    await turns();
    return server.handshakes.at(-1)?.path === path || socket.url === server.url(path);
  };
  // Suspended.
  await questions.number(0);
  socket.suspend();
  assert.equal(await uses(0, "/0"), false);
  // Suspended and resumed in one task: the result belongs to an earlier attempt.
  socket.resume();
  await questions.number(1);
  socket.suspend();
  socket.resume();
  assert.equal(await uses(1, "/1"), false);
  assert.equal(await uses(2, "/2"), true);
  await reached(socket, "open");
  // Closed, and opened again.
  socket.reconnect();
  await questions.number(3);
  socket.close();
  assert.equal(await uses(3, "/3"), false);
  await reached(socket, "closed");
  socket.reconnect();
  await questions.number(4);
  socket.close();
  await reached(socket, "closed");
  takeMemory(t);
  socket.reconnect();
  questions.asked[4].reject(new Error("late"));
  await turns();
  assert.equal(socket.state, "connecting");
  socket.close();
  await reached(socket, "closed");
  socket.reconnect();
  (await questions.number(5)).resolve(server.url("/5"));
  socket.close();
  await reached(socket, "closed");
  const last = questions.asked.length;
  socket.reconnect();
  assert.equal(await uses(last, "/last"), true);
  await reached(socket, "open");
  assert.deepEqual(
    server.handshakes.map(({ path }) => path),
    ["/2", "/last"],
  );
});

test("close() is immediate while a function's promise is pending", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, questions.ask);
  const lines = record(socket);
  socket.send("never");
  await questions.number(0);
  socket.close(1000, "changed my mind");
  await next(socket, "drop");
  questions.asked[0].resolve(server.url());
  await turns();
  assert.equal(socket.state, "closed");
  assert.deepEqual(lines, [
    "statechange connecting",
    "statechange closed",
    "close 1000",
    "drop 1 closed never",
  ]);
  assert.equal(server.handshakes.length, 0);
});

test("close({ flush: true }) waits for the function, and for the connection after it", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, questions.ask);
  socket.send("first");
  await questions.number(0);
  socket.close({ code: 4000, reason: "done", flush: true });
  assert.equal(socket.state, "closing");
  questions.asked[0].resolve(server.url());
  const { code, willRetry } = await next(socket, "close");
  assert.deepEqual([code, willRetry], [4000, false]);
  assert.deepEqual(server.received, ["first"]);
});
