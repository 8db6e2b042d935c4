// The server as a program: the files it serves, settings, shutdown, persistent data.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { eventually, once } from "../../../../tests/support/until.mjs";
import { createLogger } from "../../../common/logger.mjs";
import { dataFolder } from "../../../common/tests/demo-server.mjs";
import { exchange, statusesOf, upgradeRequest } from "../../../common/tests/raw-http.mjs";
import { complete } from "../../server/config.mjs";
import { Match } from "../../server/match.mjs";
import { hashOf, Store } from "../../server/store.mjs";
import { GameClient, newKey } from "../support/client.mjs";
import { FakeSocket } from "../support/fake-socket.mjs";
import { GameServer, serveGame } from "../support/server.mjs";

test("the page is served with a strict policy, with the game, and nothing else is", async (t) => {
  const server = await serveGame(t);
  const site = `http://127.0.0.1:${server.port}/`;
  const response = await fetch(site);
  assert.equal(response.status, 200);
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
  const types = { "game.mjs": "text/javascript", "game.wasm": "application/wasm" };
  for (const [path, type] of Object.entries({ ...types, "attach.js": "text/javascript" })) {
    const file = await fetch(site + path);
    assert.equal(file.status, 200, path);
    assert.ok(file.headers.get("content-type").startsWith(type), path);
  }
  for (const path of ["../package.json", "..%2fserver%2fmain.mjs", "page", "game_bot"]) {
    assert.equal((await fetch(site + path)).status, 404, path);
  }
});

test("/healthz reports the status and the number of players", async (t) => {
  const server = await serveGame(t);
  await GameClient.join(t, server, "Ann");
  await GameClient.connect(t, server);
  const response = await fetch(`http://127.0.0.1:${server.port}/healthz`);
  assert.equal(response.status, 200);
  const { uptime, ...health } = await response.json();
  assert.deepEqual(health, { status: "ok", players: 1, connections: 2, statesSkipped: 0 });
  assert.ok(Number.isInteger(uptime));
});

test("an Upgrade other than websocket is ignored: the request is answered", async (t) => {
  const server = await serveGame(t);
  for (const path of ["/", "/healthz"]) {
    const reply = await exchange(t, server.port, upgradeRequest(path));
    assert.deepEqual(statusesOf(reply), [200], path);
  }
});

test("only pages of this machine may connect, and only to the game", async (t) => {
  const server = await serveGame(t);
  const handshake = async (path, options) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/${path}`, options);
    t.after(() => socket.terminate());
    return once(socket, "open").then(
      () => "open",
      (error) => error.message,
    );
  };
  assert.match(await handshake("game", { origin: "http://evil.test" }), /403/);
  assert.match(await handshake("game", { headers: { Host: "evil.test" } }), /403/);
  assert.match(await handshake("chat", {}), /404/);
  const origin = `http://127.0.0.1:${server.port}`;
  assert.equal(await handshake("game", { origin }), "open");
});

test("a published score, the position and the chat survive a kill", async (t) => {
  const server = await GameServer.start(t);
  const key = newKey();
  const ann = await GameClient.join(t, server, "Ann", { key });
  ann.send({ type: "chat", id: "line", text: "before" });
  await ann.receives("said");
  await ann.collect(2);
  const { colour } = ann.me;
  const { score } = await ann.receives("scored", (one) => one.score >= 2);
  await server.kill();
  await ann.closed;
  // The position when the server died: no state of it arrived after this one.
  const { x, y } = ann.me;

  await server.restart();
  const again = await GameClient.join(t, server, "Ann", { key });
  const mine = again.welcomed;
  assert.equal(mine.colour, colour);
  assert.ok(mine.score >= score, `${mine.score} of ${score}`);
  await again.until(() => again.me !== undefined);
  // Positions are written once a second.
  const far = Math.hypot(again.me.x - x, again.me.y - y);
  assert.ok(far <= 1.5 * 280, `${far} from where they were`);

  assert.equal(again.welcome.history, ann.welcome.history);
  assert.deepEqual(again.welcome.chat, [{ n: 1, name: "Ann", text: "before" }]);
  again.send({ type: "chat", id: "line", text: "before" });
  again.send({ type: "chat", id: "next", text: "after" });
  assert.deepEqual(await again.receives("said"), { type: "said", id: "line", n: 1 });
  const received = await again.receives("chat");
  assert.deepEqual(received, { type: "chat", n: 2, name: "Ann", text: "after" });
});

test("after a restart a newcomer does not get the colour of a player who has yet to return", async (t) => {
  const server = await GameServer.start(t);
  const key = newKey();
  const ann = await GameClient.join(t, server, "Ann", { key });
  await ann.collect(1);
  await server.kill();
  await server.restart();
  const bob = await GameClient.join(t, server, "Bob");
  const again = await GameClient.join(t, server, "Ann", { key });
  assert.deepEqual([again.welcomed.colour, bob.welcomed.colour], [0, 1]);
});

test("SIGTERM closes with 1012, keeps the position, and exits with 0", async (t) => {
  const server = await GameServer.start(t);
  const key = newKey();
  const ann = await GameClient.join(t, server, "Ann", { key });
  await ann.collect(1);
  server.signal("SIGTERM");
  const { code, reason } = await ann.closed;
  assert.deepEqual([code, reason], [1012, "the server stops; retry-after=0"]);
  const { x, y } = ann.me;
  assert.deepEqual(await server.ended(), { code: 0, signal: null });
  await server.restart();
  const again = await GameClient.join(t, server, "Ann", { key });
  await again.until(() => again.me !== undefined);
  // A step or two may have passed between the last received state and the end.
  assert.ok(Math.hypot(again.me.x - x, again.me.y - y) <= 2 * 14);
});

test("an invalid setting is reported in one line", async (t) => {
  for (const [name, value, says] of [
    ["GAME_PLAYERS", "65", "a whole number from 1 to 64"],
    ["GAME_ORIGINS", "game", "a list of origins"],
    ["GAME_TARGET", "0", "a whole number from 1 to 100000"],
    ["GAME_LOG_LEVEL", "loud", "trace, debug"],
  ]) {
    const server = new GameServer(t, { [name]: value });
    await assert.rejects(server.restart(), /ended/);
    const lines = server.errors.trim().split("\n");
    assert.equal(lines.length, 1, server.errors);
    assert.ok(lines[0].startsWith(`game: ${name} must be ${says}`), lines[0]);
  }
});

test("a folder that another server has open is reported in one line", async (t) => {
  const server = await GameServer.start(t);
  const other = new GameServer(t, { GAME_DATA: server.data });
  await assert.rejects(other.restart(), /ended/);
  assert.match(other.errors.trim(), /^game: cannot open .*: another server has it open$/);
});

test("the log has JSON lines, and never keys, names or users' texts", async (t) => {
  const server = await GameServer.start(t);
  const key = newKey();
  const ann = await GameClient.join(t, server, "Ann-Kathrin", { key });
  ann.send({ type: "chat", id: "a", text: "a secret" });
  await ann.receives("said");
  ann.socket.terminate();
  await server.logged("joined");
  await server.kill("SIGTERM");
  const all = JSON.stringify(server.logs);
  assert.match(all, /"listening"/);
  assert.match(all, /"stopped"/);
  assert.doesNotMatch(all, /Ann-Kathrin|a secret|test-key/);
});

test("players are deleted after a week, and lines after five hundred", async (t) => {
  const folder = dataFolder(t, "store");
  const saved = { name: "Ann", colour: 1, score: 5, x: 1, y: 2, seen: Date.now() };
  const week = 7 * 24 * 60 * 60 * 1000;
  let store = await Store.open(folder);
  t.after(() => store.close());
  await store.savePlayers([
    ["old", { ...saved, seen: saved.seen - week - 1 }],
    ["new", saved],
  ]);
  const said = [];
  for (let n = 1; n <= 510; ++n) {
    said.push(store.addLine({ id: String(n), author: "new", name: "Ann", text: `line ${n}` }));
  }
  await Promise.all(said);
  await store.close();
  const { history } = store;
  store = await Store.open(folder);
  assert.equal(store.history, history);
  assert.deepEqual([...store.players], [["new", saved]]);
  assert.equal(store.lines.length, 500);
  assert.deepEqual([store.lines[0].n, store.lines.at(-1).n], [11, 510]);
});

test("of more than ten thousand players, none who rests in the arena is deleted", async (t) => {
  const store = await Store.open(dataFolder(t, "store"));
  t.after(() => store.close());
  const match = new Match(complete({}), createLogger("silent"), store);
  const join = async (name) => {
    const key = newKey();
    FakeSocket.join(t, match, name, key);
    match.step(0);
    await eventually(() => store.players.has(hashOf(key)));
    return hashOf(key);
  };
  const ann = await join("Ann");
  const saved = { name: "Gone", colour: 1, score: 5, x: 1, y: 2, seen: Date.now() };
  const others = Array.from({ length: 9999 }, (_, n) => [`gone-${n}`, saved]);
  await store.savePlayers(/** @type {any} */ (others));
  const bob = await join("Bob");
  await match.stop();
  assert.ok(store.players.has(ann) && store.players.has(bob));
  assert.equal(store.players.size, 10_000);
  assert.ok(!store.players.has("gone-0") && store.players.has("gone-1"));
});
