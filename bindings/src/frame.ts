/** Milliseconds between calls where there are no frames. */
const frameTime = 16;

let pending: (() => void)[] = [];

/**
 * Calls `update`, which must not throw, before the next frame is painted: not while the page is
 * hidden. All updates are one task, so that a framework renders once for all of them.
 */
export function nextFrame(update: () => void): void {
  if (pending.push(update) > 1) return;
  const updateAll = () => {
    const updates = pending;
    pending = [];
    for (const one of updates) one();
  };
  if (typeof requestAnimationFrame === "function") requestAnimationFrame(updateAll);
  else setTimeout(updateAll, frameTime);
}
