import type { Negotiated, Port } from "./core-port.js";
import { resolveUrl } from "./url.js";

/** The URL of a socket, and the results of its last handshake. */
export class Endpoint {
  /** Kept after the connection ends, like the attributes of a closed WebSocket. */
  negotiated: Negotiated = { protocol: "", extensions: "" };
  /** The URL that a provider returned. Becomes `url` when the connection is created. */
  providedUrl = "";
  url = "";
  origin = "";

  use(url: string | URL): void {
    this.url = resolveUrl(url);
    this.origin = new URL(this.url).origin;
  }

  useProvided(): void {
    if (this.providedUrl) this.use(this.providedUrl);
  }

  /** Stores the handshake results of the current connection. */
  remember(port: Port): void {
    this.negotiated = port.negotiated();
    if (this.negotiated.url) this.use(this.negotiated.url);
  }
}
