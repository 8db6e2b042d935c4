// Selection of the WebSocket class for connections: the platform's own, even if SteadySocket or a
// class derived from it is the global WebSocket.
import type { ConnectionDetails } from "./core-port.js";

/**
 * A member of the global object while a connection is created. SteadySocket throws if it is
 * constructed meanwhile; the error has a member with the same key, the class to use instead. Shared
 * with other copies of the package and with steady_web_new of ../../sdk/web/steady_web.js.
 */
const beneath = Symbol.for("steadysocket.beneath");

/** The platform's own class: the last one used for a connection, or the global one on import. */
let platform: unknown;

/** Returns a built-in module of Node, Deno or Bun. Bundlers would try to resolve an import. */
export function builtinModule<Module>(id: string): Module | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): Module | undefined };
  };
  return process?.getBuiltinModule?.(id);
}

/** Remembers the global class on import, before it can be replaced. */
export function capturePlatform(): void {
  const { process } = globalThis as {
    process?: { versions?: { node?: string; deno?: string; bun?: string } };
  };
  const { node = "", deno, bun } = process?.versions ?? {};
  // Reading the global makes Node load the class, which takes 40 ms or more; "http" exports it too.
  if (deno || bun || !(node >= "22")) platform = globalThis.WebSocket;
}

/** Returns the class for the next connection. */
export const webSocketClass = (given: unknown): unknown =>
  given ?? globalThis.WebSocket ?? platform;

/**
 * True if the constructor of the WebSocket may throw, or is not the browser's own. Then it is called
 * inside the user's call, which then throws the error; otherwise at the end of the current task.
 */
export function mayThrow(given: unknown, url: string): boolean {
  const { location, origin, WebSocket } = globalThis;
  return (
    given !== undefined ||
    // The classes of tests, jsdom, Node and Deno are written in JavaScript.
    typeof WebSocket !== "function" ||
    !/\[native code\]/.test(Function.prototype.toString.call(WebSocket)) ||
    // Mixed content. Workers of blob: URLs have the origin of their page.
    (/^ws:/.test(url) && /https:/.test(`${origin} ${location}`))
  );
}

/**
 * A class for a WebSocket that was created before the kernel: its constructor returns that
 * WebSocket, or throws the error of the real constructor.
 */
export interface ConnectionAhead {
  new (): object;
  /** Closes the WebSocket if the kernel could not be instantiated. */
  giveUp(): void;
}

/** Creates a WebSocket, which connects while the kernel is instantiated. */
export function connectAhead(
  Class: unknown,
  { url, subprotocols }: ConnectionDetails,
): ConnectionAhead {
  const scope = globalThis as { [beneath]?: boolean };
  const make = Class as new (...given: unknown[]) => WebSocket;
  let socket: WebSocket | undefined;
  let thrown: unknown;
  try {
    scope[beneath] = true;
    socket = subprotocols.length > 0 ? new make(url, subprotocols) : new make(url);
  } catch (error) {
    thrown = error;
  } finally {
    delete scope[beneath];
  }
  return class {
    static giveUp() {
      if (socket === undefined) return;
      // The ws package emits an error, which ends a Node process if it is unhandled.
      socket.onerror = () => {};
      socket.close();
    }

    constructor() {
      if (socket === undefined) throw thrown;
      // biome-ignore lint/correctness/noConstructorReturn: replaces the real class
      return socket;
    }
  };
}

/** Called when a connection was created with the global class, or the class that it named. */
export function rememberPlatform(made: unknown): void {
  platform = made;
}

/** Throws while a connection is created, which must not be a SteadySocket itself. */
export function throwIfUnderlying(): void {
  if (!(beneath in globalThis)) return;
  const error = new DOMException(
    "SteadySocket has no underlying WebSocket; pass a class as options.WebSocket",
    "NotSupportedError",
  );
  const own = platform ?? builtinModule<{ WebSocket?: unknown }>("http")?.WebSocket;
  throw Object.assign(error, { [beneath]: own });
}
