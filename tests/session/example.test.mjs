// The example in docs/guides/sessions.md; only the port and the package's URL are replaced.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import WebSocket from "ws";
import { consumerFolder } from "../support/package.mjs";
import { codeBlocks, readPage } from "../support/pages.mjs";
import { eventually, once } from "../support/until.mjs";
import { Client } from "./client.mjs";
import { serverUrl } from "./package.mjs";
import { idOf } from "./peer.mjs";

test("the example in docs/guides/sessions.md serves clients with and without a session", async (t) => {
  const { code: example } = codeBlocks(readPage("docs/guides/sessions.md")).find(
    ({ meta, code }) => meta === "" && code.startsWith("import "),
  );
  const file = join(consumerFolder, "sessions-example.mjs");
  const code = example
    .replace('"steadysocket/server"', JSON.stringify(serverUrl))
    .replace('"ws"', JSON.stringify(import.meta.resolve("ws")))
    .replace("port: 8080", 'port: 0, host: "127.0.0.1"')
    .replace("console.log", "globalThis.log");
  await writeFile(file, `${code}\nexport { server };\n`);
  const log = [];
  globalThis.log = (line) => log.push(line);
  const { server } = await import(pathToFileURL(file).href);
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  if (server.address() === null) await once(server, "listening");
  const url = `ws://127.0.0.1:${server.address().port}`;

  const open = async (path, protocols) => {
    const webSocket = new WebSocket(`${url}${path}`, protocols);
    webSocket.received = [];
    webSocket.on("message", (data) => webSocket.received.push(String(data)));
    return webSocket;
  };
  const plain = await open("/?name=ann", ["chat"]);
  await once(plain, "open");
  plain.send("flowers");
  await eventually(() => plain.received.length === 1);
  assert.deepEqual(plain.received, ["thank you for flowers"]);

  const received = [];
  const client = new Client(() => idOf("example"));
  client.onmessage = (text) => received.push(text);
  client.send("cake");
  for (let i = 0; i < 2; ++i) {
    const webSocket = await open("/?name=bob", ["chat", "chat+steady.1"]);
    const link = { send: (frame) => webSocket.send(frame), close: () => webSocket.terminate() };
    client.connect(link);
    webSocket.on("message", (data) => client.take(link, String(data)));
    await eventually(() => received.length === i + 1);
    client.disconnect();
    webSocket.terminate();
    client.send("tea");
  }
  assert.deepEqual(received, ["thank you for cake", "thank you for tea"]);
  assert.deepEqual(log, ["bob has sent message 1: cake", "bob has sent message 2: tea"]);

  const stranger = await open("/", ["steady.1"]);
  const [closeCode] = await once(stranger, "close");
  assert.equal(closeCode, 4401);
});
