import { masked } from "./inspection.js";

/**
 * Resolves a URL like the WebSocket constructor (HTML standard): relative to the page, http: as
 * ws:.
 */
export function resolveUrl(url: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  const text = `${url}`;
  try {
    return new URL(text, base).href.replace(/^http(s?:)/, "ws$1");
  } catch {
    const hint = base === undefined ? "; relative URLs require a page" : "";
    throw new DOMException(`SteadySocket: invalid URL: "${masked(text)}"${hint}`, "SyntaxError");
  }
}

/**
 * Converts to "DOMString or sequence<DOMString>" (Web IDL). null is an empty list, as in
 * reconnecting-websocket and partysocket.
 */
export function readProtocols(protocols: unknown): string[] {
  if (protocols === undefined || protocols === null) return [];
  const iterate = typeof protocols === "object" && Reflect.get(protocols, Symbol.iterator);
  if (iterate) return Array.from(protocols as Iterable<unknown>, (one) => `${one}`);
  const text = `${protocols}`;
  if (text === "[object Object]") {
    throw new DOMException(
      "SteadySocket: protocols must be a string or a list; options are the third argument",
      "SyntaxError",
    );
  }
  return [text];
}
