import { TypeScanner } from "./scan.js";
import { issuesText, type Schema, type SchemaResult } from "./schema.js";

/** Hears the messages of one type. `payload` is the whole parsed message. */
// biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
export type RouteHandler<Payload = any> = (payload: Payload) => void;

/** Hears requests: also what the message was before its schema, and on which connection it came. */
export type RequestListener = (payload: unknown, message: unknown, session: number) => void;

interface Entry {
  handler: RouteHandler | RequestListener;
  kind: Kind;
  active: boolean;
}

/** What a handler hears. Replies are no requests. */
type Kind = "messages" | "one message" | "requests";

interface Route {
  readonly type: string;
  /**
   * Every text from the first on and below the second begins as texts of this type do that have the
   * usual head. Two comparisons cost a third of what `startsWith` costs.
   */
  from: string;
  below: string;
  /** Replaced, never changed: a list that is being walked stays as it was. */
  entries: readonly Entry[];
  /** The one entry's handler, if there is one only and nothing to validate. */
  sole: RouteHandler | undefined;
  readonly schema: Schema | undefined;
  /** Settled when the last message was validated, if that is not done at once. */
  validated: Promise<void> | undefined;
}

/** No text begins so. */
const nothing = { from: "", below: "" };
/** A route has its schema for life. */
const newRoute = (type: string, schema?: Schema): Route => ({
  type,
  ...nothing,
  entries: [],
  sole: undefined,
  schema,
  validated: undefined,
});
/** No JSON text begins so. */
const noHead = "\0";
/** A head that is longer is probably not the same for the next message. */
const longestHead = 64;
/** A text that may be kept alive for its beginning, in UTF-16 units. */
const longestKept = 4096;
/** A text that is no part of another one. */
const copyOf = (text: string) => [...text].join("");

/** What is parsed before it is known whether anybody listens, in UTF-16 units, if it begins as usual. */
const longestParsedFirst = 512;

/** Message type -> handlers. They may be added and removed while one of them runs. */
export class Routes {
  isEmpty = true;
  readonly #member: string;
  readonly #schemas: { readonly [type: string]: Schema | undefined };
  readonly #invalid: (type: string, what: string) => void;
  /**
   * How the member ends in a text, quote included, unless it is written with "\\u". Without the
   * first quote: looking for what is rarer is faster.
   */
  readonly #key: string | undefined;
  readonly #scanner: TypeScanner;
  readonly #routes = new Map<string, Route>();
  /** Those of every type ("*"). */
  readonly #any = newRoute("*");
  #hasAny = false;
  /** Stands for a type that only `#any` hears. */
  readonly #other = newRoute("\0");
  /** The route of the last message: the next one's is often the same. */
  #last: Route = this.#other;
  /**
   * The last message had a reader, so the next one probably has. If it is small, or its type is not
   * where it usually is, parsing it at once costs less than looking for its type first.
   */
  #expectsReader = true;
  /**
   * What texts have before their type, quote included. Reading goes from left to right: for a text
   * that begins so, it would end up at this place again.
   */
  #head: string;
  /** The head of a text that had another one: if the next text has it too, it is learned. */
  #nextHead = noHead;

  /**
   * `member` and `schemas`: see SteadySocketOptions. `invalid` is told of every message that is not
   * what its schema describes.
   */
  constructor(
    member: string,
    schemas: { readonly [type: string]: Schema | undefined } = {},
    invalid: (type: string, what: string) => void = () => {},
  ) {
    this.#member = member;
    this.#schemas = schemas;
    this.#invalid = invalid;
    this.#scanner = new TypeScanner(member);
    if (/^[A-Za-z_]\w*$/.test(member)) this.#key = `${member}"`;
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
    const schema = Object.hasOwn(this.#schemas, type) ? this.#schemas[type] : undefined;
    const route = Object.assign(newRoute(type, schema), this.#rangeOf(type));
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
    const isSole = second === undefined && first?.kind === "messages" && route.schema === undefined;
    route.sole = isSole ? (first.handler as RouteHandler) : undefined;
    this.#hasAny = this.#any.entries.length > 0;
    this.isEmpty = !this.#hasAny && ![...this.#routes.values()].some(hasEntries);
  }

  /**
   * Routes a text. One without a type, or whose type nobody listens to, is not parsed. `session`: the
   * number of the connection if it may be a request, otherwise 0. `parsed`: the text parsed, if
   * somebody has done that already.
   *
   * @returns false if somebody listens to its type and it is not JSON.
   */
  dispatch(text: string, session: number, parsed?: unknown): boolean {
    let route: Route | undefined = this.#last;
    let payload = parsed;
    if (
      parsed !== undefined ||
      (this.#expectsReader && (text.length <= longestParsedFirst || !text.startsWith(this.#head)))
    ) {
      try {
        payload ??= JSON.parse(text);
      } catch {
        return this.#find(text) === undefined;
      }
      const type = (payload as Record<string, unknown> | null)?.[this.#member];
      if (type !== route.type) route = this.#routeOf(type);
      // Of duplicate members the parser takes the last.
      if (route === undefined || !(begins(text, route) || this.#hasOneKey(text))) {
        route = this.#find(text);
      }
    } else {
      if (!begins(text, route)) route = this.#find(text);
      if (route !== undefined) {
        try {
          payload = JSON.parse(text);
        } catch {
          return false;
        }
      }
    }
    this.#expectsReader = route !== undefined;
    if (route === undefined) return true;
    this.#last = route;
    const { sole } = route;
    if (sole === undefined || this.#hasAny) {
      if (route.schema === undefined) this.#callAll(route, payload, payload, session);
      else this.#validate(route, route.schema, payload, session);
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

  /** The type that was found. It may be a slice, which keeps the whole text alive: not here. */
  #takeType(): string {
    const { type } = this.#scanner;
    this.#scanner.type = "";
    return type;
  }

  /** The route of a text, or undefined if nobody listens. */
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
    // What "*" hears is validated, too.
    return Object.hasOwn(this.#schemas, type) ? this.#addRoute(type) : this.#other;
  }

  /**
   * Whether the text has the key once only, wherever that is: then it is the one that the parser
   * has found. Takes a fraction of reading up to a type that comes late.
   */
  #hasOneKey(text: string): boolean {
    const key = this.#key;
    if (key === undefined) return false;
    const at = text.indexOf(key);
    const end = at + key.length;
    if (at < 0 || text.indexOf(key, end) >= 0 || text.includes("\\u")) return false;
    if (end + 2 <= longestHead && text.startsWith(':"', end)) this.#learnHead(text, end + 2);
    return true;
  }

  #learnHead(text: string, length: number): void {
    if (length !== this.#nextHead.length || !text.startsWith(this.#nextHead)) {
      // A slice keeps the whole text alive: not if that is much.
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
    // The character behind a quote is a number sign.
    return { from: `${begin}"`, below: `${begin}#` };
  }

  /** Messages of one type are told in their order, also if validating takes time. */
  #validate(route: Route, schema: Schema, message: unknown, session: number): void {
    const judge = (result: SchemaResult<unknown>) => {
      if (result.issues !== undefined) this.#invalid(route.type, issuesText(result.issues));
      else this.#callAll(route, result.value, message, session);
    };
    try {
      const result = schema["~standard"].validate(message);
      // `instanceof Promise` misses those of another realm, and all of them under zone.js.
      const isLater = typeof (result as Partial<PromiseLike<unknown>>).then === "function";
      if (route.validated === undefined && !isLater) {
        judge(result as SchemaResult<unknown>);
        return;
      }
      const before = route.validated;
      const judged = async () => {
        await before;
        try {
          judge(await result);
        } catch (error) {
          report(error);
        }
      };
      const validated = judged().then(() => {
        if (route.validated === validated) route.validated = undefined;
      });
      route.validated = validated;
    } catch (error) {
      report(error);
    }
  }

  /** Who begins to listen meanwhile hears the next message. */
  #callAll(route: Route, payload: unknown, message: unknown, session: number): void {
    const any = this.#any.entries;
    this.#call(route.type, route.entries, payload, message, session);
    this.#call("*", any, payload, message, session);
  }

  #call(
    type: string,
    entries: readonly Entry[],
    payload: unknown,
    message: unknown,
    session: number,
  ): void {
    for (let i = 0; i < entries.length; ++i) {
      const entry = entries[i] as Entry;
      if (!entry.active) continue;
      if (entry.kind === "one message") this.#remove(type, (other) => other === entry);
      try {
        if (entry.kind !== "requests") (entry.handler as RouteHandler)(payload);
        else if (session !== 0) entry.handler(payload, message, session);
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

/** Reports an error as the platform does for one that a listener throws. */
export function report(error: unknown): void {
  if (typeof reportError === "function") {
    reportError(error);
  } else {
    queueMicrotask(() => {
      throw error;
    });
  }
}
