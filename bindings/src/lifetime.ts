// Who keeps a socket alive: whoever holds it, and, while it has listeners, its connection (HTML
// standard, "Garbage collection" of WebSocket). One that nobody holds any more is closed.
import { attachment } from "steadysocket:core";
import type { Core, Handle } from "./core.js";

/** How the core's part finds its socket without keeping it alive. */
export interface Link<Socket extends object> {
  /** The socket, while it has to be kept alive. */
  held: Socket | undefined;
  readonly weak: WeakRef<Socket>;
}

/** The core's part of a socket; `handle` is 0 once it is given back. */
export interface Part {
  readonly core: Core;
  observer: number;
  handle: Handle;
}

/** What waits is still sent, in so many milliseconds. */
const lastWords = 30_000;

/** A variable that changes, for the reason that `takeCore` of core.ts is one. */
let takeRegistry = (): FinalizationRegistry<Part> => {
  const registry = new FinalizationRegistry<Part>((part) => {
    const { core, handle } = part;
    if (handle === 0) return;
    if (attachment) {
      giveBack(part);
      return;
    }
    core.SteadyWeb.leaveText("");
    core.close(handle, -1, lastWords);
  });
  takeRegistry = () => registry;
  return registry;
};

/** Closes the sockets that are forgotten. Made when the first one is. */
export function forgetting(): FinalizationRegistry<Part> {
  return takeRegistry();
}

/** Gives back the core's part. */
export function giveBack(part: Part): void {
  if (part.handle === 0) return;
  part.core.destroy(part.handle);
  if (!attachment) part.core.SteadyWeb.unobserve(part.observer);
  part.handle = 0;
}
