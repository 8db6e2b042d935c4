/** Hears the messages of one type. `payload` is the whole parsed message. */
// biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
export type RouteHandler<Payload = any> = (payload: Payload) => void;

interface Entry {
  handler: RouteHandler;
  once: boolean;
  active: boolean;
}

/** Message type -> handlers. They may be added and removed while one of them runs. */
export class Routes {
  readonly #entries = new Map<string, readonly Entry[]>();

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  add(type: string, handler: RouteHandler, once: boolean): () => void {
    if (typeof handler !== "function") {
      throw new TypeError(`SteadySocket: the handler of "${type}" is not a function`);
    }
    const entry = { handler, once, active: true };
    this.#entries.set(type, [...(this.#entries.get(type) ?? []), entry]);
    return () => this.#remove(type, (other) => other === entry);
  }

  remove(type: string, handler: RouteHandler): void {
    this.#remove(type, (entry) => entry.handler === handler);
  }

  #remove(type: string, matches: (entry: Entry) => boolean): void {
    const rest = (this.#entries.get(type) ?? []).filter((entry) => {
      if (!matches(entry)) return true;
      entry.active = false;
      return false;
    });
    if (rest.length > 0) this.#entries.set(type, rest);
    else this.#entries.delete(type);
  }

  /** Routes a text that is a JSON object whose `member` is a string; others have no route. */
  dispatch(text: string, member: string): void {
    // Most texts that are not an object are told by their first character.
    const first = text.charCodeAt(0);
    if (first !== 0x7b && !(first <= 0x20)) return;
    let payload: unknown;
    try {
      payload = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return;
    const type = (payload as Record<string, unknown>)[member];
    if (typeof type !== "string") return;
    this.#call(type, payload);
    if (type !== "*") this.#call("*", payload);
  }

  #call(type: string, payload: unknown): void {
    const entries = this.#entries.get(type);
    if (entries === undefined) return;
    for (const entry of entries) {
      if (!entry.active) continue;
      if (entry.once) this.#remove(type, (other) => other === entry);
      try {
        entry.handler(payload);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** Reports an error as the platform does for one that a listener throws. */
function report(error: unknown): void {
  if (typeof reportError === "function") {
    reportError(error);
  } else {
    queueMicrotask(() => {
      throw error;
    });
  }
}
