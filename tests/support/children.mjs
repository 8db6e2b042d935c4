// Processes of tests.
import { once } from "./until.mjs";

export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Ends it, if it has not ended yet: with SIGKILL at once, no goodbye. */
export async function kill(child, signal = "SIGKILL") {
  if (hasEnded(child)) return;
  child.kill(signal);
  await once(child, "exit");
}
