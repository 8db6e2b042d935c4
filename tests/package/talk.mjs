// Runs programs of consumer/ on the web and on a desktop, and checks their output.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readManifest } from "../../scripts/lib.mjs";
import { Program } from "../support/program.mjs";
import { ServerProcess } from "../support/server-process.mjs";

/** The command that runs a program for the web, without the path of its JavaScript. */
export const webCommand = [
  process.execPath,
  "--import",
  fileURLToPath(new URL("./with-web-socket.mjs", import.meta.url)),
];

/** Runs talk.cpp against an echo server. */
export async function talks(t, command, ...args) {
  const server = await ServerProcess.start(t);
  const running = new Program(t, command, [...args, server.url()]);
  assert.equal(await running.reported("state"), "connecting");
  assert.equal(await running.reported("state"), "open");
  assert.equal(await running.reported("hello"), 7);
  assert.equal(await running.reported("state"), "closing");
  assert.equal(await running.reported("state"), "closed");
  assert.equal(await running.ended(), 0);
}

/** Runs restart.cpp against an echo server that is killed and restarted. */
export async function reconnects(t, command, ...args) {
  const server = await ServerProcess.start(t);
  const running = new Program(t, command, [...args, server.url()]);
  assert.equal(await running.reported("version"), readManifest().version);
  assert.equal(await running.reported("state"), "connecting");
  assert.equal(await running.reported("state"), "open");
  assert.equal(await running.reported("echo"), "first");
  await server.kill();
  assert.equal(await running.reported("state"), "waiting");
  await server.restart();
  // It may have tried before the restart.
  let state;
  do {
    state = await running.reported("state");
    assert.match(state, /^(connecting|waiting|open)$/);
  } while (state !== "open");
  assert.equal(await running.reported("echo"), "second");
  assert.equal(await running.reported("state"), "closing");
  assert.equal(await running.reported("state"), "closed");
  assert.equal(await running.ended(), 0);
}
