// Whose pages may connect.

const ofThisMachine = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * A page of another site must not use its visitor's browser to chat here, not even by giving its
 * own name this machine's address: so a name is asked for, in Host, and the page's, in Origin.
 * Programs send no Origin, and whatever Host they like.
 *
 * @param {import("node:http").IncomingHttpHeaders} headers
 * @param {string[]} origins Those that may; none for this machine's own.
 */
export function isForeign({ origin, host = "" }, origins) {
  if (origins.length === 0) {
    return !ofThisMachine.test(host) || (origin !== undefined && origin !== `http://${host}`);
  }
  if (origin !== undefined) return !origins.includes(origin);
  return !ofThisMachine.test(host) && !origins.some((allowed) => new URL(allowed).host === host);
}
