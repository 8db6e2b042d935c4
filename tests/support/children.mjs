// Child processes of tests.
import { once } from "./until.mjs";

export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Kills it if it still runs, by default with SIGKILL, and waits for its exit. */
export async function kill(child, signal = "SIGKILL") {
  if (hasEnded(child)) return;
  child.kill(signal);
  await once(child, "exit");
}
