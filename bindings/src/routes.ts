import { TypeScanner } from "./scan.js";

/** Called with the messages of one type. `payload` is the whole parsed message. */
// biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
export type RouteHandler<Payload = any> = (payload: Payload) => void;

/** Called with requests: also the message before validation, and the number of its connection. */
export type RequestListener = (payload: unknown, message: unknown, connection: number) => void;

interface Entry {
  handler: RouteHandler | RequestListener;
  kind: Kind;
  active: boolean;
}

/** What a handler is called with. Replies are not requests. */
type Kind = "messages" | "one message" | "requests";

/** Checks messages of a type, and calls `deliver` with each that passes, in their order. */
export type Validate = (message: unknown, deliver: (payload: unknown) => void) => void;

interface Route {
  readonly type: string;
  /**
   * A text t with the usual head is of this type if `from < t < below`. Two comparisons cost a third
   * of `startsWith`.
   */
  from: string;
  below: string;
  /** Replaced, never modified: it may be iterated while handlers are added or removed. */
  entries: readonly Entry[];
  /** The handler, if there is only one and no validator. */
  sole: RouteHandler | undefined;
  readonly validate: Validate | undefined;
}

/** A range that contains no text. */
const nothing = { from: "", below: "" };
const newRoute = (type: string, validate?: Validate): Route => ({
  type,
  ...nothing,
  entries: [],
  sole: undefined,
  validate,
});
/** No JSON text begins with this. */
const noHead = "\0";
/** A longer head probably differs from message to message. */
const longestHead = 64;
/** The longest text that a slice of it may keep alive, in UTF-16 units. */
const longestKept = 4096;
/** Returns a string that does not keep the one it was sliced from alive. */
const copyOf = (text: string) => [...text].join("");

/** The longest text that is parsed before its type is known, in UTF-16 units, if it has the usual head. */
const longestParsedFirst = 512;

/** Message type -> handlers, which may be added and removed while one of them runs. */
export class Routes {
  isEmpty = true;
  /** The validator of a type: to be set before handlers are added. */
  validatorOf: (type: string) => Validate | undefined = () => undefined;
  readonly #member: string;
  /** The member is a property that neither arrays nor strings have. */
  readonly #isPlain: boolean;
  readonly #scanner: TypeScanner;
  readonly #routes = new Map<string, Route>();
  /** Handlers of every type ("*"). */
  readonly #any = newRoute("*");
  #hasAny = false;
  /** Stands for every type that only handlers of "*" are called with. */
  readonly #other = newRoute("*");
  /** The route of the last message: the next one often has the same. */
  #last: Route = this.#other;
  /**
   * The last message had handlers, so the next one probably has. If it is short, or its type is not
   * at its usual place, parsing it costs less than looking for its type first.
   */
  #expectsReader = true;
  /**
   * What precedes the type in most texts, including the quote. The type of a text that begins with
   * it is found without scanning.
   */
  #head: string;
  /** The head of the last text that had another one: adopted if the next text has it too. */
  #nextHead = noHead;

  /** `member`: see `typeMember` of the options. */
  constructor(member: string) {
    this.#member = member;
    this.#scanner = new TypeScanner(member);
    this.#isPlain = !/^[/\d]/.test(member);
    this.#head = `{${JSON.stringify(member)}:"`;
    if (member[0] === "/") this.#head = noHead;
  }

  add(type: string, handler: RouteHandler | RequestListener, kind: Kind): () => void {
    if (typeof handler !== "function") {
      throw new TypeError(`SteadySocket: the handler of "${type}" is not a function`);
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

  /** The entries of this route have changed. */
  #update(route: Route): void {
    const [first, second] = route.entries;
    const isSole =
      second === undefined && first?.kind === "messages" && route.validate === undefined;
    route.sole = isSole ? (first.handler as RouteHandler) : undefined;
    this.#hasAny = this.#any.entries.length > 0;
    this.isEmpty = !this.#hasAny && ![...this.#routes.values()].some(hasEntries);
  }

  /**
   * Calls the handlers of a message. One whose type has no handlers need not be parsed.
   *
   * @param connection - the number of the connection if it may be a request, otherwise 0.
   * @param parsed - the message, if it was parsed already.
   * @returns false if its type has handlers and it is not JSON.
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
    // Of duplicate members the last counts, whichever was found before.
    const type = this.#isPlain
      ? (payload as Record<string, unknown> | null)?.[this.#member]
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

  /** Takes the type out of the scanner, where a slice would keep its text alive. */
  #takeType(): string {
    const { type } = this.#scanner;
    this.#scanner.type = "";
    return type;
  }

  /** Returns the route of a text without parsing it; undefined if there are no handlers. */
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
    if (typeof type !== "string") return undefined;
    const route = this.#routes.get(type);
    if (!this.#hasAny) return route !== undefined && hasEntries(route) ? route : undefined;
    if (route !== undefined) return route;
    // What handlers of "*" are called with is validated, too.
    return this.validatorOf(type) ? this.#addRoute(type) : this.#other;
  }

  #learnHead(text: string, length: number): void {
    if (length !== this.#nextHead.length || !text.startsWith(this.#nextHead)) {
      // A slice keeps the whole text alive.
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
    // The code unit after that of the quote is that of a number sign.
    return { from: `${begin}"`, below: `${begin}#` };
  }

  #validate(route: Route, validate: Validate, message: unknown, connection: number): void {
    validate(message, (payload) => this.#callAll(route, payload, message, connection));
  }

  /** Handlers that are added meanwhile are called with the next message. */
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

/** Reports an error like the platform does for one that an event listener throws. */
export function report(error: unknown): void {
  if (typeof reportError === "function") {
    reportError(error);
  } else {
    queueMicrotask(() => {
      throw error;
    });
  }
}
