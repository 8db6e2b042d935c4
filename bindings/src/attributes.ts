// Makes reflection see a class as it sees WebSocket (Web IDL, HTML standard).

/** Members of WebSocket. Web IDL makes them enumerable; members of a class are not. */
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
/** `length` of the methods: the number of required arguments (Web IDL). */
const lengths = { send: 1, close: 0, addEventListener: 2, removeEventListener: 2 };
const constants = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];

/** Adds the constants of WebSocket to a class. */
export function addConstants(made: { readonly prototype: object }): void {
  for (const target of [made, made.prototype]) {
    constants.forEach((constant, value) => {
      Object.defineProperty(target, constant, { value, enumerable: true });
    });
  }
}

/**
 * Adds the constants of WebSocket to a class, and sets the attributes and lengths of its members.
 */
export function likeWebSocket(made: { readonly prototype: object }, name: string): void {
  addConstants(made);
  for (const member of members) {
    Object.defineProperty(made.prototype, member, { enumerable: true });
  }
  for (const [method, value] of Object.entries(lengths)) {
    Object.defineProperty(made.prototype[method as keyof object], "length", { value });
  }
  Object.defineProperty(made.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

type Class = abstract new (...given: never[]) => object;

/** Copies the members of one class that another does not have, the static ones included. */
export function copyMembers(from: Class, to: Class): void {
  for (const [source, target] of [
    [from, to],
    [from.prototype, to.prototype],
  ] as const) {
    Object.defineProperties(target, {
      ...Object.getOwnPropertyDescriptors(source),
      ...Object.getOwnPropertyDescriptors(target),
    });
  }
}

/** The event handler attributes of one object (`onopen` and the like). */
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
   * Sets a handler, which keeps the position of the one that it replaces; null removes it. An
   * object that is not a function is kept, but never called (HTML standard). As with WebSocket, an
   * `addEventListener` method of a subclass is not called.
   */
  set(type: string, handler: unknown): void {
    const base = EventTarget.prototype;
    // True for every value that is not an object.
    if (Object(handler) !== handler) {
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
