// Runs consumer/talk.cpp on the web and on a desktop.
import assert from "node:assert/strict";
import { Program } from "../support/program.mjs";
import { ServerProcess } from "../support/server-process.mjs";

/** Runs the program against an echo server, and checks its output. */
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
