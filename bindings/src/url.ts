/** As the WebSocket constructor resolves it: relative to the page, http: as ws:. */
export function resolveUrl(url: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  const text = `${url}`;
  let resolved: URL;
  try {
    resolved = new URL(text, base);
  } catch {
    const hint = base === undefined ? ", or relative, which needs a page" : "";
    throw new DOMException(`SteadySocket: the URL "${text}" is invalid${hint}`, "SyntaxError");
  }
  if (resolved.protocol === "http:") resolved.protocol = "ws:";
  if (resolved.protocol === "https:") resolved.protocol = "wss:";
  return resolved.href;
}

/**
 * As Web IDL reads "DOMString or sequence<DOMString>"; null is none, as in reconnecting-websocket and
 * partysocket.
 */
export function readProtocols(protocols: unknown): string[] {
  if (protocols === undefined || protocols === null) return [];
  const iterate = typeof protocols === "object" && Reflect.get(protocols, Symbol.iterator);
  if (iterate) return Array.from(protocols as Iterable<unknown>, (one) => `${one}`);
  const text = `${protocols}`;
  if (text === "[object Object]") {
    throw new DOMException(
      "SteadySocket: protocols must be a text or a list; options come third",
      "SyntaxError",
    );
  }
  return [text];
}
