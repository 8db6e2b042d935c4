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
  /** Lists are replaced, never changed: one that is being walked stays as it was. */
  readonly #entries = new Map<string, readonly Entry[]>();
  #any: readonly Entry[] | undefined;

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  add(type: string, handler: RouteHandler, once: boolean): () => void {
    if (typeof handler !== "function") {
      throw new TypeError(`SteadySocket: the handler of "${type}" is not a function`);
    }
    const entry = { handler, once, active: true };
    this.#set(type, [...(this.#entries.get(type) ?? []), entry]);
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
    this.#set(type, rest);
  }

  #set(type: string, entries: readonly Entry[]): void {
    if (entries.length > 0) this.#entries.set(type, entries);
    else this.#entries.delete(type);
    this.#any = this.#entries.get("*");
  }

  /** Routes a text that is a JSON object whose `member` is a string; others have no route. */
  dispatch(text: string, member: string): void {
    // What is not an object is told by its first character, and need not be parsed.
    let first = text.charCodeAt(0);
    if (first <= 0x20) first = text.trimStart().charCodeAt(0);
    if (first !== 0x7b) return;
    let payload: Record<string, unknown>;
    try {
      payload = JSON.parse(text);
    } catch {
      return;
    }
    const type = payload[member];
    if (typeof type !== "string") return;
    const any = this.#any;
    const entries = this.#entries.get(type);
    if (entries !== undefined) this.#call(type, entries, payload);
    if (any !== undefined && type !== "*") this.#call("*", any, payload);
  }

  #call(type: string, entries: readonly Entry[], payload: unknown): void {
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
