import { report } from "./routes.js";

/** Milliseconds between calls where there are no frames. */
const frameTime = 16;

let pending: (() => void)[] = [];

function updateAll(): void {
  const updates = pending;
  pending = [];
  for (const update of updates) attempt(update);
}

/** Calls a function, and reports an error that it throws. */
export function attempt(call: () => void): void {
  try {
    call();
  } catch (error) {
    report(error);
  }
}

/**
 * Calls `update` before the next frame is painted: not while the page is hidden. The first callback
 * of a frame calls all of them, so that a framework renders once; every call has a callback of its
 * own, since a test may lose some with the timers that it replaces.
 */
export function nextFrame(update: () => void): void {
  pending.push(update);
  if (typeof requestAnimationFrame === "function") requestAnimationFrame(updateAll);
  else setTimeout(updateAll, frameTime);
}
