// What is asked of the user: what to connect with, before every attempt, and what to do first on
// every connection.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, quick, reached, record, routed } from "../support/sockets.mjs";
import { Waiting } from "../support/until.mjs";

/** A wait that does not end by itself within a test. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };
const echo = (connection) => connection.on("message", (data) => connection.send(`${data}`));

/** Questions that the test answers: `ask` is to be called by the socket. */
class Questions {
  asked = [];
  #waiting = new Waiting();
  ask = (...about) => {
    const question = Promise.withResolvers?.() ?? withResolvers();
    this.asked.push(Object.assign(question, { about }));
    this.#waiting.look();
    return question.promise;
  };
  /** Resolves with the question of this number, from 0, when it was asked. */
  async number(index) {
    await this.#waiting.until(() => this.asked.length > index);
    return this.asked[index];
  }
}
function withResolvers() {
  const question = {};
  question.promise = new Promise((resolve, reject) => Object.assign(question, { resolve, reject }));
  return question;
}

/** Other sockets, which have the memory then that closed ones have given back. */
function takeMemory(t) {
  class Unconnected {
    readyState = 0;
    close() {}
  }
  const options = { WebSocket: Unconnected, closeTimeout: 1 };
  for (let i = 0; i < 100; ++i) openSocket(t, "ws://127.0.0.1:1", options);
}

/** Lets everything run that was put off to the end of this task, and some more. */
async function turns() {
  for (let i = 0; i < 5; ++i) await new Promise(setImmediate);
}

test("the URL, the protocols and the first message are asked for before every attempt", async (t) => {
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
    // The server is gone and comes back: attempts fail meanwhile, each with a token of its own.
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

test("each of them may be a function by itself", async (t) => {
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

test("what is not a function is checked at once, as ever", (t) => {
  assert.throws(() => openSocket(t, "foo", { firstMessage: () => "x" }), { name: "SyntaxError" });
  assert.throws(() => openSocket(t, () => "ws://host", {}, {}), { name: "SyntaxError" });
});

test("nobody is asked again while an answer is awaited", async (t) => {
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

test("an answer that is an error is a failed attempt, and the next is asked for", async (t) => {
  const server = await LocalServer.start(t);
  const thrown = (error) => () => {
    throw error;
  };
  for (const [provide, code, message] of [
    [thrown(new Error("no token")), "provider_failed", "no token"],
    [thrown("a text"), "provider_failed", "a text"],
    [thrown(undefined), "provider_failed", "undefined"],
    [() => Promise.reject(new Error("401")), "provider_failed", "401"],
    [() => "not a URL", "provider_failed", /not a URL/],
    [() => undefined, "provider_failed", /undefined/],
    [() => "ftp://host", "invalid_url", /begins with ws/],
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

test("a subprotocol or a first message that is none is a failed attempt as well", async (t) => {
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

test("several functions that fail at once are one failed attempt", async (t) => {
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

test("an answer that never comes is a failed attempt, and comes too late", async (t) => {
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

test("an answer to a question that was given up is not used, whatever the state", async (t) => {
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
  // Suspended and resumed in one task: there is an attempt, but the question is not its own.
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

test("a socket that is closed while an answer is awaited is closed at once", async (t) => {
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

test("a close that flushes waits for the answer, and for what it leads to", async (t) => {
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

test("a session comes after the first message and before the queue, on every connection", async (t) => {
  for (const wrap of [(value) => value, async (value) => value]) {
    const server = await LocalServer.start(t);
    const taken = [];
    const socket = openSocket(t, server.url(), {
      firstMessage: { type: "hello" },
      beginSession: (session) => {
        socket.send("waits");
        taken.push(session.send({ type: "login" }), session.send("topic"));
        taken.push(session.send(new Uint8Array([65])));
        return wrap("anything");
      },
    });
    socket.send("before");
    await server.until(() => server.received.length === 6);
    const life = ['{"type":"hello"}', '{"type":"login"}', "topic", Buffer.from("A")];
    assert.deepEqual(server.received, [...life, "before", "waits"]);
    assert.equal(socket.send("now").status, "sent");
    server.received.length = 0;
    socket.suspend();
    socket.send("meanwhile");
    socket.resume();
    await server.until(() => server.received.filter((text) => text === "waits").length === 1);
    assert.deepEqual(
      server.received.filter((text) => text !== "now"),
      [...life, "meanwhile", "waits"],
    );
    assert.deepEqual(taken, Array(6).fill(true));
    socket.close();
  }
});

test("while a session begins messages are received, and what is sent waits for it", async (t) => {
  const server = await LocalServer.start(t, { greet: echo });
  const order = [];
  const socket = openSocket(t, server.url(), {
    beginSession: async (session) => {
      order.push("asked");
      const answer = next(socket, "message");
      session.send("login");
      assert.equal(socket.send("waits").status, "queued");
      order.push((await answer).data);
      const topic = routed(socket, "topic");
      session.send({ type: "topic", n: 1 });
      order.push((await topic).n);
      assert.equal(socket.send("waits as well").status, "queued");
      order.push("ready");
    },
  });
  socket.addEventListener("open", () => order.push("open"));
  await server.until(() => server.received.length === 4);
  assert.deepEqual(order, ["open", "asked", "login", 1, "ready"]);
  assert.deepEqual(server.received, ["login", '{"type":"topic","n":1}', "waits", "waits as well"]);
});

test("a session that has begun, or whose connection is over, sends nothing more", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, server.url(), { beginSession: questions.ask });
  const begun = await questions.number(0);
  const [first] = begun.about;
  assert.equal(first.send("1"), true);
  begun.resolve();
  await turns();
  assert.equal(first.send("too late"), false);
  socket.send("2");
  await server.until(() => server.received.length === 2);
  assert.throws(() => first.send({ n: 1n }), { name: "TypeError" });

  socket.reconnect();
  const [second] = (await questions.number(1)).about;
  assert.equal(second.send("3"), true);
  await server.until(() => server.received.length === 3);
  socket.suspend();
  assert.equal(second.send("after suspend"), false);
  socket.resume();
  assert.equal(second.send("while connecting"), false);
  const [third] = (await questions.number(2)).about;
  assert.equal(second.send("on the next connection"), false);
  // What it was asked is over: its end begins nothing.
  questions.asked[1].resolve();
  socket.send("waits");
  await turns();
  assert.equal(socket.bufferedAmount, 5);
  assert.equal(third.send("4"), true);
  questions.asked[2].resolve();
  await server.until(() => server.received.length === 5);
  assert.deepEqual(server.received, ["1", "2", "3", "4", "waits"]);
});

test("a session that fails is the end of its connection, and another follows", async (t) => {
  const server = await LocalServer.start(t);
  for (const [fail, message] of [
    [
      () => {
        throw new Error("no password");
      },
      "no password",
    ],
    [() => Promise.reject(new Error("refused")), "refused"],
    [() => new Promise(() => {}), /within the connect timeout/],
  ]) {
    server.connections.length = server.received.length = 0;
    let failures = 0;
    const socket = openSocket(t, server.url(), {
      connectTimeout: 1_000,
      beginSession: (session) => {
        session.send("login");
        return failures++ < 2 ? fail() : undefined;
      },
    });
    socket.send("waits");
    const lines = record(socket);
    const error = await next(socket, "error");
    assert.equal(error.code, "session_failed");
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    await server.until(() => server.received.includes("waits"));
    assert.deepEqual(server.received, ["login", "login", "login", "waits"]);
    assert.equal(server.connections.length, 3);
    const failed = [
      "statechange connecting",
      "statechange open",
      "open",
      "error session_failed",
      "statechange waiting",
      "close 1006 retry",
    ];
    assert.deepEqual(lines.slice(0, 12), [...failed, ...failed]);
    socket.close();
  }
});

test("a server whose sessions fail is asked ever more slowly, however long they took", async (t) => {
  t.mock.method(Math, "random", () => 0.5);
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url(), {
    reconnect: { initialDelay: 20, maxDelay: 160, stableAfter: 0 },
    beginSession: () => Promise.reject(new Error("no")),
  });
  const delays = [];
  socket.addEventListener("statechange", ({ state, retryIn }) => {
    if (state === "waiting") delays.push(retryIn);
  });
  while (delays.length < 5) await next(socket, "close");
  assert.deepEqual(delays, [10, 20, 40, 80, 80]);
});

test("close while a session begins drops what waits, and a flush waits for the session", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const closed = openSocket(t, server.url(), { beginSession: questions.ask });
  closed.send("never");
  const [session] = (await questions.number(0)).about;
  closed.close(4000, "bye");
  assert.equal(session.send("after close"), false);
  const closing = next(closed, "close");
  assert.deepEqual([(await next(closed, "drop")).data, (await closing).code], ["never", 4000]);
  questions.asked[0].resolve();
  await turns();
  assert.equal(session.send("after the end"), false);
  assert.equal(closed.state, "closed");

  const flushed = openSocket(t, server.url(), { beginSession: questions.ask });
  flushed.send("goes");
  const [other] = (await questions.number(1)).about;
  flushed.close({ flush: true });
  assert.equal(flushed.state, "closing");
  assert.equal(other.send("login"), true);
  questions.asked[1].resolve();
  await next(flushed, "close");
  assert.deepEqual(server.received, ["login", "goes"]);
});

test("a session of before the end says nothing to the socket that was opened again", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, server.url(), { beginSession: questions.ask, reconnect: quick });
  const [session] = (await questions.number(0)).about;
  socket.close();
  await next(socket, "close");
  takeMemory(t);
  socket.reconnect();
  assert.equal(session.send("of before"), false);
  questions.asked[0].resolve();
  socket.send("waits");
  const [fresh] = (await questions.number(1)).about;
  await turns();
  assert.equal(session.send("of before"), false);
  assert.equal(fresh.send("login"), true);
  questions.asked[1].resolve();
  await server.until(() => server.received.length === 2);
  assert.deepEqual(server.received, ["login", "waits"]);
});

test("an error without a text ends the session, not the process", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/quiet"), {
    beginSession() {
      throw Object.create(null);
    },
  });
  const { code, message } = await next(socket, "error");
  assert.deepEqual([code, message], ["session_failed", "an error without a text"]);
});
