// mqtt over mosquitto.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import mqtt from "mqtt";
import { Daemon, freePort } from "../../support/daemon.mjs";
import { once } from "../../support/until.mjs";
import { EventLog, label, lastingClass, oneConnectionClass } from "./client.mjs";

const client = label("mqtt", "mosquitto");

async function startBroker(t) {
  const folder = await mkdtemp(join(tmpdir(), "steadysocket-mosquitto-"));
  t.after(() => rm(folder, { recursive: true }));
  let port;
  return Daemon.start(t, {
    name: "mosquitto",
    args: async (before) => {
      port = before ?? (await freePort());
      const lines = [
        // As root it would switch to a user that exists only if it was installed as a package.
        "user root",
        "allow_anonymous true",
        `listener ${port} 127.0.0.1`,
        "protocol websockets",
        // Otherwise it listens on all addresses.
        "socket_domain ipv4",
        // 2.0.11 requires a listener that is not for WebSockets.
        `listener 0 ${join(folder, "socket")}`,
      ];
      await writeFile(join(folder, "mosquitto.conf"), `${lines.join("\n")}\n`);
      return ["-c", join(folder, "mosquitto.conf")];
    },
    ready: (line) => (line.endsWith(" running") ? port : undefined),
  });
}

/** Returns a connected client. */
async function connect(t, port, SocketClass, options = {}) {
  const made = mqtt.connect(`ws://127.0.0.1:${port}`, {
    // Only for Node; browsers need createWebsocket only.
    forceNativeWebSocket: true,
    createWebsocket: (url, protocols) => new SocketClass(url, protocols),
    reconnectPeriod: 20,
    ...options,
  });
  t.after(() => made.endAsync(true));
  made.on("error", () => {});
  await once(made, "connect");
  return made;
}

test(`${client}: reconnect: false: publications wait, subscriptions are renewed`, async (t) => {
  const broker = await startBroker(t);
  const OneConnection = oneConnectionClass(t);
  const made = await connect(t, broker.port, OneConnection);
  const messages = new EventLog();
  made.on("message", (topic, payload) => messages.add(`${topic} ${payload}`));
  await made.subscribeAsync("news", { qos: 1 });
  const first = messages.next();
  await made.publishAsync("news", "one", { qos: 1 });
  assert.equal(await first, "news one");

  const offline = once(made, "offline");
  await broker.kill();
  await offline;
  const published = made.publishAsync("kept", "two", { qos: 1, retain: true });
  const packets = new EventLog();
  made.on("packetreceive", ({ cmd }) => packets.add(cmd));
  const subscribed = packets.next((cmd) => cmd === "suback");
  await broker.restart();
  await published;
  await subscribed;
  const third = messages.next((text) => text === "news three");
  await made.publishAsync("news", "three", { qos: 1 });
  await third;
  const second = messages.next();
  await made.subscribeAsync("kept");
  assert.equal(await second, "kept two");

  const last = OneConnection.made.pop();
  assert.deepEqual([last.state, last.protocol], ["open", "mqtt"]);
  assert(OneConnection.made.every(({ state }) => state === "closed"));
});

test(`${client}: reconnectPeriod: 0: there is no reconnect`, async (t) => {
  const broker = await startBroker(t);
  const Lasting = lastingClass(t);
  const made = await connect(t, broker.port, Lasting, { reconnectPeriod: 0 });
  const closed = once(made, "close");
  await broker.kill();
  await closed;
  const [socket] = Lasting.made;
  assert.deepEqual([Lasting.made.length, socket.state, made.connected], [1, "closed", false]);
});
