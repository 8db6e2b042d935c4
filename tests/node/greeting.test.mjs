// greet: messages at the start of every connection.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, quick, record, routed } from "../support/sockets.mjs";
import { Questions, takeMemory, turns } from "./questions.mjs";

const echo = (connection) => connection.on("message", (data) => connection.send(`${data}`));

test("a greeting is sent after the first message and before the queue, on every connection", async (t) => {
  for (const wrap of [(value) => value, async (value) => value]) {
    const server = await LocalServer.start(t);
    const taken = [];
    const socket = openSocket(t, server.url(), {
      firstMessage: { type: "hello" },
      greet: (connection) => {
        socket.send("waits");
        taken.push(connection.send({ type: "login" }), connection.send("topic"));
        taken.push(connection.send(new Uint8Array([65])));
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

test("during a greeting messages are received, and messages sent by the socket wait", async (t) => {
  const server = await LocalServer.start(t, { greet: echo });
  const order = [];
  const socket = openSocket(t, server.url(), {
    greet: async (connection) => {
      order.push("asked");
      const answer = next(socket, "message");
      connection.send("login");
      assert.equal(socket.send("waits").status, "queued");
      order.push((await answer).data);
      const topic = routed(socket, "topic");
      connection.send({ type: "topic", n: 1 });
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

test("a greeting that has ended, or whose connection has ended, cannot send", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, server.url(), { greet: questions.ask });
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
  // Its connection has ended, so its end does not release the queue.
  questions.asked[1].resolve();
  socket.send("waits");
  await turns();
  assert.equal(socket.bufferedAmount, 5);
  assert.equal(third.send("4"), true);
  questions.asked[2].resolve();
  await server.until(() => server.received.length === 5);
  assert.deepEqual(server.received, ["1", "2", "3", "4", "waits"]);
});

test("a greeting that fails ends its connection, and another attempt follows", async (t) => {
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
      greet: (connection) => {
        connection.send("login");
        return failures++ < 2 ? fail() : undefined;
      },
    });
    socket.send("waits");
    const lines = record(socket);
    const error = await next(socket, "error");
    assert.equal(error.code, "greeting_failed");
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    await server.until(() => server.received.includes("waits"));
    assert.deepEqual(server.received, ["login", "login", "login", "waits"]);
    assert.equal(server.connections.length, 3);
    const failed = [
      "statechange connecting",
      "statechange open",
      "open",
      "error greeting_failed",
      "statechange waiting",
      "close 1006 retry",
    ];
    assert.deepEqual(lines.slice(0, 12), [...failed, ...failed]);
    socket.close();
  }
});

test("retries after failed greetings slow down, even if stableAfter has passed", async (t) => {
  t.mock.method(Math, "random", () => 0.5);
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url(), {
    reconnect: { initialDelay: 20, maxDelay: 160, stableAfter: 0 },
    greet: () => Promise.reject(new Error("no")),
  });
  const delays = [];
  socket.addEventListener("statechange", ({ state, retryIn }) => {
    if (state === "waiting") delays.push(retryIn);
  });
  while (delays.length < 5) await next(socket, "close");
  assert.deepEqual(delays, [10, 26, 53, 106, 106]);
});

test("close during a greeting drops queued messages, and a flush waits for the greeting", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const closed = openSocket(t, server.url(), { greet: questions.ask });
  closed.send("never");
  const [connection] = (await questions.number(0)).about;
  closed.close(4000, "bye");
  assert.equal(connection.send("after close"), false);
  const closing = next(closed, "close");
  assert.deepEqual([(await next(closed, "drop")).data, (await closing).code], ["never", 4000]);
  questions.asked[0].resolve();
  await turns();
  assert.equal(connection.send("after the end"), false);
  assert.equal(closed.state, "closed");

  const flushed = openSocket(t, server.url(), { greet: questions.ask });
  flushed.send("goes");
  const [other] = (await questions.number(1)).about;
  flushed.close({ flush: true });
  assert.equal(flushed.state, "closing");
  assert.equal(other.send("login"), true);
  questions.asked[1].resolve();
  await next(flushed, "close");
  assert.deepEqual(server.received, ["login", "goes"]);
});

test("a greeting from before close has no effect on a socket that was opened again", async (t) => {
  const server = await LocalServer.start(t);
  const questions = new Questions();
  const socket = openSocket(t, server.url(), { greet: questions.ask, reconnect: quick });
  const [connection] = (await questions.number(0)).about;
  socket.close();
  await next(socket, "close");
  takeMemory(t);
  socket.reconnect();
  assert.equal(connection.send("of before"), false);
  questions.asked[0].resolve();
  socket.send("waits");
  const [fresh] = (await questions.number(1)).about;
  await turns();
  assert.equal(connection.send("of before"), false);
  assert.equal(fresh.send("login"), true);
  questions.asked[1].resolve();
  await server.until(() => server.received.length === 2);
  assert.deepEqual(server.received, ["login", "waits"]);
});

test("an error without a message ends the greeting, not the process", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/quiet"), {
    greet() {
      throw Object.create(null);
    },
  });
  const { code, message } = await next(socket, "error");
  assert.deepEqual([code, message], ["greeting_failed", "error without a message"]);
});
