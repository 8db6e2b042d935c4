// A session of a C++ program that shares its socket: docs/design/session-protocol.md.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { reached } from "../support/sockets.mjs";
import { Waiting } from "../support/until.mjs";
import { attach, Game, startProgram } from "./shared-program.mjs";

const session = 8;
const mark = "\u0010";

/** Plays the server, and records the frames of its connections. Handles one message on each. */
async function startServer(t) {
  const waiting = new Waiting();
  const server = new WebSocketServer({ port: 0 });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  const connections = [];
  server.on("connection", (socket) => {
    const frames = [];
    connections.push({ socket, frames });
    socket.on("message", (data) => {
      const frame = String(data);
      if (frame.startsWith(`${mark}? `)) socket.send(`${mark}! ${frame.slice(3)} 0 1`);
      else frames.push(frame);
      if (frame.startsWith(`${mark}H `)) {
        socket.send(`${mark}W life ${connections.length - 1} 60000`);
      }
      waiting.look();
    });
    socket.send(`${mark}G 1 life`);
  });
  const url = `ws://127.0.0.1:${server.address().port}`;
  return { url, connections, until: (condition) => waiting.until(condition) };
}

async function play(t) {
  const server = await startServer(t);
  const module = await startProgram();
  const game = new Game(t, module, "game", server.url, session);
  const socket = attach(module, "game");
  game.cpp.connect();
  await reached(socket, "open");
  await server.until(() => server.connections[0]?.frames.length > 0);
  const { socket: link, frames } = server.connections[0];
  return { server, game, cpp: game.cpp, socket, link, frames };
}

test("messages of C++ and JavaScript are counted in one session, and repeated", async (t) => {
  const { server, cpp, socket, link, frames } = await play(t);
  socket.send("one");
  cpp.send("two");
  socket.send(`${mark}three`);
  socket.send(new Uint8Array([16, 1]));
  await server.until(() => frames.length === 5);
  assert.deepEqual(frames.slice(1), ["one", "two", `${mark}${mark}three`, `${mark}\u0001`]);
  link.terminate();
  await server.until(() => server.connections[1]?.frames.length > 0);
  const next = server.connections[1];
  await server.until(() => next.frames.length >= 5);
  assert.deepEqual(next.frames.slice(1), [
    `${mark}@ 2`,
    "two",
    `${mark}${mark}three`,
    `${mark}\u0001`,
  ]);
});

test("JavaScript receives messages, but no control frames", async (t) => {
  const { server, socket, link, frames } = await play(t);
  const received = [];
  socket.addEventListener("message", ({ data }) => received.push(data));
  link.send("a");
  link.send(`${mark}${mark}b`);
  link.send(`${mark}@ 1`);
  link.send("a again");
  link.send(`${mark}@ 3`);
  link.send("c");
  await server.until(() => frames.includes(`${mark}A 3`));
  assert.deepEqual(received, ["a", `${mark}b`, "c"]);
});
