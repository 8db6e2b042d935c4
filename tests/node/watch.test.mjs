// `watch`: values computed from a socket, for UI frameworks.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { SteadySocket } from "../support/package.mjs";
import { openSocket, reached } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";
import { playOpen } from "./shared-program.mjs";
import { openStub } from "./stub.mjs";

const readState = ({ state }) => state;
const microtask = () => new Promise(queueMicrotask);

/** A socket that does not connect. */
const makeClosed = () => new SteadySocket("ws://stub.test/", [], { WebSocket, startClosed: true });

/** Subscribes, and collects the values. */
function collect(t, watch) {
  const values = [];
  t.after(watch.subscribe((value) => values.push(value)));
  return values;
}

test("a subscriber is called at once, and whenever the value has changed", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  const watch = socket.watch(readState);
  assert.equal(watch.get(), "connecting");
  const states = collect(t, watch);
  assert.deepEqual(states, ["connecting"]);
  await socket.opened;
  await server.stop();
  await reached(socket, "waiting");
  await server.restart();
  await socket.opened;
  socket.close();
  await reached(socket, "closed");
  socket.reconnect();
  await socket.opened;
  const lives = ["connecting", "open", "waiting", "connecting", "open"];
  assert.deepEqual(
    states.filter((state) => state !== "closing"),
    [...lives, "closed", "connecting", "open"],
  );
});

test("get returns the same object until a member has changed, at any depth", async (t) => {
  const { socket, stub } = await openStub(t, { heartbeat: true });
  const watch = socket.watch(({ state, retryCount }) => ({ state, list: [retryCount, { state }] }));
  const first = watch.get();
  assert.deepEqual(first, { state: "open", list: [0, { state: "open" }] });
  socket.send("x");
  assert.equal(watch.get(), first);
  const values = collect(t, watch);
  assert.equal(values[0], first);
  socket.send("x");
  await microtask();
  assert.equal(values.length, 1);
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  assert.equal(watch.get().state, "waiting");
  assert.equal(watch.get(), watch.get());
});

test("plain objects, arrays and numbers are compared by value, class instances by identity", () => {
  const socket = makeClosed();
  const made = [Number.NaN, [], {}, [1], [2], new Date(0), new Date(0), { a: undefined }, { b: 1 }];
  let index = 0;
  const watch = socket.watch(() => made[index]);
  const got = made.map((_, at) => {
    index = at;
    return watch.get();
  });
  for (const [at, value] of got.entries()) assert.equal(value, made[at]);
  const equal = socket.watch(() => [Number.NaN, { a: [] }, null]);
  assert.equal(equal.get(), equal.get());
});

test("changes in one task are one call, with the value at the end of the task", async (t) => {
  const { socket } = await openStub(t);
  const states = collect(t, socket.watch(readState));
  socket.suspend();
  socket.resume();
  socket.suspend();
  assert.deepEqual(states, ["open"]);
  await microtask();
  assert.deepEqual(states, ["open", "suspended"]);
  socket.resume();
  socket.suspend();
  await microtask();
  assert.deepEqual(states, ["open", "suspended"]);
});

test("with every: frame, changes are reported once a frame", async (t) => {
  const frames = [];
  globalThis.requestAnimationFrame = (call) => frames.push(call);
  t.after(() => delete globalThis.requestAnimationFrame);
  const { socket } = await openStub(t);
  const states = collect(t, socket.watch(readState, { every: "frame" }));
  socket.suspend();
  await microtask();
  socket.resume();
  socket.suspend();
  await microtask();
  assert.deepEqual(states, ["open"]);
  assert.equal(frames.length, 1);
  frames.pop()();
  assert.deepEqual(states, ["open", "suspended"]);
  // A change that waits for a frame would delay those of the next test.
  socket.close();
  await reached(socket, "closed");
  await microtask();
  for (const frame of frames) frame();
});

test("without requestAnimationFrame, changes are reported after 16 ms", async (t) => {
  const { socket } = await openStub(t);
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const states = collect(t, socket.watch(readState, { every: "frame" }));
  socket.suspend();
  mock.timers.tick(15);
  assert.deepEqual(states, ["open"]);
  mock.timers.tick(1);
  assert.deepEqual(states, ["open", "suspended"]);
});

test("a selection of retryIn counts whole seconds, and only while subscribed", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.after(() => mock.timers.reset());
  const now = performance.now();
  mock.method(performance, "now", () => now + Date.now());
  mock.method(Math, "random", () => 0.5);
  t.after(() => mock.restoreAll());
  const { socket, stub } = await openStub(t, {
    reconnect: { initialDelay: 7_000, maxDelay: 7_000 },
  });
  const watch = socket.watch(({ retryIn }) => retryIn);
  const plain = socket.watch(readState);
  const [seconds, states] = [collect(t, watch), collect(t, plain)];
  assert.deepEqual(seconds, [undefined]);
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  await microtask();
  assert.equal(socket.retryIn, 3_500);
  assert.deepEqual(seconds, [undefined, 4_000]);
  for (const passed of [499, 1, 999, 1, 1_000]) {
    mock.timers.tick(passed);
    await microtask();
  }
  assert.deepEqual(seconds, [undefined, 4_000, 3_000, 2_000, 1_000]);
  assert.equal(watch.get(), 1_000);
  assert.equal(socket.retryIn, 1_000);
  mock.timers.tick(1_000);
  await microtask();
  assert.deepEqual(seconds.slice(5), [undefined]);
  assert.deepEqual(states, ["open", "waiting", "connecting"]);
});

test("without subscribers nothing is computed, and a removed subscriber is not called", async (t) => {
  const { socket } = await openStub(t);
  let count = 0;
  const watch = socket.watch(({ state }) => {
    ++count;
    return state;
  });
  const calls = [];
  const end = watch.subscribe((state) => calls.push(["first", state]));
  const endOther = watch.subscribe((state) => calls.push(["second", state]));
  end();
  end();
  socket.suspend();
  await microtask();
  endOther();
  const before = count;
  socket.resume();
  await microtask();
  assert.equal(count, before);
  assert.deepEqual(calls, [
    ["first", "open"],
    ["second", "open"],
    ["second", "suspended"],
  ]);
});

test("an error of a subscriber or a selection is reported, and does not affect others", async (t) => {
  const errors = [];
  globalThis.reportError = (error) => errors.push(error.message);
  t.after(() => delete globalThis.reportError);
  const { socket } = await openStub(t);
  let isBroken = false;
  const watch = socket.watch(({ state }) => {
    if (isBroken) throw new Error("selection");
    return state;
  });
  const end = watch.subscribe(() => {
    throw new Error("subscriber");
  });
  const states = collect(t, watch);
  socket.suspend();
  await microtask();
  isBroken = true;
  socket.resume();
  await microtask();
  assert.throws(watch.get, { message: "selection" });
  isBroken = false;
  socket.suspend();
  socket.resume();
  await microtask();
  assert.deepEqual(states, ["open", "suspended", "connecting"]);
  end();
  assert.deepEqual(errors, ["subscriber", "subscriber", "selection", "subscriber"]);
});

test("invalid arguments of watch and subscribe are TypeErrors that state what is allowed", () => {
  const socket = makeClosed();
  for (const [call, message] of [
    [() => socket.watch(), "select of watch must be a function, got undefined"],
    [
      () => socket.watch(readState, { every: "second" }),
      'every of watch must be one of change, frame, got "second"',
    ],
    [() => socket.watch(readState, { often: 1 }), "unknown option: often of watch"],
    [() => socket.watch(readState).subscribe(1), "run of subscribe must be a function, got 1"],
  ]) {
    assert.throws(call, { name: "TypeError", message: `SteadySocket: ${message}` });
  }
});

test("a watch does not keep its socket alive, a subscription does", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const server = await LocalServer.start(t);
  const states = [];
  const options = { WebSocket, reconnect: false };
  const connect = (path, use) => {
    use(new SteadySocket(server.url(path), [], options).watch(readState));
    return server.until(() => server.connections.length === Number(path.slice(1)));
  };
  await connect("/1", (watch) => watch.subscribe(() => {})());
  await connect("/2", (watch) => watch.subscribe((state) => states.push(state)));
  const [forgotten, subscribed] = server.connections;
  await eventually(() => {
    collect();
    return forgotten.readyState === 3;
  });
  assert.equal(subscribed.readyState, 1);
  subscribed.close(1000);
  await eventually(() => states.at(-1) === "closed");
  assert.deepEqual(states.slice(0, 2), ["connecting", "open"]);
});

test("a watch of an attached socket follows the socket of the program", async (t) => {
  const { server, cpp, socket } = await playOpen(t);
  const watch = socket.watch(({ state, bufferedAmount }) => [state, bufferedAmount]);
  const values = collect(t, watch);
  assert.deepEqual(values, [["open", 0]]);
  await server.stop();
  await reached(socket, "waiting");
  socket.send("12345");
  await microtask();
  assert.deepEqual(values.at(-1), ["waiting", 5]);
  cpp.close(1000);
  await eventually(() => values.at(-1)[0] === "closed");
  assert.deepEqual(values.at(-1), ["closed", 0]);
});
