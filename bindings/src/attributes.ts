// What makes a class look like WebSocket where code looks closely (Web IDL, HTML standard).

/** Attributes and methods of WebSocket are enumerable, those of a class are not. */
const members = [
  "url",
  "readyState",
  "bufferedAmount",
  "onopen",
  "onerror",
  "onclose",
  "extensions",
  "protocol",
  "close",
  "onmessage",
  "binaryType",
  "send",
  "addEventListener",
  "removeEventListener",
];
/** Web IDL counts the arguments that are required. */
const lengths = { send: 1, close: 0, addEventListener: 2, removeEventListener: 2 };
const constants = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];

/** Gives a class the constants of WebSocket, and its members their attributes and lengths. */
export function likeWebSocket(made: { readonly prototype: object }, name: string): void {
  for (const target of [made, made.prototype]) {
    constants.forEach((constant, value) => {
      Object.defineProperty(target, constant, { value, enumerable: true });
    });
  }
  for (const member of members) {
    Object.defineProperty(made.prototype, member, { enumerable: true });
  }
  for (const [method, value] of Object.entries(lengths)) {
    Object.defineProperty(made.prototype[method as keyof object], "length", { value });
  }
  Object.defineProperty(made.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** The on… attributes of one object: an event handler each, or null. */
export class HandlerAttributes {
  readonly #target: EventTarget;
  readonly #handlers = new Map<string, unknown>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): unknown {
    return this.#handlers.get(type) ?? null;
  }

  /**
   * A handler keeps the place of the one that it replaces, null gives it up. An object that is no
   * function is kept, and never called. What a subclass makes of addEventListener is not asked, as
   * that of a WebSocket is not.
   */
  set(type: string, handler: unknown): void {
    const base = EventTarget.prototype;
    if ((typeof handler !== "object" || handler === null) && typeof handler !== "function") {
      this.#handlers.delete(type);
      base.removeEventListener.call(this.#target, type, this.#call);
      return;
    }
    if (!this.#handlers.has(type)) base.addEventListener.call(this.#target, type, this.#call);
    this.#handlers.set(type, handler);
  }

  readonly #call = (event: Event): void => {
    const handler = this.#handlers.get(event.type);
    if (typeof handler !== "function") return;
    // HTML standard, event handler processing algorithm.
    if (handler.call(this.#target, event) === false) event.preventDefault();
  };
}
