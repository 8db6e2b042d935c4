// Ends programs and removes folders when the test file ends, also if that fails or is interrupted.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders = new Set();
const groups = new Set();

process.on("exit", () => {
  for (const pid of groups) kill(pid, "SIGKILL");
  for (const path of folders) removeFolder(path);
});
// puppeteer kills its browsers on exit, too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** Makes a temporary folder, and returns its path. */
export function makeFolder(name) {
  const path = mkdtempSync(join(tmpdir(), `steadysocket-${name}-`));
  folders.add(path);
  return path;
}

/** Removes such a folder. Processes that have just been killed may still have files in it. */
export function removeFolder(path) {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  folders.delete(path);
}

/** Starts a program as the leader of a process group. */
export function startGroup(file, args, options) {
  const child = spawn(file, args, { ...options, detached: true });
  // Reported where the test waits for the program to be ready.
  child.on("error", () => {});
  groups.add(child.pid);
  return child;
}

/** Ends every process of the group. */
export function endGroup(child, signal = "SIGKILL") {
  kill(child.pid, signal);
  groups.delete(child.pid);
}

function kill(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}
