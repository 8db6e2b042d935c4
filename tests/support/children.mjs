// Processes of tests.
import { once } from "node:events";

export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves when it has ended, at once if it has. */
export async function ended(child) {
  if (!hasEnded(child)) await once(child, "exit");
}

/** Ends it, if it has not ended yet: with SIGKILL at once, no goodbye. */
export async function kill(child, signal = "SIGKILL") {
  if (!hasEnded(child)) child.kill(signal);
  await ended(child);
}
