import type { Negotiated, Port } from "./core-port.js";
import { resolveUrl } from "./url.js";

/** Where a socket connects to, and what was negotiated there. */
export class Endpoint {
  /** Of the last connection, like those of a WebSocket that is closed. */
  negotiated: Negotiated = { protocol: "", extensions: "" };
  /** What a function returned; becomes `url` when a connection is made. */
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

  /** Remembers what was negotiated for the present connection. */
  remember(port: Port): void {
    this.negotiated = port.negotiated();
    if (this.negotiated.url) this.use(this.negotiated.url);
  }
}
