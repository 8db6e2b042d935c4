// The site of a demo with demanding HTTP clients.
import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { listen } from "../../../tests/support/listen.mjs";
import { once, Waiting } from "../../../tests/support/until.mjs";
import { Gate } from "../gate.mjs";
import { createLogger } from "../logger.mjs";
import { Site } from "../site.mjs";
import { dataFolder } from "./demo-server.mjs";

const logger = createLogger("silent");
const largeSize = 8 * 1024 * 1024;

/** A site with a large file and a small one; `responses` has all requested responses. */
async function serveSite(t) {
  const folder = dataFolder(t, "site");
  const page = pathToFileURL(`${folder}/`);
  writeFileSync(join(folder, "index.html"), "small");
  writeFileSync(join(folder, "large.wasm"), Buffer.alloc(largeSize));
  const site = new Site({ page, files: {}, health: () => ({ status: "ok" }), logger });
  const responses = [];
  const waiting = new Waiting();
  const server = createServer((request, response) => {
    responses.push(response);
    const { writeHead } = response;
    response.writeHead = (...head) => {
      writeHead.apply(response, head);
      waiting.look();
      return response;
    };
    void site.serve(request, response);
    waiting.look();
  });
  const port = await listen(t, server);
  return { folder, server, port, responses, waiting };
}

function get(path) {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

test("a client that requests much and reads nothing has one response made, or is disconnected", async (t) => {
  const { server, port, responses, waiting } = await serveSite(t);
  const ask = async (count) => {
    const accepted = once(server, "connection");
    const client = connect(port, "127.0.0.1");
    t.after(() => client.destroy());
    client.on("error", () => {});
    client.pause();
    client.write(get("/large.wasm").repeat(count));
    const [connection] = await accepted;
    return connection;
  };
  const made = () => responses.filter(({ headersSent }) => headersSent).length;
  const patient = await ask(10);
  await waiting.until(() => responses.length === 10 && made() > 0);
  // A later request is answered, and in the same time a second response would have been made.
  await (await fetch(`http://127.0.0.1:${port}/large.wasm`)).arrayBuffer();
  assert.deepEqual([responses.length, made(), patient.destroyed], [11, 2, false]);
  const greedy = await ask(1900);
  if (!greedy.destroyed) await once(greedy, "close");
  assert.ok(made() <= 3);
});

test("some requests at once are answered one after another, on the same connection", async (t) => {
  const { port } = await serveSite(t);
  const client = connect(port, "127.0.0.1").setEncoding("latin1");
  t.after(() => client.destroy());
  client.write([get("/"), get("/none"), get("/large.wasm"), get("/healthz"), get("/")].join(""));
  let received = "";
  for await (const chunk of client) {
    received += chunk.replaceAll("\0", "");
    if (received.split("small").length === 3) break;
  }
  assert.deepEqual(
    [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ["200", "404", "200", "200", "200"],
  );
});

test("a changed file is served with its new content", async (t) => {
  const { folder, port } = await serveSite(t);
  const read = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return [await response.text(), response.headers.get("etag")];
  };
  const [, tag] = await read();
  assert.deepEqual(await read(), ["small", tag]);
  writeFileSync(join(folder, "index.html"), "other");
  utimesSync(join(folder, "index.html"), 1, 1);
  const [text, newTag] = await read();
  assert.equal(text, "other");
  assert.notEqual(newTag, tag);
});

test("a client that reads nothing of a response is disconnected after a while", async (t) => {
  let serve;
  const served = new Promise((resolve) => {
    serve = (...both) => resolve(both);
  });
  const site = /** @type {any} */ ({ serve });
  const config = { host: "127.0.0.1", port: 0, origins: [], connections: 1 };
  const listener = { connections: () => 0, onConnection() {}, full: { data: "", reason: "" } };
  const gate = new Gate(config, { path: "/chat", webSocket: {}, site, logger }, listener);
  await gate.open();
  t.after(() => gate.close(() => {}));
  const client = connect(gate.port, "127.0.0.1");
  t.after(() => client.destroy());
  client.pause();
  client.write(get("/"));
  const [{ socket }, response] = await served;
  assert.equal(socket.timeout, 10_000);
  response.end(Buffer.alloc(largeSize));
  const closed = once(socket, "close");
  // Shorter than the ten seconds of a server.
  socket.setTimeout(100);
  await closed;
});
