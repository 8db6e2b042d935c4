import { TypeScanner } from "./scan.js";

/** Handles the messages of one type. `payload` is the whole parsed message. */
// biome-ignore lint/suspicious/noExplicitAny: only the user knows what a server sends
export type RouteHandler<Payload = any> = (payload: Payload) => void;

/** Handles requests: `message` is not validated, `connection` is the number of its connection. */
export type RequestListener = (payload: unknown, message: unknown, connection: number) => void;

interface Entry {
  handler: RouteHandler | RequestListener;
  kind: Kind;
  active: boolean;
}

/** The messages that a handler is called with. Replies are not requests. */
type Kind = "messages" | "one message" | "requests";

/** Validates messages of a type, and calls `deliver` for the valid ones, in order. */
export type Validate = (message: unknown, deliver: (payload: unknown) => void) => void;

interface Route {
  readonly type: string;
  /**
   * A string s with the usual head is of this type if `from < s < below`. Two comparisons cost a
   * third of `startsWith`.
   */
  from: string;
  below: string;
  /** Copied on write: it may be iterated while handlers are added or removed. */
  entries: readonly Entry[];
  /** The handler if there is only one, and no validator. */
  sole: RouteHandler | undefined;
  readonly validate: Validate | undefined;
}

/** An empty range. */
const nothing = { from: "", below: "" };
const newRoute = (type: string, validate?: Validate): Route => ({
  type,
  ...nothing,
  entries: [],
  sole: undefined,
  validate,
});
/** A prefix that no JSON has. */
const noHead = "\0";
/** Longer heads are not learned: they probably differ from message to message. */
const longestHead = 64;
/** The longest string that a slice of it may keep alive, in UTF-16 units. */
const longestKept = 4096;
/** Returns a copy of a slice that does not keep the sliced string alive. */
const copyOf = (text: string) => [...text].join("");

/** Longer strings with the usual head are not parsed before their type is known. UTF-16 units. */
const longestParsedFirst = 512;

/** The handlers by message type. They may be added and removed inside a handler. */
export class Routes {
  isEmpty = true;
  /** Returns the validator of a type. Set before handlers are added. */
  validatorOf: (type: string) => Validate | undefined = () => undefined;
  readonly #member: string;
  /** The member is a plain name that neither arrays nor strings have as a property. */
  readonly #isPlain: boolean;
  /** The member is `type`: a name that is known to the engine is read faster. */
  readonly #isUsual: boolean;
  readonly #scanner: TypeScanner;
  readonly #routes = new Map<string, Route>();
  /** The handlers of all types ("*"). */
  readonly #any = newRoute("*");
  #hasAny = false;
  /** The route of types that have only handlers of "*". */
  readonly #other = newRoute("*");
  /** The route of the last message, which the next one often shares. */
  #last: Route = this.#other;
  /**
   * The last message had handlers, so the next one probably has some. If it is short or lacks the
   * usual head, parsing it first costs less than searching for its type.
   */
  #expectsReader = true;
  /**
   * The usual head: the characters before the type in most messages, including the quote. The type
   * of a message that begins with it is found without scanning.
   */
  #head: string;
  /** The head of the last message with another head: adopted if the next message has it too. */
  #nextHead = noHead;

  /** `member`: the option `typeMember`. */
  constructor(member: string) {
    this.#member = member;
    this.#scanner = new TypeScanner(member);
    this.#isPlain = !/^[/\d]/.test(member);
    this.#isUsual = member === "type";
    this.#head = `{${JSON.stringify(member)}:"`;
    if (member[0] === "/") this.#head = noHead;
  }

  add(type: string, handler: RouteHandler | RequestListener, kind: Kind): () => void {
    if (typeof handler !== "function") {
      throw new TypeError(`SteadySocket: handler of "${type}" must be a function`);
    }
    const route = type === "*" ? this.#any : (this.#routes.get(type) ?? this.#addRoute(type));
    const entry = { handler, kind, active: true };
    route.entries = [...route.entries, entry];
    this.#update(route);
    return () => this.#remove(type, (other) => other === entry);
  }

  #addRoute(type: string): Route {
    const route = Object.assign(newRoute(type, this.validatorOf(type)), this.#rangeOf(type));
    this.#routes.set(type, route);
    return route;
  }

  /** Whether a type has handlers of its own. */
  handles(type: string): boolean {
    return this.#routes.has(type);
  }

  remove(type: string, handler: RouteHandler): void {
    this.#remove(type, (entry) => entry.handler === handler);
  }

  #remove(type: string, matches: (entry: Entry) => boolean): void {
    const route = type === "*" ? this.#any : this.#routes.get(type);
    if (route === undefined) return;
    route.entries = route.entries.filter((entry) => {
      if (!matches(entry)) return true;
      entry.active = false;
      return false;
    });
    if (route.entries.length === 0 && route !== this.#any) {
      this.#routes.delete(type);
      if (this.#last === route) this.#last = this.#other;
    }
    this.#update(route);
  }

  /** Called when the entries of a route have changed. */
  #update(route: Route): void {
    const [first, second] = route.entries;
    const isSole =
      second === undefined && first?.kind === "messages" && route.validate === undefined;
    route.sole = isSole ? (first.handler as RouteHandler) : undefined;
    this.#hasAny = this.#any.entries.length > 0;
    this.isEmpty = !this.#hasAny && ![...this.#routes.values()].some(hasEntries);
  }

  /**
   * Calls the handlers of a message. Does not always parse messages without handlers.
   *
   * @param connection - the number of the connection if the message may be a request, otherwise 0.
   * @param parsed - the parsed message, if available.
   * @returns false if the type has handlers, but the message is not JSON.
   */
  dispatch(text: string, connection: number, parsed?: unknown): boolean {
    let payload = parsed;
    if (
      parsed === undefined &&
      (!this.#expectsReader || (text.length > longestParsedFirst && text.startsWith(this.#head)))
    ) {
      this.#expectsReader = begins(text, this.#last) || this.#find(text) !== undefined;
      if (!this.#expectsReader) return true;
    }
    try {
      payload ??= JSON.parse(text);
    } catch {
      return this.#find(text) === undefined;
    }
    // `JSON.parse` takes the last of duplicate members; the scanner may have found another.
    const object = payload as Record<string, unknown> | null;
    const type = this.#isUsual
      ? object?.type
      : this.#isPlain
        ? object?.[this.#member]
        : this.#scanner.read(payload);
    let route = this.#last;
    if (type !== route.type) {
      const found = this.#routeOf(type);
      if (found === undefined) {
        this.#expectsReader = false;
        return true;
      }
      this.#last = route = found;
    }
    const { sole } = route;
    if (sole === undefined || this.#hasAny) {
      if (route.validate === undefined) this.#callAll(route, payload, payload, connection);
      else this.#validate(route, route.validate, payload, connection);
      return true;
    }
    try {
      sole(payload);
    } catch (error) {
      report(error);
    }
    return true;
  }

  /** Returns the type of a message, or the message itself if it has no type. */
  nameOf(text: string): string {
    return this.#scanner.find(text) ? this.#takeType() : text;
  }

  /** Removes the type from the scanner, where the slice would keep its message alive. */
  #takeType(): string {
    const { type } = this.#scanner;
    this.#scanner.type = "";
    return type;
  }

  /** Returns the route of a message without parsing it; undefined if there are no handlers. */
  #find(text: string): Route | undefined {
    const head = this.#head;
    if (head !== noHead && text.startsWith(head)) {
      const end = text.indexOf('"', head.length);
      const type = text.slice(head.length, end);
      if (end >= 0 && !type.includes("\\")) return this.#routeOf(type);
    }
    const scanner = this.#scanner;
    if (!scanner.find(text)) return undefined;
    if (scanner.begin <= longestHead) this.#learnHead(text, scanner.begin);
    return this.#routeOf(this.#takeType());
  }

  #routeOf(type: unknown): Route | undefined {
    const route = this.#routes.get(type as string);
    if (route?.sole !== undefined) return route;
    if (typeof type !== "string") return undefined;
    if (!this.#hasAny) return route !== undefined && hasEntries(route) ? route : undefined;
    if (route !== undefined) return route;
    // Messages for handlers of "*" are validated, too.
    return this.validatorOf(type) ? this.#addRoute(type) : this.#other;
  }

  #learnHead(text: string, length: number): void {
    if (length !== this.#nextHead.length || !text.startsWith(this.#nextHead)) {
      // A slice keeps the whole message alive.
      const nextHead = text.slice(0, length);
      this.#nextHead = text.length > longestKept ? copyOf(nextHead) : nextHead;
      return;
    }
    this.#head = copyOf(this.#nextHead);
    for (const route of this.#routes.values()) Object.assign(route, this.#rangeOf(route.type));
  }

  #rangeOf(type: string): { from: string; below: string } {
    if (this.#head === noHead || JSON.stringify(type) !== `"${type}"`) return nothing;
    const begin = this.#head + type;
    // The number sign is the code unit after the quote.
    return { from: `${begin}"`, below: `${begin}#` };
  }

  #validate(route: Route, validate: Validate, message: unknown, connection: number): void {
    validate(message, (payload) => this.#callAll(route, payload, message, connection));
  }

  /** Handlers that are added meanwhile are called from the next message on. */
  #callAll(route: Route, payload: unknown, message: unknown, connection: number): void {
    const any = this.#any.entries;
    this.#call(route.type, route.entries, payload, message, connection);
    this.#call("*", any, payload, message, connection);
  }

  #call(
    type: string,
    entries: readonly Entry[],
    payload: unknown,
    message: unknown,
    connection: number,
  ): void {
    for (let i = 0; i < entries.length; ++i) {
      const entry = entries[i] as Entry;
      if (!entry.active) continue;
      if (entry.kind === "one message") this.#remove(type, (other) => other === entry);
      try {
        if (entry.kind !== "requests") (entry.handler as RouteHandler)(payload);
        else if (connection !== 0) entry.handler(payload, message, connection);
      } catch (error) {
        report(error);
      }
    }
  }
}

function hasEntries(route: Route): boolean {
  return route.entries.length > 0;
}

function begins(text: string, route: Route): boolean {
  return text > route.from && text < route.below;
}

/** Reports an error like one thrown by an event listener. */
export function report(error: unknown): void {
  if (typeof reportError === "function") {
    reportError(error);
  } else {
    queueMicrotask(() => {
      throw error;
    });
  }
}
