// The representation of sockets and events in consoles.
import { beginning } from "./payload.js";

/**
 * An own property of sockets with their state and URL. Consoles of browsers show own properties
 * only, and call no getter.
 */
export const summary = Symbol("state");

/** Masks what may be a secret in a URL: user, password, and the values of the query. */
export const masked = (url: string): string =>
  url.replace(/\/\/[^/]*@/, "//***@").replace(/([?&])([^&=]*=)?[^&]*/g, "$1$2***");

/** Describes a message: the first 100 characters of a string, or the size of binary data. */
export function described(data: unknown): string {
  if (typeof data !== "object" || data === null) return beginning(`${data}`);
  const { byteLength, size = byteLength } = data as { byteLength?: number; size?: number };
  return `${size} bytes`;
}

type Inspect = (values: object, options: object) => string;

/**
 * Sets the public name of a class, which minifiers change. The consoles of Node, Deno and Bun
 * (`inspect` of node:util) print these members of its objects, without those that are undefined.
 * `shown` converts them.
 */
export function nameClass(
  made: { readonly name: string; readonly prototype: object },
  name: string,
  members: readonly string[] = [],
  shown: { readonly [member: string]: (value: string) => string } = {},
): void {
  Object.defineProperty(made, "name", { value: name });
  if (members.length === 0) return;
  // The argument `inspect` is the third in Node and Bun, and the first in Deno.
  const inspected = {
    value(this: object, first: unknown, options: object, inspect = first as Inspect) {
      const values: Record<string, unknown> = {};
      try {
        for (const member of members) {
          const value = Reflect.get(this, member);
          if (value !== undefined) values[member] = shown[member]?.(value as string) ?? value;
        }
      } catch {
        // An object that inherits from a socket is none: its members throw.
      }
      return `${this.constructor.name} ${inspect(values, options)}`;
    },
    configurable: true,
  };
  for (const key of ["nodejs.util.inspect.custom", "Deno.privateCustomInspect"]) {
    Object.defineProperty(made.prototype, Symbol.for(key), inspected);
  }
}
