// What connections are made of: the platform's own class, also where SteadySocket has been put in the
// place of WebSocket, as it is or inside of something else.

/**
 * A member of the global object while a connection is made; and, of what SteadySocket throws when it
 * is made then, the class to take instead. The same in every copy of the package, and in
 * steady_web_new of ../../sdk/web/steady_web.js.
 */
const beneath = Symbol.for("steadysocket.beneath");

/** The platform's own class: the last that connections were made of, or the global one on import. */
let platform: unknown;

/** Of Node, Deno or Bun. Not imported: bundlers would look for it. */
export function builtinModule<Module>(id: string): Module | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(id: string): Module | undefined };
  };
  return process?.getBuiltinModule?.(id);
}

/** Looks at the global class while it is surely there. */
export function seePlatform(): void {
  const { process } = globalThis as {
    process?: { versions?: { node?: string; deno?: string; bun?: string } };
  };
  const { node = "", deno, bun } = process?.versions ?? {};
  // Node loads its own when the name is read, which takes 40 ms and more, and has it in "http" too.
  if (deno || bun || !(node >= "22")) platform = globalThis.WebSocket;
}

/** Returns the class for the next connection, as far as it is known before one is made. */
export const webSocketClass = (given: unknown): unknown =>
  given ?? globalThis.WebSocket ?? platform;

/** A connection was made of the global class, or of what it led to. */
export function rememberPlatform(made: unknown): void {
  platform = made;
}

/** Throws if a connection of a SteadySocket is being made: not of another one. */
export function refuseToBeBeneath(): void {
  if (!(beneath in globalThis)) return;
  const error = new DOMException(
    "there is no WebSocket beneath SteadySocket; pass a class as options.WebSocket",
    "NotSupportedError",
  );
  const own = platform ?? builtinModule<{ WebSocket?: unknown }>("http")?.WebSocket;
  throw Object.assign(error, { [beneath]: own });
}
