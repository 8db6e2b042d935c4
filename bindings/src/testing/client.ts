// The WebSocket of the client, as the HTML standard has it: https://websockets.spec.whatwg.org.
import { addConstants, HandlerAttributes } from "../attributes.js";
import { exactSize, isBlob } from "../payload.js";
import { isClientCloseCode, maxReasonBytes, token } from "../protocol.js";
import { closeEvent, messageEvent } from "./events.js";
import type { ClientEnd, Link, Request } from "./link.js";
import { type Content, copied, soon, wellFormed } from "./pipe.js";

const abnormal = 1006;
const noCode = 1005;

const [connecting, open, closing, closed] = [0, 1, 2, 3] as const;

/** Begins an attempt: see TestServer. */
export type Dial = (request: Request, client: ClientEnd) => Link;

/** Parses a URL as the constructor of WebSocket does. */
function parsedUrl(url: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  let parsed: URL;
  try {
    parsed = new URL(`${url}`, base);
  } catch {
    throw new DOMException(`WebSocket: invalid URL: ${url}`, "SyntaxError");
  }
  if (!/^(ws|http)s?:$/.test(parsed.protocol)) {
    throw new DOMException(
      `WebSocket: the scheme of the URL must be ws, wss, http or https, got ${parsed.protocol}`,
      "SyntaxError",
    );
  }
  if (parsed.hash !== "") {
    throw new DOMException(`WebSocket: the URL must have no fragment: ${url}`, "SyntaxError");
  }
  return parsed.href.replace(/^http/, "ws");
}

function checkedProtocols(protocols: string | Iterable<string>): string[] {
  const all = typeof protocols === "string" ? [protocols] : Array.from(protocols, String);
  for (const [index, one] of all.entries()) {
    if (!token.test(one) || all.indexOf(one) !== index) {
      const fault = token.test(one) ? "duplicate" : "invalid";
      throw new DOMException(`WebSocket: ${fault} subprotocol: "${one}"`, "SyntaxError");
    }
  }
  return all;
}

/** Converts as Web IDL does: an unsigned short, with [Clamp]. */
const clamped = (code: unknown) => Math.min(Math.max(Math.round(Number(code) || 0), 0), 0xffff);

/** The base of the class that a TestServer returns. */
export class ClientSocket extends EventTarget {
  static {
    addConstants(ClientSocket);
    const name = { value: "WebSocket", configurable: true };
    Object.defineProperty(ClientSocket.prototype, Symbol.toStringTag, name);
  }

  readonly #url: string;
  readonly #link: Link;
  readonly #handlers = new HandlerAttributes(this);
  #state: number = connecting;
  #protocol = "";
  #binaryType = "blob";
  /** Bytes of messages that have not left the buffer. Not reset when the connection ends. */
  #buffered = 0;

  constructor(dial: Dial, url: string | URL, protocols: string | Iterable<string>) {
    super();
    this.#url = parsedUrl(url);
    const request = { url: this.#url, protocols: checkedProtocols(protocols) };
    this.#link = dial(request, {
      opened: (protocol) => this.#opened(protocol),
      failed: () => this.#finish({ code: abnormal }, true),
      message: (content) => {
        if (this.#state !== open) return;
        const data =
          typeof content === "string"
            ? content
            : this.#binaryType === "blob"
              ? new Blob([content])
              : content;
        this.dispatchEvent(messageEvent(data, this.#url));
      },
      closeFrame: (code, reason) => this.#closeFrame(code, reason),
      lost: () => this.#finish({ code: abnormal }, false),
    });
  }

  get url(): string {
    return this.#url;
  }

  get readyState(): number {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#buffered;
  }

  get extensions(): string {
    return "";
  }

  get protocol(): string {
    return this.#protocol;
  }

  get binaryType(): string {
    return this.#binaryType;
  }
  set binaryType(type: string) {
    // Other values of an enumeration are ignored (Web IDL).
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  get onopen(): unknown {
    return this.#handlers.get("open");
  }
  set onopen(handler: unknown) {
    this.#handlers.set("open", handler);
  }
  get onmessage(): unknown {
    return this.#handlers.get("message");
  }
  set onmessage(handler: unknown) {
    this.#handlers.set("message", handler);
  }
  get onerror(): unknown {
    return this.#handlers.get("error");
  }
  set onerror(handler: unknown) {
    this.#handlers.set("error", handler);
  }
  get onclose(): unknown {
    return this.#handlers.get("close");
  }
  set onclose(handler: unknown) {
    this.#handlers.set("close", handler);
  }

  send(data: unknown): void {
    // biome-ignore lint/complexity/noArguments: distinguishes a missing argument from undefined
    if (arguments.length === 0) throw new TypeError("WebSocket.send: 1 argument required");
    const content: Content = isBlob(data) ? data : (copied(data) ?? wellFormed(`${data}`));
    if (this.#state === connecting) {
      throw new DOMException("WebSocket.send: still connecting", "InvalidStateError");
    }
    const size = exactSize(content);
    this.#buffered += size;
    if (this.#state !== open) return;
    const link = this.#link;
    link.up.push(
      (arrived) => link.server?.message(arrived),
      content,
      () => {
        this.#buffered -= size;
      },
    );
  }

  close(code?: number, reason?: string): void {
    const given = code === undefined ? undefined : clamped(code);
    if (given !== undefined && !isClientCloseCode(given)) {
      throw new DOMException(
        `WebSocket.close: the code must be 1000 or 3000 to 4999, got ${code}`,
        "InvalidAccessError",
      );
    }
    const text = wellFormed(`${reason ?? ""}`);
    if (exactSize(text) > maxReasonBytes) {
      throw new DOMException(
        "WebSocket.close: the reason must be at most 123 bytes",
        "SyntaxError",
      );
    }
    if (this.#state >= closing) return;
    const wasConnecting = this.#state === connecting;
    this.#state = closing;
    const link = this.#link;
    if (wasConnecting) {
      link.cut("server");
      soon(() => this.#finish({ code: abnormal }, true));
    } else {
      link.up.push(() => link.server?.closeFrame(given ?? noCode, given === undefined ? "" : text));
    }
  }

  #opened(protocol: string): void {
    if (this.#state !== connecting) return;
    this.#state = open;
    this.#protocol = protocol;
    this.dispatchEvent(new Event("open"));
  }

  #closeFrame(code: number, reason: string): void {
    if (this.#state === open) {
      this.#state = closing;
      this.#link.up.push(() => this.#link.server?.closeFrame(code, reason));
    }
    soon(() => this.#finish({ code, reason, wasClean: true }, false));
  }

  #finish(init: CloseEventInit, hasFailed: boolean): void {
    if (this.#state === closed) return;
    this.#state = closed;
    if (hasFailed) this.dispatchEvent(new Event("error"));
    this.dispatchEvent(closeEvent(init));
  }
}
