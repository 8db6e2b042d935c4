/** Milliseconds between calls where there are no frames. */
const frameTime = 16;

/** Calls `update` before the next frame is painted: not while the page is hidden. */
export function nextFrame(update: () => void): void {
  if (typeof requestAnimationFrame === "function") requestAnimationFrame(update);
  else setTimeout(update, frameTime);
}
