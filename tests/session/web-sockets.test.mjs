// Sessions on WebSockets of the `ws` package, and on the interfaces of other servers.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket, { WebSocketServer } from "ws";
import { once, Waiting } from "../support/until.mjs";
import { createSessions } from "./package.mjs";
import { Peer, recording, TestClient } from "./peer.mjs";

/** Starts a server of the `ws` package until the test ends. */
async function serve(t, options, onconnection) {
  const record = recording(options);
  const waiting = new Waiting();
  const sessions = createSessions(record.options);
  const settings = { port: 0, host: "127.0.0.1", handleProtocols: sessions.pick };
  const server = new WebSocketServer(settings);
  server.on("connection", (webSocket, request) => {
    (onconnection ?? sessions.accept)(webSocket, request, sessions);
  });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  const open = async (protocols) => {
    const webSocket = new WebSocket(`ws://127.0.0.1:${server.address().port}`, protocols);
    const frames = [];
    webSocket.on("error", () => {});
    webSocket.on("message", (data, isBinary) => {
      frames.push(isBinary ? [...data] : String(data).replaceAll("\x10", "^"));
      waiting.look();
    });
    webSocket.on("close", (code, reason) => {
      webSocket.end = `${code} ${reason}`.trim();
      waiting.look();
    });
    await once(webSocket, "open");
    const until = (condition) => waiting.until(condition, () => frames.join(" | "));
    const sendFrames = (...outgoing) => {
      for (const frame of outgoing) webSocket.send(frame.replaceAll("^", "\x10"));
    };
    return { webSocket, frames, until, sendFrames };
  };
  return { ...record, server, sessions, open };
}

test("ws: a session continues over two connections, with text and binary data", async (t) => {
  const { open, made, log } = await serve(t, {}, (webSocket, _request, sessions) => {
    sessions.accept(webSocket);
  });
  const { id } = new TestClient();
  const first = await open(["chat", "chat+steady.1"]);
  assert.equal(first.webSocket.protocol, "chat+steady.1");
  await first.until(() => first.frames.length === 1);
  const [, life] = /^\^G 1 (\S+)$/.exec(first.frames[0]);
  first.sendFrames(`^H ${id} ${life} 1 0`, "a");
  first.webSocket.send(Buffer.from([1, 2]));
  await first.until(() => first.frames.includes("^A 2"));
  made[0].send("one");
  made[0].send(new Uint8Array([3, 4]));
  await first.until(() => first.frames.length === 6);
  assert.deepEqual(first.frames.slice(1), [`^W ${life} 0 120000`, "^A 2", "^@ 1", "one", [3, 4]]);
  first.webSocket.terminate();
  const second = await open(["steady.1"]);
  await second.until(() => second.frames.length === 1);
  second.sendFrames(`^H ${id} ${life} 2 1`, "^@ 3", "c", "^X");
  await second.until(() => second.webSocket.end);
  assert.equal(second.webSocket.end, "1000");
  assert.deepEqual(second.frames.slice(1), [`^W ${life} 2 120000`, "^@ 2", [3, 4]]);
  assert.deepEqual(log, ["1 a", "2 bytes 1,2", "3 c", "ended 2:3,4"]);
});

test("ws: a plain client's messages are received by the application only", async (t) => {
  const { open, sessions, made } = await serve(t, {}, (webSocket, _request, all) => {
    if (!all.accept(webSocket)) webSocket.on("message", (data) => webSocket.send(`echo ${data}`));
  });
  const plain = await open([]);
  plain.sendFrames("^A 1");
  await plain.until(() => plain.frames.length === 1);
  assert.deepEqual(plain.frames, ["echo ^A 1"]);
  assert.deepEqual([sessions.size, made.length], [0, 0]);
});

test("ws: a connection may be accepted after a first message has authenticated it", async (t) => {
  const { open, made } = await serve(t, {}, (webSocket, _request, sessions) => {
    webSocket.once("message", (token) => {
      webSocket.send("welcome");
      sessions.accept(webSocket, { user: String(token) });
    });
  });
  const client = await open(["steady.1"]);
  client.sendFrames("ann");
  await client.until(() => client.frames.length === 2);
  assert.equal(client.frames[0], "welcome");
  const [, life] = /^\^G 1 (\S+)$/.exec(client.frames[1]);
  client.sendFrames(`^H ${new TestClient().id} ${life} 1 0`);
  await client.until(() => client.frames.length === 3);
  assert.equal(made[0].user, "ann");
});

test("ws: a frame that violates the protocol closes with 4400 and a reason", async (t) => {
  const { open } = await serve(t, {}, (webSocket, _request, sessions) => {
    sessions.accept(webSocket);
  });
  const client = await open(["steady.1"]);
  client.sendFrames("^H nobody");
  await client.until(() => client.webSocket.end);
  assert.equal(client.webSocket.end, "4400 H: malformed id");
});

test("ws: a message above the server's maxPayload closes the connection and not the session", async (t) => {
  const { open, server, made, log } = await serve(t, {}, (webSocket, _request, sessions) => {
    sessions.accept(webSocket);
  });
  server.options.maxPayload = 1000;
  const client = await open(["steady.1"]);
  await client.until(() => client.frames.length === 1);
  const [, life] = /^\^G 1 (\S+)$/.exec(client.frames[0]);
  client.sendFrames(`^H ${new TestClient().id} ${life} 1 0`, "x".repeat(2000));
  await client.until(() => client.webSocket.end);
  assert.match(client.webSocket.end, /^1009/);
  assert.deepEqual([made.length, log], [1, []]);
});

/** The standard interface, as in Deno and Cloudflare Workers. */
class StandardSocket extends EventTarget {
  protocol = "steady.1";
  readyState = 1;
  binaryType = "blob";
  #peer = new Peer();

  get frames() {
    return this.#peer.frames;
  }

  get end() {
    return this.#peer.end;
  }

  send(data) {
    if (this.readyState !== 1) throw new DOMException("not open", "InvalidStateError");
    this.#peer.send(data);
  }

  close(code, reason) {
    this.#peer.close(code, reason);
  }

  sendFrames(...frames) {
    for (const data of frames) {
      this.dispatchEvent(
        new MessageEvent("message", {
          data: typeof data === "string" ? data.replaceAll("^", "\x10") : data,
        }),
      );
    }
  }
}

/** Same with handlers, without listeners. */
class HandlerSocket extends Peer {
  onmessage = null;
  onopen = null;
  onclose = null;
  binaryType = "blob";
  readyState = 1;
  on = undefined;

  sendFrames(...frames) {
    for (const data of frames) {
      this.onmessage({ data: typeof data === "string" ? data.replaceAll("^", "\x10") : data });
    }
  }

  dispatchEvent({ type }) {
    this[`on${type}`]({});
  }
}

for (const [name, SocketClass] of [
  ["listeners", StandardSocket],
  ["handlers", HandlerSocket],
]) {
  test(`a WebSocket with ${name}: greeted when it opens, binary data as an ArrayBuffer`, () => {
    const { options, log, made } = recording();
    const sessions = createSessions(options);
    const socket = new SocketClass();
    socket.readyState = 0;
    sessions.accept(socket);
    assert.deepEqual(socket.frames, []);
    assert.equal(socket.binaryType, "arraybuffer");
    socket.readyState = 1;
    socket.dispatchEvent(new Event("open"));
    const [, life] = /^\^G 1 (\S+)$/.exec(socket.frames[0]);
    const { id } = new TestClient();
    socket.sendFrames(`^H ${id} ${life} 1 0`, "a", new Uint8Array([1, 2]).buffer);
    assert.deepEqual(log, ["1 a", "2 bytes 1,2"]);
    assert.equal(made[0].isConnected, true);
    // send throws from now on, which is ignored.
    socket.readyState = 2;
    made[0].send("one");
    socket.dispatchEvent(new Event("close"));
    assert.equal(made[0].isConnected, false);
    const next = new SocketClass();
    sessions.accept(next);
    next.sendFrames(`^H ${id} ${life} 2 0`);
    assert.deepEqual(next.frames.slice(2), ["^@ 1", "one"]);
    // The older connection is closed with the code for a takeover.
    const newest = new SocketClass();
    sessions.accept(newest);
    newest.sendFrames(`^H ${id} ${life} 3 1`);
    assert.match(next.end, /^4409 /);
    assert.equal(newest.end, undefined);
  });
}

test("a server without events on its connections may call receive and closed", () => {
  const { options, log, made } = recording();
  const sessions = createSessions(options);
  const frames = [];
  const webSocket = { send: (data) => frames.push(data), close() {} };
  assert.equal(sessions.accept(webSocket), undefined);
  const accepted = sessions.accept(webSocket, { protocol: "steady.1" });
  const [, life] = /^.G 1 (\S+)$/.exec(frames[0]);
  accepted.receive(`\x10H ${new TestClient().id} ${life} 1 0`);
  accepted.receive("a");
  accepted.receive(new Uint8Array([7]));
  assert.deepEqual(log, ["1 a", "2 bytes 7"]);
  accepted.closed();
  assert.equal(made[0].isConnected, false);
});
