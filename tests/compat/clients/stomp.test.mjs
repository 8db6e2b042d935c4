// @stomp/stompjs over stomp-broker-js.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@stomp/stompjs";
import { ServerProcess } from "../../support/server-process.mjs";
import { EventLog, label, lastingClass, oneConnectionClass } from "./client.mjs";

const client = label("@stomp/stompjs", "stomp-broker-js");
const script = new URL("./servers/stomp.mjs", import.meta.url);

/** An active client that subscribes to /news on every connection, and its events. */
function activate(t, port, SocketClass, options = {}) {
  const connected = new EventLog();
  const closed = new EventLog();
  const news = new EventLog();
  const made = new Client({
    webSocketFactory: () =>
      new SocketClass(`ws://127.0.0.1:${port}/stomp`, ["v12.stomp", "v11.stomp"]),
    reconnectDelay: 20,
    onConnect: () => {
      made.subscribe("/news", ({ body }) => news.add(body));
      connected.add();
    },
    onWebSocketClose: () => closed.add(),
    ...options,
  });
  t.after(() => made.deactivate({ force: true }));
  made.activate();
  return { made, connected, closed, news };
}

test(`${client}: reconnect: false: subscriptions continue`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const OneConnection = oneConnectionClass(t);
  const { made, connected, closed, news } = activate(t, server.port, OneConnection);
  await connected.next();
  const one = news.next();
  made.publish({ destination: "/chat", body: "one" });
  assert.equal(await one, "one");

  const lost = closed.next();
  await server.kill();
  await lost;
  assert.throws(() => made.publish({ destination: "/chat", body: "lost" }), /no underlying STOMP/);
  const again = connected.next();
  await server.restart();
  await again;
  const two = news.next();
  made.publish({ destination: "/chat", body: "two" });
  assert.equal(await two, "two");
  assert.deepEqual(news.all, ["one", "two"]);

  assert.equal(OneConnection.made.pop().state, "open");
  assert(OneConnection.made.every(({ state }) => state === "closed"));
});

test(`${client}: discardWebsocketOnCommFailure: a new socket each time`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const OneConnection = oneConnectionClass(t);
  const { made, connected } = activate(t, server.port, OneConnection, {
    discardWebsocketOnCommFailure: true,
  });
  await connected.next();
  const again = connected.next();
  made.forceDisconnect();
  await again;
  assert.equal(OneConnection.made.length, 2);
  assert.equal(OneConnection.made[1].state, "open");
});

test(`${client}: reconnectDelay: 0: its socket reopens, but publish throws`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const connected = new EventLog();
  const { made } = activate(t, server.port, lastingClass(t), {
    reconnectDelay: 0,
    onConnect: () => connected.add(),
  });
  await connected.next();
  const again = connected.next();
  await server.kill();
  await server.restart();
  await again;
  await server.until(() => server.received.length === 2);
  assert.deepEqual(server.received, ["CONNECT", "CONNECT"]);
  assert.throws(() => made.publish({ destination: "/chat", body: "two" }), /no underlying STOMP/);
});

test(`${client}: if both reconnect, every failure opens another socket`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const Lasting = lastingClass(t);
  const { made, connected, closed } = activate(t, server.port, Lasting);
  await connected.next();
  const many = closed.next(() => Lasting.made.length === 8);
  await server.kill();
  await many;
  await made.deactivate({ force: true });
  const pending = Lasting.made.filter(({ state }) => state === "connecting" || state === "waiting");
  assert(pending.length >= 7, `${pending.length} pending sockets`);
});
