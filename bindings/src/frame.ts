/** Milliseconds between calls where there are no frames. */
const frameTime = 16;

let pending: (() => void)[] = [];

function updateAll(): void {
  const updates = pending;
  pending = [];
  callAll(updates);
}

/** Calls functions in order, also if one throws. The last error is thrown. */
export function callAll([first, ...others]: readonly (() => void)[]): void {
  try {
    first?.();
  } finally {
    if (others.length > 0) callAll(others);
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
