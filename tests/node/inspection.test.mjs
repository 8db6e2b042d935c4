// Sockets and events in Node's console, by node:util's inspect.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  DropEvent,
  packageUrl,
  StateChangeEvent,
  SteadyCloseEvent,
  SteadyErrorEvent,
  SteadySocket,
} from "../support/package.mjs";
import { next, reached } from "../support/sockets.mjs";
import { openStub, StubWebSocket } from "./stub.mjs";

const opened = (t, url, options = {}) => {
  const socket = new SteadySocket(url, ["chat"], { WebSocket: StubWebSocket, ...options });
  t.after(() => {
    socket.close();
    StubWebSocket.endAll();
  });
  return socket;
};

/** In one line. */
const shown = (value) => inspect(value, { breakLength: Number.POSITIVE_INFINITY });

test("a socket shows its URL without secrets, its state and its protocol", async (t) => {
  const socket = opened(t, "wss://ann:pass@host.test/chat?token=secret&room=7&bare");
  const url = "wss://***@host.test/chat?token=***&room=***&***";
  assert.ok(shown(socket).startsWith(`SteadySocket { url: '${url}', state: 'connecting'`));
  StubWebSocket.last.accept("chat");
  await next(socket, "open");
  assert.match(shown(socket), /state: 'open'.* protocol: 'chat' \}$/);
  assert.doesNotMatch(shown(socket), /secret|pass|retryIn/);
});

test("a waiting socket shows retryIn, also inside of another object", async (t) => {
  const { socket, stub } = await openStub(t, {
    reconnect: { initialDelay: 60_000, maxDelay: 60_000 },
  });
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  await reached(socket, "waiting");
  assert.match(
    shown({ app: { socket } }),
    /socket: SteadySocket \{ .*state: 'waiting'.* retryIn: \d+/,
  );
  assert.match(shown([[[[socket]]]]), /Array/);
});

test("a subclass is shown by its own name, and an object that inherits from a socket has no values", async (t) => {
  class Chat extends SteadySocket {}
  const options = { startClosed: true, WebSocket: StubWebSocket };
  const chat = new Chat("ws://host.test/", [], options);
  t.after(() => chat.close());
  assert.match(shown(chat), /^Chat \{ url: 'ws:\/\/host.test\/', state: 'closed'/);
  assert.equal(shown(Object.create(chat)), "Chat {}");
  const { SteadySocket: Core } = await import(packageUrl.replace("steadysocket.js", "core.js"));
  const core = new Core("ws://host.test/", [], options);
  assert.match(shown(core), /^SteadySocket \{ url: 'ws:\/\/host.test\/', state: 'closed'/);
});

test("events show their fields, and only the beginning or the size of dropped data", () => {
  const cause = new RangeError("cause");
  assert.match(
    shown(new SteadyErrorEvent("provider_failed", "no token", cause)),
    /^SteadyErrorEvent \{\s+code: 'provider_failed',\s+message: 'no token',\s+cause: RangeError: cause\n/,
  );
  for (const [event, text] of [
    [
      new SteadyErrorEvent("gave_up", "no attempt left"),
      "SteadyErrorEvent { code: 'gave_up', message: 'no attempt left' }",
    ],
    [
      new SteadyCloseEvent({ code: 1013, reason: "later", wasClean: true, willRetry: true }),
      "SteadyCloseEvent { code: 1013, reason: 'later', willRetry: true, wasClean: true }",
    ],
    [
      new StateChangeEvent("waiting", "open", 812, "bye"),
      "StateChangeEvent { state: 'waiting', previous: 'open', retryIn: 812, reason: 'bye' }",
    ],
    [
      new DropEvent("queue_full", '{"type":"chat"}', 3),
      `DropEvent { reason: 'queue_full', data: '{"type":"chat"}', id: 3 }`,
    ],
    [
      new DropEvent("closed", "x".repeat(1e6), 0),
      `DropEvent { reason: 'closed', data: '${"x".repeat(100)}…', id: 0 }`,
    ],
    [
      new DropEvent("closed", new Uint8Array(9), 0),
      "DropEvent { reason: 'closed', data: '9 bytes', id: 0 }",
    ],
    [
      new DropEvent("closed", new Blob(["four"]), 0),
      "DropEvent { reason: 'closed', data: '4 bytes', id: 0 }",
    ],
  ]) {
    assert.equal(shown(event), text);
  }
});

test("a frozen socket object dispatches its events", async (t) => {
  const socket = opened(t, "ws://stub.test/");
  Object.freeze(socket);
  const open = next(socket, "open");
  StubWebSocket.last.accept("chat");
  await open;
  assert.equal(socket.state, "open");
});
