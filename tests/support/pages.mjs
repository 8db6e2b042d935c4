// The pages of each test, for those who have to end after them.
const contexts = new WeakMap();

/** `context` is a browser's that a test has opened. */
export function addPages(t, context) {
  contexts.set(t, [...(contexts.get(t) ?? []), context]);
}

/**
 * Closes the pages of a test: before its servers stop, or a page would try to come back to one, and
 * Chromium complain of it.
 */
export async function closePages(t) {
  for (const context of contexts.get(t) ?? []) await context.close();
}
