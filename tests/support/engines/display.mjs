// A screen that nobody sees, for a browser that has to have one.
import { once } from "node:events";
import { atEnd, endGroup, startGroup } from "./processes.mjs";

let display;

/** The name of an X display that ends with the test file; the same for all. */
export function findDisplay() {
  display ??= startDisplay();
  return display;
}

async function startDisplay() {
  // It chooses the number itself, and tells it when it is ready.
  const args = ["-displayfd", "3", "-screen", "0", "1920x1440x24", "-nolisten", "tcp", "-noreset"];
  const stdio = ["ignore", "ignore", "ignore", "pipe"];
  const child = startGroup("Xvfb", args, { stdio });
  // By SIGTERM: it has files to remove.
  atEnd(() => endGroup(child, "SIGTERM"));
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`Xvfb ended with ${code}`);
  });
  // Later it ends because it is meant to.
  failed.catch(() => {});
  const [number] = await Promise.race([once(child.stdio[3], "data"), failed]);
  return `:${String(number).trim()}`;
}
