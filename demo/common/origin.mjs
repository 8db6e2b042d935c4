// The check of a page's origin.

const ofThisMachine = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * A page of another site must not use its visitor's browser to chat here, not even by pointing its
 * own host name to this machine's address. So both Host and Origin are checked. Programs send no
 * Origin, and may send any Host.
 *
 * @param {import("node:http").IncomingHttpHeaders} headers
 * @param {string[]} origins The allowed origins; empty for those of this machine.
 */
export function isForeign({ origin, host = "" }, origins) {
  if (origins.length === 0) {
    return !ofThisMachine.test(host) || (origin !== undefined && origin !== `http://${host}`);
  }
  if (origin !== undefined) return !origins.includes(origin);
  return !ofThisMachine.test(host) && !origins.some((allowed) => new URL(allowed).host === host);
}
