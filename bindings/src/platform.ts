// The class of connections: the platform's own, also where SteadySocket, or something made of it, is
// the global WebSocket.

/**
 * A member of the global object while a connection is created; and a member of the error that
 * SteadySocket throws if it is constructed then: the class to use instead. The same in every copy of
 * the package, and in steady_web_new of ../../sdk/web/steady_web.js.
 */
const beneath = Symbol.for("steadysocket.beneath");

/** The platform's own class: the one last used for a connection, or the global one on import. */
let platform: unknown;

/** A module of Node, Deno or Bun. Not imported, since bundlers would try to resolve it. */
export function builtinModule<Module>(id: string): Module | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): Module | undefined };
  };
  return process?.getBuiltinModule?.(id);
}

/** Remembers the global class before it can be replaced. */
export function seePlatform(): void {
  const { process } = globalThis as {
    process?: { versions?: { node?: string; deno?: string; bun?: string } };
  };
  const { node = "", deno, bun } = process?.versions ?? {};
  // Node loads its own when the name is read, which takes 40 ms or more; it is in "http" as well.
  if (deno || bun || !(node >= "22")) platform = globalThis.WebSocket;
}

/** Returns the class for the next connection. */
export const webSocketClass = (given: unknown): unknown =>
  given ?? globalThis.WebSocket ?? platform;

/**
 * A class for a WebSocket that was created before the kernel is there: its constructor returns it, or
 * throws what the real one has thrown.
 */
export interface ConnectionAhead {
  new (): object;
  /** The kernel will not come. */
  giveUp(): void;
}

/** Creates a WebSocket that connects while the kernel is compiled. */
export function connectAhead(
  Class: unknown,
  url: string,
  subprotocols: readonly string[],
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
      // The ws package emits one, and an error that nobody listens to ends a Node process.
      socket.onerror = () => {};
      socket.close();
    }

    constructor() {
      if (socket === undefined) throw thrown;
      // biome-ignore lint/correctness/noConstructorReturn: it stands for a class that has made one
      return socket;
    }
  };
}

/** A connection was created with the global class, or the class that it led to. */
export function rememberPlatform(made: unknown): void {
  platform = made;
}

/** Throws while a connection of a SteadySocket is being created: that must not be another one. */
export function refuseToBeBeneath(): void {
  if (!(beneath in globalThis)) return;
  const error = new DOMException(
    "there is no WebSocket beneath SteadySocket; pass a class as options.WebSocket",
    "NotSupportedError",
  );
  const own = platform ?? builtinModule<{ WebSocket?: unknown }>("http")?.WebSocket;
  throw Object.assign(error, { [beneath]: own });
}
