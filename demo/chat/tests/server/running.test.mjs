// The server as a program: the files it serves, settings, shutdown, log.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import WebSocket from "ws";
import { packageText } from "../../../../tests/support/site.mjs";
import { once } from "../../../../tests/support/until.mjs";
import {
  exchange,
  handshakeRequest,
  statusesOf,
  upgradeRequest,
} from "../../../common/tests/raw-http.mjs";
import { ChatClient } from "../support/client.mjs";
import { ChatServer, chatFolder, serveChat, serverScript, spawnNode } from "../support/server.mjs";

/** Runs the server until it exits; resolves to its exit code and output. */
async function runToItsEnd(t, environment) {
  const child = spawnNode(serverScript, [], {
    env: { ...process.env, PORT: "0", CHAT_DATA: chatFolder(t), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let errors = "";
  let output = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  return { code, errors, output };
}

/** Resolves to the answer to a handshake, "open" if it is accepted. */
async function handshake(t, url, options) {
  const socket = new WebSocket(url, options);
  t.after(() => socket.terminate());
  const opened = once(socket, "open").then(
    () => "open",
    (error) => error.message,
  );
  return opened;
}

test("the page is served with a strict policy, and nothing else is", async (t) => {
  const server = await serveChat(t);
  const site = `http://127.0.0.1:${server.port}/`;
  const response = await fetch(site);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^<!doctype html>/i);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
  assert.match(policy, /connect-src 'self'(;|$)/);
  for (const path of ["../package.json", "constructor", "..%2fserver%2fmain.mjs", "chat", "page"]) {
    assert.equal((await fetch(`${site}${path}`)).status, 404, path);
  }
  assert.equal((await fetch(site, { method: "POST" })).status, 405);
});

test("the package is served, with HEAD without content, and not again if it is cached", async (t) => {
  const server = await serveChat(t);
  const url = `http://127.0.0.1:${server.port}/steadysocket.js?v=1`;
  const full = await fetch(url);
  assert.equal(full.headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(await full.text(), String(packageText));
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), full.headers.get("content-length"));
  assert.equal(await head.text(), "");
  const again = await fetch(url, { headers: { "If-None-Match": full.headers.get("etag") } });
  assert.equal(again.status, 304);
});

test("only pages of this machine may connect, checked by Origin and Host", async (t) => {
  const server = await serveChat(t);
  const url = `ws://127.0.0.1:${server.port}/chat`;
  for (const options of [
    { origin: "http://evil.test" },
    { origin: "null" },
    { origin: "garbage" },
    { origin: `https://127.0.0.1:${server.port}` },
    { origin: "http://evil.test", headers: { Host: "evil.test" } },
    { headers: { Host: "evil.test" } },
  ]) {
    assert.match(await handshake(t, url, options), /403/, JSON.stringify(options));
  }
  assert.equal(await handshake(t, url, { origin: `http://127.0.0.1:${server.port}` }), "open");
  assert.equal(await handshake(t, url, {}), "open");
  assert.match(await handshake(t, `ws://127.0.0.1:${server.port}/`, {}), /404/);
});

test("an Upgrade that is not websocket is ignored: the request is answered, then the connection closed", async (t) => {
  const server = await serveChat(t);
  for (const protocol of ["h2c", "TLS/1.0", "h2c, TLS/1.0", "websocket/13", "websockets", ","]) {
    for (const path of ["/", "/healthz"]) {
      const reply = await exchange(t, server.port, upgradeRequest(path, { protocol }));
      assert.deepEqual(statusesOf(reply), [200], protocol);
      assert.match(reply, /^connection: close\r$/im);
    }
  }
  const health = await exchange(t, server.port, upgradeRequest("/healthz"));
  assert.match(health, /"status":"ok"/);
  assert.deepEqual(statusesOf(await exchange(t, server.port, upgradeRequest("/chat"))), [404]);
  const post = upgradeRequest("/", { method: "POST", more: "Content-Length: 5\r\n" });
  assert.deepEqual(statusesOf(await exchange(t, server.port, `${post}hello`)), [405]);
  const before = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const both = await exchange(t, server.port, before + upgradeRequest("/healthz"));
  assert.deepEqual(statusesOf(both), [200, 200]);
});

test("a handshake that offers websocket among others is accepted, where WebSockets connect", async (t) => {
  const server = await serveChat(t);
  const protocols = "h2c, WebSocket";
  const connection = connect(server.port, "127.0.0.1").setEncoding("latin1");
  t.after(() => connection.destroy());
  connection.write(handshakeRequest("/chat", protocols));
  const [reply] = await once(connection, "data");
  connection.destroy();
  assert.match(reply, /^HTTP\/1\.1 101 .*\r\nUpgrade: websocket\r\n/);
  const elsewhere = await exchange(t, server.port, handshakeRequest("/", protocols));
  assert.deepEqual(statusesOf(elsewhere), [404]);
});

test("with CHAT_ORIGINS only pages of these origins may connect", async (t) => {
  const origins = ["https://chat.example.org", "http://other.test:8080"];
  const server = await serveChat(t, { origins });
  const url = `ws://127.0.0.1:${server.port}/chat`;
  const Host = "chat.example.org";
  for (const origin of origins) {
    assert.equal(await handshake(t, url, { origin, headers: { Host } }), "open");
  }
  assert.equal(await handshake(t, url, { headers: { Host } }), "open");
  for (const origin of ["http://chat.example.org", `http://127.0.0.1:${server.port}`, "null"]) {
    assert.match(await handshake(t, url, { origin }), /403/);
  }
  assert.match(await handshake(t, url, { headers: { Host: "evil.test" } }), /403/);
});

test("/healthz reports the status and the number of users", async (t) => {
  const server = await serveChat(t);
  await ChatClient.join(t, server, "Ann");
  await ChatClient.connect(t, server);
  const response = await fetch(`http://127.0.0.1:${server.port}/healthz`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const { uptime, ...health } = await response.json();
  assert.deepEqual(health, { status: "ok", online: 1, connections: 2 });
  assert.ok(Number.isInteger(uptime) && uptime >= 0);
  const stopped = server.stop();
  assert.equal(server.health.status, "stopping");
  await stopped;
});

test("SIGTERM closes with 1012, keeps accepted messages, and exits with 0", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const count = 50;
  for (let i = 0; i < count; ++i) ann.send({ type: "chat-message", id: `m${i}`, message: `${i}` });
  await bob.receivesTexts(1);
  server.signal("SIGTERM");
  for (const client of [ann, bob]) {
    assert.deepEqual(await client.closed, {
      code: 1012,
      reason: "the server stops; retry-after=0",
    });
  }
  assert.deepEqual(await server.ended(), { code: 0, signal: null });
  await server.restart();
  const { history, users } = (await ChatClient.join(t, server, "Carl")).welcome;
  const accepted = ann.received.filter(({ type }) => type === "accepted").map(({ id }) => id);
  const kept = history.map(({ message }) => `m${message}`);
  assert.deepEqual(kept.slice(0, accepted.length), accepted);
  // Messages that were written but not published are at most those in progress, in order.
  assert.deepEqual(
    kept,
    kept.map((_, index) => `m${index}`),
  );
  assert.equal(users.length, 3);
});

test("a stop waits neither for silent nor for unresponsive connections", async (t) => {
  const server = await ChatServer.start(t);
  const quiet = connect(server.port, "127.0.0.1");
  quiet.on("error", () => {});
  await once(quiet, "connect");
  const deaf = await ChatClient.join(t, server, "Deaf");
  deaf.socket.pause();
  const began = performance.now();
  assert.deepEqual(await server.kill("SIGTERM"), { code: 0, signal: null });
  assert.ok(performance.now() - began < 5000);
});

test("a second signal ends it at once, except one that arrives with the first", async (t) => {
  const server = await ChatServer.start(t);
  const deaf = await ChatClient.join(t, server, "Deaf");
  deaf.socket.pause();
  server.signal("SIGINT");
  server.signal("SIGTERM");
  await server.logged("stopping");
  const impatience = setInterval(() => server.signal("SIGINT"), 20);
  t.after(() => clearInterval(impatience));
  assert.deepEqual(await server.ended(), { code: 1, signal: null });
});

test("a port in use is reported in one line", async (t) => {
  const server = await ChatServer.start(t);
  const { code, errors } = await runToItsEnd(t, { PORT: String(server.port) });
  assert.equal(code, 1);
  assert.match(errors, /^chat: port \d+ is in use; choose another: PORT=\d+ npm start\n$/);
});

test("a folder in use, or an invalid one, is reported in one line", async (t) => {
  const data = chatFolder(t);
  await ChatServer.start(t, { CHAT_DATA: data });
  const settings = { CHAT_LOG_LEVEL: "silent", CHAT_DATA: data };
  const inUse = await runToItsEnd(t, settings);
  assert.equal(inUse.code, 1);
  assert.match(inUse.errors, /^chat: .*in use by another process.*\n$/);
  const none = await runToItsEnd(t, { ...settings, CHAT_DATA: "/dev/null/chat" });
  assert.equal(none.code, 1);
  assert.match(none.errors, /^chat: .*\/dev\/null\/chat.*\n$/);
});

const wrong = {
  PORT: ["abc", 'PORT must be a whole number from 0 to 65535, not "abc"'],
  CHAT_CONNECTIONS: ["0", 'CHAT_CONNECTIONS must be a whole number from 1 to 1000000, not "0"'],
  CHAT_RATE: ["1e3", 'CHAT_RATE must be a whole number from 1 to 1000000, not "1e3"'],
  CHAT_PING_INTERVAL: [
    "-1",
    'CHAT_PING_INTERVAL must be a whole number from 10 to 3600000, not "-1"',
  ],
  CHAT_ORIGINS: [
    "https://chat.example.org/chat",
    "CHAT_ORIGINS must be a list of origins such as https://chat.example.org, separated by " +
      'commas, not "https://chat.example.org/chat"',
  ],
  CHAT_LOG_LEVEL: [
    "loud",
    'CHAT_LOG_LEVEL must be trace, debug, info, warn, error, fatal or silent, not "loud"',
  ],
  // It may contain a password.
  CHAT_REDIS_URL: ["localhost:6379", "CHAT_REDIS_URL must be a URL such as redis://127.0.0.1:6379"],
};
for (const [variable, [value, line]] of Object.entries(wrong)) {
  test(`a ${variable} that is invalid is reported in one line`, async (t) => {
    const { code, errors } = await runToItsEnd(t, { [variable]: value });
    assert.equal(code, 1);
    assert.equal(errors, `chat: ${line}\n`);
  });
}

test("an empty setting counts as unset, and the settings are used", async (t) => {
  const server = await ChatServer.start(t, {
    CHAT_HOST: "",
    CHAT_ORIGINS: "https://a.test, https://b.test",
    CHAT_CONNECTIONS: "1",
    CHAT_HISTORY: "0",
    CHAT_LOG_LEVEL: "silent",
  });
  const url = `ws://127.0.0.1:${server.port}/chat`;
  assert.equal(await handshake(t, url, { origin: "https://b.test" }), "open");
  const second = await ChatClient.connect(t, server);
  assert.equal((await second.closed).code, 1013);
  assert.equal(server.errors, "");
});

test("the log has JSON lines for events, and never users' texts or keys", async (t) => {
  const server = await ChatServer.start(t, { CHAT_RATE: "50", CHAT_BURST: "5" });
  const secret = "do-not-log-this-1";
  const key = `${secret}-key`;
  const ann = await ChatClient.join(t, server, `${secret}-name`, { key });
  const bob = await ChatClient.join(t, server, "Bob");
  await ann.says(secret);
  await ann.ask({ type: "private-message", to: "Bob", message: secret });
  await ann.ask({ type: "rename", userName: `${secret}-new` });
  for (const frame of [`{"${secret}`, `{"type":"${secret}"}`, `["${secret}"]`, secret]) {
    ann.send(frame);
  }
  ann.socket.send(Buffer.from(secret));
  for (let i = 0; i < 10; ++i) ann.send(`${secret} ${i}`);
  await ann.receives("notice");
  await bob.receivesText(`${secret} 9`);
  assert.match(
    await handshake(t, `ws://127.0.0.1:${server.port}/chat`, { origin: "http://evil.test" }),
    /403/,
  );
  await ChatClient.join(t, server, `${secret}-new`, { key });
  assert.equal((await ann.closed).code, 4001);
  bob.socket.close(1000);
  await server.logged("left");
  await server.kill("SIGTERM");

  const user = ann.welcome.user.id;
  assert.equal((await server.logged("listening")).port, server.port);
  const { connection } = await server.logged("joined", { user });
  assert.match(connection, /^[\w-]{36}$/);
  await server.logged("connected", { connection });
  await server.logged("renamed", { user, connection });
  await server.logged("rate limited", { user, connection });
  await server.logged("replaced", { user, connection });
  await server.logged("closed", { user, connection, code: 4001 });
  await server.logged("closed", { code: 1000 });
  await server.logged("refused", { status: "403 Forbidden" });
  await server.logged("stopping");
  await server.logged("stopped");
  for (const { level, time } of server.logs) {
    assert.ok(Number.isInteger(level) && Number.isInteger(time));
  }
  assert.ok(!server.errors.includes(secret));
});
