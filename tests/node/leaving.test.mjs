// Connections of the ws package that a socket has released while they were closing, with unsent
// data: each in its own process, which they must neither crash nor keep alive.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { packageUrl } from "../support/package.mjs";
import { Program } from "../support/program.mjs";

const size = 12e6;

/** A server that does not read from connections for whose number `isSilent` returns true. */
async function startSilent(t, isSilent = (number) => number === 0) {
  const raw = [];
  const server = await LocalServer.start(t, {
    greet(connection, { socket }) {
      if (isSilent(raw.length)) connection.pause();
      raw.push(socket);
    },
  });
  return { server, raw };
}

/**
 * A program that runs `whenOpen` when `socket` opens; sendMuch() overfills the system's buffers.
 */
function start(t, server, whenOpen, options = "{}") {
  const source = `
    import { openAsBlob } from "node:fs";
    import { writeFile } from "node:fs/promises";
    import WebSocket from ${JSON.stringify(import.meta.resolve("ws"))};
    import { SteadySocket } from ${JSON.stringify(packageUrl)};
    const report = (name, value = null) => console.log(JSON.stringify([name, value]));
    class Watched extends WebSocket {
      emit(name, ...rest) {
        const hasListeners = super.emit(name, ...rest);
        this.wasOpen ||= name === "open";
        if (name === "error" && this.wasOpen) report("error", rest[0].code || rest[0].name);
        return hasListeners;
      }
    }
    const socket = new SteadySocket(${JSON.stringify(server.url())}, [], {
      WebSocket: Watched, highWaterMark: ${2 * size}, ...${options} });
    socket.onclose = ({ willRetry }) => willRetry || report("closed");
    socket.addEventListener("open", async () => {
      const sendMuch = () => {
        for (let i = 0; i < 120; ++i) socket.send("x".repeat(${size / 120}));
      };
      ${whenOpen}
    }, { once: true });
  `;
  return new Program(t, process.execPath, ["--input-type=module", "--eval", source]);
}

/** RFC 6455, 5.2: reserved bits are set. */
const badFrame = Buffer.of(0xf1, 0);

test("after reconnect() a bad frame on the old connection does not end the process", async (t) => {
  const { server, raw } = await startSilent(t);
  const program = start(
    t,
    server,
    "sendMuch(); socket.reconnect(); await socket.opened; report('open');",
  );
  assert.equal(await program.reported("open"), null);
  raw[0].write(badFrame);
  assert.equal(await program.reported("error"), "WS_ERR_UNEXPECTED_RSV_2_3");
  server.connections[1].close(4400);
  assert.equal(await program.reported("closed"), null);
  assert.equal(await program.ended(), 0);
});

test("after close() and its timeout a bad frame does not end the process", async (t) => {
  const { server, raw } = await startSilent(t);
  const program = start(t, server, "sendMuch(); socket.close();", "{ closeTimeout: 100 }");
  assert.equal(await program.reported("closed"), null);
  raw[0].write(badFrame);
  assert.equal(await program.ended(), 0);
});

test("a Blob that cannot be read after reconnect() does not end the process", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "steadysocket-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "sent");
  await writeFile(file, "as it was");
  const { server } = await startSilent(t);
  const program = start(
    t,
    server,
    `const blob = await openAsBlob(${JSON.stringify(file)});
    await writeFile(${JSON.stringify(file)}, "as it is now");
    socket.send(blob);
    socket.reconnect();`,
  );
  assert.equal(await program.reported("error"), "NotReadableError");
  await server.until(() => server.connections.length === 2);
  server.connections[1].close(4400);
  assert.equal(await program.reported("closed"), null);
  assert.equal(await program.ended(), 0);
});

test("a process exits soon after close() and its timeout if the server reads nothing", async (t) => {
  const { server } = await startSilent(t);
  const program = start(t, server, "sendMuch(); socket.close();", "{ closeTimeout: 100 }");
  await program.reported("closed");
  const closed = performance.now();
  assert.equal(await program.ended(), 0);
  // The ws package itself would end the connection after 30 s.
  assert.ok(performance.now() - closed < 10_000);
});

test("data in transit at reconnect() arrives while the socket lives, and keeps no process alive", async (t) => {
  const { server } = await startSilent(t, () => true);
  const program = start(
    t,
    server,
    `sendMuch();
    socket.reconnect();
    await socket.opened;
    socket.onmessage = () => { sendMuch(); socket.reconnect(); socket.close(); };`,
  );
  await server.until(() => server.connections.length === 2);
  server.connections[0].resume();
  await server.until(() => server.received.length === 120);
  server.connections[1].send("all of it");
  await program.reported("closed");
  const closed = performance.now();
  assert.equal(await program.ended(), 0);
  assert.ok(performance.now() - closed < 10_000);
});
