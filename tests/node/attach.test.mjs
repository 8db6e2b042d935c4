// attach() and whenShared(): access from JavaScript to the socket of a C++ program.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { next, reached, record } from "../support/sockets.mjs";
import {
  attach,
  Game,
  playOpen,
  SteadySocket,
  startProgram,
  whenShared,
} from "./shared-program.mjs";

test("whenShared waits until the program creates the socket, and receives every event from then on", async (t) => {
  const server = await EchoServer.start(t);
  const module = await startProgram();
  new Game(t, module, "other", server.url());
  const waiting = whenShared(module, "game");
  const game = new Game(t, module, "game", server.url());
  game.cpp.connect();
  const socket = await waiting;
  const lines = record(socket);
  await reached(socket, "open");
  assert.deepEqual(lines.slice(0, 2), ["statechange connecting", "statechange open"]);
  assert.notEqual(await whenShared(module, "game"), socket);
});

test("the signal of whenShared ends the wait", async (t) => {
  const server = await EchoServer.start(t);
  const module = await startProgram();
  new Game(t, module, "other", server.url());
  const reason = new Error("enough");
  await assert.rejects(whenShared(module, "game", { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const waiting = whenShared(module, "game", { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  assert.equal(module.steadysocket.waiting.length, 0);
});

test("attach throws errors that name the mistake", async (t) => {
  const server = await EchoServer.start(t);
  const module = await startProgram();
  const game = new Game(t, module, "game", server.url());
  assert.throws(() => attach(module, "gmae"), {
    name: "InvalidStateError",
    message: /unknown shared socket: "gmae" \(available: "game"\); whenShared/,
  });
  assert.throws(() => attach(Promise.resolve(module), "game"), /TypeError.*await it/s);
  for (const other of [{}, undefined, null, 1]) {
    assert.throws(() => attach(other, "game"), /no shared sockets.*steadysocket_add_bindings/);
  }
  assert.throws(() => attach(module, "game", { queue: {} }), /unknown option: queue of attach/);
  assert.throws(() => new SteadySocket(server.url()), /created by attach\(\)/);
  assert.equal(game.cpp.error(), "");
});

test("attach refuses a program with bindings of another version", async (t) => {
  const server = await EchoServer.start(t);
  const module = await startProgram();
  new Game(t, module, "game", server.url());
  module.steadysocket.sockets.get("game").version = "0.0.1";
  assert.throws(
    () => attach(module, "game"),
    /version mismatch: .* version 0\.0\.1, this script has version \d/,
  );
});

test("the bindings, the package and the CMake project have the same version", async (t) => {
  const server = await EchoServer.start(t);
  const module = await startProgram();
  new Game(t, module, "game", server.url());
  const { version } = module.steadysocket.sockets.get("game");
  const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  assert.equal(JSON.parse(await read("package.json")).version, version);
  const [, ofProject] = /^project\([^)]*VERSION ([\d.]+)/ms.exec(await read("CMakeLists.txt"));
  assert.equal(ofProject, version);
});

test("a name in use is an error in C++, and does not affect the first socket", async (t) => {
  const { server, module, cpp, socket } = await playOpen(t);
  const second = new Game(t, module, "game", server.url());
  assert.equal(second.cpp.error(), 'there is a shared socket "game" already');
  assert.equal(second.cpp.state(), "closed");
  assert.equal(new Game(t, module, "", server.url()).cpp.error(), "a shared socket needs a name");
  second.destroy();
  assert.equal(cpp.state(), "open");
  assert.equal(attach(module, "game").state, socket.state);
});

test("invalid options of the program close the socket, which can still be attached", async (t) => {
  const module = await startProgram();
  const game = new Game(t, module, "game", "no URL");
  const socket = attach(module, "game");
  assert.match(game.cpp.error(), /URL/);
  const lines = record(socket);
  await next(socket, "close");
  assert.ok(lines.includes("error invalid_url"), lines.join("\n"));
});

test("the program's own bindings still work", async () => {
  const module = await startProgram();
  assert.equal(module.create(), 1);
});
