// Processes of a browser, and its folder: nothing of them is left behind, also if a test file fails
// or is interrupted.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const endings = [];
// Here, and not where something is started: that is in a test, which would be what it is after.
after(async () => {
  for (const end of endings) await end();
});

/** Called when all tests of the file have ended. */
export function atEnd(end) {
  endings.push(end);
}

/** What ends with this process if nobody has ended it before: first processes, then folders. */
const leftovers = { groups: new Set(), folders: new Set() };
let isListening = false;

function exitTidily() {
  if (isListening) return;
  isListening = true;
  process.on("exit", endLeftovers);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, exitBySignal);
}

function endLeftovers() {
  for (const pid of leftovers.groups) kill(pid, "SIGKILL");
  for (const path of leftovers.folders) removeFolder(path);
}

function exitBySignal() {
  // Behind puppeteer, which ends a browser that is just starting, and has files there.
  process.off("exit", endLeftovers);
  process.on("exit", endLeftovers);
  process.exit(1);
}

/** Every process of the group. */
function kill(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // There is nothing of it any more.
  }
}

/** Those who had files there may take a moment to be gone. */
function removeFolder(path) {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** The path of a temporary folder that is removed in the end. */
export function makeFolder(name) {
  exitTidily();
  const path = mkdtempSync(join(tmpdir(), `steadysocket-${name}-`));
  leftovers.folders.add(path);
  return path;
}

/** Removes one of these now. */
export function endFolder(path) {
  removeFolder(path);
  leftovers.folders.delete(path);
}

/** A process that leads a group of its own, which is killed in the end. */
export function addGroup(pid) {
  exitTidily();
  leftovers.groups.add(pid);
}

/** Ends the group now. The process itself may want a signal that lets it clean up. */
export async function endGroup(child, signal = "SIGKILL") {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    kill(child.pid, signal);
    await exited;
  }
  kill(child.pid, "SIGKILL");
  leftovers.groups.delete(child.pid);
}

/** Starts a program that leads such a group. */
export function startGroup(command, args, options) {
  const child = spawn(command, args, { ...options, detached: true });
  addGroup(child.pid);
  return child;
}
