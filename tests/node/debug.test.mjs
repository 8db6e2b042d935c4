// The log of `debug`: its lines, its switches, and that it has no other effect.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SteadySocket } from "../support/package.mjs";
import { next, reached } from "../support/sockets.mjs";
import { openStub, StubWebSocket } from "./stub.mjs";

/** The lines of a log, without the socket's number and the times, which differ from run to run. */
const plain = (lines) =>
  lines.map((line) => {
    assert.match(line, /^steadysocket #\d+ \+\d+ms /);
    return line.replace(/^steadysocket #\d+ \+\d+ms /, "").replace(/in \d+ ms/, "in 0 ms");
  });

/** A socket on a stub, and the lines that it logs. */
function logged(t, options = {}, { url = "ws://stub.test/", protocols = [] } = {}) {
  const lines = [];
  const debugLogger = (...values) => {
    assert.equal(values.length, 1);
    lines.push(values[0]);
  };
  const socket = new SteadySocket(url, protocols, {
    WebSocket: StubWebSocket,
    reconnect: { initialDelay: 1, maxDelay: 1 },
    debug: true,
    debugLogger,
    ...options,
  });
  t.after(() => {
    socket.close();
    StubWebSocket.endAll();
  });
  return { socket, lines, take: () => plain(lines.splice(0)) };
}

const cut = { code: 1006, reason: "", wasClean: false };

test("the log has states, attempts, delays, frames, drops and closes, in order", async (t) => {
  const url = "wss://ann:pass@stub.test/chat?token=secret&room=7";
  const masked = "wss://***@stub.test/chat?token=***&room=***";
  const { socket, take } = logged(t, {}, { url, protocols: ["chat"] });
  socket.send({ type: "hello" });
  StubWebSocket.last.accept("chat");
  await next(socket, "open");
  assert.deepEqual(take(), [
    `created for ${masked}, connecting`,
    'queued {"type":"hello"}',
    "connecting -> open, subprotocol chat",
    'sent {"type":"hello"}',
  ]);

  const long = `{"type":"long","text":"${"x".repeat(200)}"}`;
  socket.send(long);
  socket.send(new Uint8Array(12));
  StubWebSocket.last.deliver('{"type":"welcome"}');
  StubWebSocket.last.deliver(new ArrayBuffer(5));
  await new Promise(setImmediate);
  assert.deepEqual(take(), [
    `sent ${long.slice(0, 100)}…`,
    "sent 12 bytes",
    'received {"type":"welcome"}',
    "received 5 bytes",
  ]);

  StubWebSocket.last.onclose({ code: 1012, reason: "retry-after=0", wasClean: true });
  await reached(socket, "waiting");
  socket.send({ type: "now", at: 1 }, { volatile: true });
  await next(socket, "drop");
  await reached(socket, "connecting");
  const attempt = take();
  assert.deepEqual(attempt, [
    "next: later by the server's retry-after",
    "open -> waiting, attempt 2 in 0 ms (retry-after=0)",
    "closed with 1012 (retry-after=0), another attempt follows",
    "dropped now (not_now)",
    "waiting -> connecting",
    `connecting to ${masked}, attempt 2`,
  ]);

  StubWebSocket.last.onclose({ code: 4001, reason: "enough", wasClean: true });
  await reached(socket, "closed");
  assert.equal(socket.send("late").status, "rejected");
  await next(socket, "drop");
  const end = take();
  const [fatal] = end.splice(1, 1);
  assert.match(fatal, /^error fatal_close: the connection was closed with 4001 \(enough\)/);
  assert.deepEqual(end, [
    "next: fatal by the default rule for 4000-4999",
    "connecting -> closed (enough)",
    "closed with 4001 (enough), no other attempt follows",
    "dropped late (closed)",
  ]);
});

test("the log names the source of a decision: a rule, decide, or fresh provider results", async (t) => {
  for (const [reconnect, provider, code, line] of [
    [{ closeRules: { 4001: "fatal" } }, undefined, 4001, "fatal by reconnect.closeRules for 4001"],
    [
      { closeRules: { "4000-4009": "later" } },
      undefined,
      4001,
      "later by reconnect.closeRules for 4000-4009",
    ],
    [{ decide: () => "fatal" }, undefined, 1001, "fatal by reconnect.decide"],
    [{}, undefined, 1001, "retry by the default rule"],
    [
      {},
      () => "ws://stub.test/",
      4401,
      "retry by fresh answers before the default rule for 4000-4999",
    ],
  ]) {
    const { socket, take } = logged(t, { reconnect }, provider && { url: provider });
    if (provider) await reached(socket, "connecting");
    await new Promise(setImmediate);
    StubWebSocket.last.accept();
    await next(socket, "open");
    StubWebSocket.last.onclose({ code, reason: "", wasClean: true });
    await next(socket, "close");
    assert.deepEqual(
      take().filter((one) => one.startsWith("next: ")),
      [`next: ${line}`],
    );
    socket.close();
  }
});

test("the log has errors with their causes, and the URL provided for an attempt", async (t) => {
  let asked = 0;
  const provider = () => {
    if (++asked === 1) throw new Error("no token");
    return "ws://stub.test/?token=secret";
  };
  const { socket, take } = logged(t, {}, { url: provider });
  socket.on("chat", () => {});
  await next(socket, "error");
  await reached(socket, "connecting");
  StubWebSocket.last.accept();
  await next(socket, "open");
  StubWebSocket.last.deliver('{"type":"chat",');
  await next(socket, "error");
  assert.deepEqual(take(), [
    "created for a URL to be provided, connecting",
    "error provider_failed: no token",
    "next: retry by the default rule",
    "connecting -> waiting, attempt 2 in 0 ms (no token)",
    "closed with 1006, another attempt follows",
    "waiting -> connecting",
    "connecting to ws://stub.test/?token=***, attempt 2",
    "connecting -> open",
    'received {"type":"chat",',
    'error malformed_message: a received message is not JSON: {"type":"chat",',
  ]);
});

test("each line has the number of its socket, and the milliseconds since the last one", async (t) => {
  const first = logged(t);
  const second = logged(t);
  await next(first.socket, "drop", first.socket.send("x", { volatile: true }));
  const numbers = [...first.lines, ...second.lines].map((line) => Number(/#(\d+)/.exec(line)[1]));
  assert.equal(new Set(numbers).size, 2);
  assert.equal(numbers.at(-1), numbers[0] + 1);
});

test("a logger may throw, send and close, and the socket keeps working", async (t) => {
  const thrown = [];
  globalThis.reportError = (error) => thrown.push(error.message);
  t.after(() => delete globalThis.reportError);
  const lines = [];
  let socket;
  const debugLogger = (line) => {
    lines.push(line);
    if (line.includes("received one")) throw new Error("of the logger");
    if (line.includes("received two")) socket.send("from the logger");
    if (line.includes("sent from the logger")) socket.close(1000, "by the logger");
  };
  const { socket: made, stub } = await openStub(t, { debug: true, debugLogger });
  socket = made;
  const received = [];
  socket.addEventListener("message", ({ data }) => received.push(data));
  stub.deliver("one");
  stub.deliver("two");
  await next(socket, "statechange");
  assert.deepEqual(received, ["one", "two"]);
  assert.deepEqual(stub.sent, ["from the logger"]);
  assert.equal(socket.state, "closing");
  assert.deepEqual(thrown, ["of the logger"]);
});

test("DEBUG turns the log on as in npm's debug package, and debug: false turns it off", async (t) => {
  t.after(() => {
    delete process.env.DEBUG;
  });
  const isLogged = async (DEBUG, options) => {
    process.env.DEBUG = DEBUG;
    const { lines } = logged(t, { debug: undefined, startClosed: true, ...options });
    await new Promise(setImmediate);
    return lines.length > 0;
  };
  for (const on of [
    "steadysocket",
    "*",
    "express:*,steadysocket",
    "a steady* b",
    "s*t",
    "*,-app",
  ]) {
    assert.equal(await isLogged(on), true, on);
  }
  for (const off of [
    "",
    "app",
    "steadysockets",
    "steady",
    "*,-steadysocket",
    "-*,*",
    "st(",
    "[a-z]",
  ]) {
    assert.equal(await isLogged(off), false, off);
  }
  assert.equal(await isLogged("*", { debug: false }), false);
  assert.equal(await isLogged("app", { debug: true }), true);
});

test("without debug nothing is logged; with it, the default logger is the console", async (t) => {
  const log = t.mock.method(console, "log", () => {});
  const { socket, stub } = await openStub(t);
  socket.send("x");
  stub.deliver("y");
  stub.onclose(cut);
  await reached(socket, "waiting");
  assert.equal(log.mock.callCount(), 0);
  const { socket: debugged } = await openStub(t, { debug: true });
  assert.ok(log.mock.callCount() > 0);
  assert.match(log.mock.calls[0].arguments[0], /^steadysocket #\d+ \+\d+ms created for ws:/);
  debugged.close();
});

test("secrets in the URLs of errors and reasons are masked", async (t) => {
  const url = () => "wss://user:password@exa mple/?token=secret";
  const { socket, take } = logged(t, {}, { url });
  await next(socket, "error");
  await reached(socket, "waiting");
  socket.close();
  await reached(socket, "closed");
  const lines = take().join("\n");
  assert.match(
    lines,
    /error provider_failed: .*invalid URL: "wss:\/\/\*\*\*@exa mple\/\?token=\*\*\*/,
  );
  assert.doesNotMatch(lines, /secret|password/);
});
