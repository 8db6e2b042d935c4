// The client rpc-websockets with its own server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CommonClient } from "rpc-websockets";
import { ServerProcess } from "../../support/server-process.mjs";
import { SilentProxy } from "../../support/silent-proxy.mjs";
import { reachedBy, routed } from "../../support/sockets.mjs";
import { within } from "../../support/until.mjs";
import { EventLog, label, lastingClass, oneConnectionClass, quickHeartbeat } from "./client.mjs";

const client = label("rpc-websockets", "its own server");
const script = new URL("./servers/rpc.mjs", import.meta.url);

/** Calls the callback when a message was accepted, as `ws` does: the client waits for it. */
const callingBack = (SocketClass) =>
  class extends SocketClass {
    send(data, ...others) {
      const { status } = super.send(data);
      const done = others.find((other) => typeof other === "function");
      done?.(status === "rejected" ? new Error("not sent") : undefined);
    }
  };

/** Dispatches no close event if a reconnect follows. */
const silent = (SocketClass) =>
  class extends SocketClass {
    constructor(...args) {
      super(...args);
      this.addEventListener("close", (event) => {
        if (event.willRetry) event.stopImmediatePropagation();
      });
    }
  };

/** A client that subscribes to the event "news" on every connection, and its events. */
function create(t, { port }, SocketClass, options) {
  const made = new CommonClient((url) => new SocketClass(url), `ws://127.0.0.1:${port}/`, options);
  t.after(() => {
    made.setAutoReconnect(false);
    made.close();
  });
  const opened = new EventLog();
  const closed = new EventLog();
  const news = new EventLog();
  made.on("open", async () => {
    await made.subscribe("news");
    opened.add();
  });
  made.on("close", closed.add);
  made.on("news", news.add);
  return { made, opened, closed, news };
}

test(`${client}: reconnect: false: it resubscribes after a restart`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const OneConnection = oneConnectionClass(t);
  const { made, opened, closed, news } = create(t, server, callingBack(OneConnection), {
    reconnect_interval: 20,
    max_reconnects: 0,
  });
  await opened.next();
  const before = await made.call("pid");
  const one = news.next();
  await made.call("publish", ["one"]);
  assert.equal(await one, "one");

  const lost = closed.next();
  await server.kill();
  assert.equal(await lost, 1006);
  await assert.rejects(made.call("sum", [1, 2]), /not ready/);
  const again = opened.next();
  await server.restart();
  await again;
  assert.notEqual(await made.call("pid"), before);
  const two = news.next();
  await made.call("publish", ["two"]);
  assert.equal(await two, "two");
  assert.deepEqual(news.all, ["one", "two"]);

  assert.equal(OneConnection.made.pop().state, "open");
  assert(OneConnection.made.every(({ state }) => state === "closed"));
});

test(`${client}: its reconnect: false: calls wait for the server`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const Lasting = lastingClass(t);
  const { made, opened, closed, news } = create(t, server, callingBack(silent(Lasting)), {
    reconnect: false,
  });
  await opened.next();
  const [socket] = Lasting.made;
  const lost = reachedBy(socket, "waiting");
  await server.kill();
  await lost;
  const sum = made.call("sum", [1, 2]);
  const again = opened.next();
  await server.restart();
  assert.equal(await sum, 3);
  await again;
  const two = news.next();
  await made.call("publish", ["two"]);
  assert.equal(await two, "two");
  assert.deepEqual([Lasting.made.length, closed.all], [1, []]);

  const end = closed.next();
  made.close();
  assert.equal(await end, 1000);
});

test(`${client}: a login in greet precedes waiting calls`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const params = { password: "opensesame" };
  const Lasting = lastingClass(t, {
    typeMember: "id",
    async greet(connection) {
      const answer = routed(Lasting.made[0], "login");
      connection.send({ jsonrpc: "2.0", id: "login", method: "rpc.login", params });
      await answer;
    },
  });
  const { made, opened } = create(t, server, callingBack(silent(Lasting)), { reconnect: false });
  await opened.next();
  assert.equal(await made.call("secret"), "treasure");
  const [socket] = Lasting.made;
  const lost = reachedBy(socket, "waiting");
  await server.kill();
  await lost;
  const secret = made.call("secret");
  await server.restart();
  assert.equal(await secret, "treasure");
});

test(`${client}: a method call as heartbeat detects a dead connection`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const proxy = await SilentProxy.start(t, server.port);
  const ping = { jsonrpc: "2.0", id: "ping", method: "__listMethods" };
  const OneConnection = oneConnectionClass(t, quickHeartbeat(ping));
  const { made, opened, closed } = create(t, proxy, callingBack(OneConnection), {
    reconnect_interval: 20,
    max_reconnects: 0,
  });
  await opened.next();
  const answered = new Promise((resolve) => {
    OneConnection.made[0].addEventListener("message", ({ data }) => {
      if (JSON.parse(data).id === "ping") resolve();
    });
  });
  await within(answered, "the answer to a heartbeat");
  const lost = closed.next();
  const again = opened.next();
  proxy.silence();
  await lost;
  await again;
  assert.equal(await made.call("sum", [1, 2]), 3);
});

test(`${client}: a close event before a reconnect makes all calls fail`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const Lasting = callingBack(lastingClass(t));
  const made = new CommonClient((url) => new Lasting(url), server.url("/"), { reconnect: false });
  const nextEvent = (event) =>
    within(new Promise((resolve) => made.once(event, resolve)), `the event "${event}"`);
  await nextEvent("open");
  const lost = nextEvent("close");
  await server.kill();
  await lost;
  const again = nextEvent("open");
  await server.restart();
  await again;
  await assert.rejects(made.call("sum", [1, 2]), TypeError);
});
