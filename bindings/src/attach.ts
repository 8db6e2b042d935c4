/**
 * A SteadySocket on a socket of a C++ program in the same page: no WebAssembly of its own.
 *
 * @module steadysocket/attach
 */

import version from "steadysocket:version";
import { attachTo, type Hub, type SharingModule } from "./attached-port.js";
import type { AnyMessages, Schemas } from "./options.js";
import type { Sendable } from "./payload.js";
import type { RequestNames } from "./requests.js";
import { SteadySocket } from "./socket.js";
import { shellOf } from "./socket-core.js";
import { checkOptions, limit } from "./streams.js";

export * from "./index.js";

/** The options that JavaScript sets; all others are those of the program. */
export interface AttachOptions<Incoming = AnyMessages> {
  /** Same as in `SteadySocketOptions`. */
  schemas?: Schemas<Incoming>;
  /** Same as in `SteadySocketOptions`. */
  requests?: RequestNames;
}

/** Options of `whenShared`. */
export interface WhenSharedOptions<Incoming = AnyMessages> extends AttachOptions<Incoming> {
  /** Ends the wait: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Returns a socket on the `steady::js::SharedSocket` of this name. Several may be attached to the
 * same one; each receives everything. `close()` closes it for all and for the program; `detach` only
 * detaches this one.
 *
 * @param module - what Emscripten's factory resolves to, or the global `Module` of a plain script.
 * @throws InvalidStateError - there is no shared socket of this name, or not yet: `whenShared`.
 * @throws TypeError - it is no module with shared sockets; or of another version of this package; an
 * option is unknown or of another type.
 *
 * @example
 * const socket = attach(Module, "game");
 * socket.on("chat", ({ from, text }) => show(from, text));
 */
export function attach<Incoming extends object = AnyMessages, Outgoing = Sendable>(
  module: object,
  name: string,
  options: AttachOptions<Incoming> = {},
): SteadySocket<Incoming, Outgoing> {
  checkOptions("attach", options, ["schemas", "requests"]);
  const sharing = checkModule(module);
  const { sockets } = sharing.steadysocket;
  const hub = sockets.get(name);
  if (hub === undefined) {
    const names = [...sockets.keys()].map((one) => `"${one}"`).join(", ") || "none";
    throw new DOMException(
      `SteadySocket: the program shares no socket "${name}" (now: ${names}); whenShared waits for it`,
      "InvalidStateError",
    );
  }
  return attachSocket(sharing, hub, options);
}

/**
 * Same as `attach`, once the program has created the shared socket: at once if it exists, otherwise
 * when it is created, before anything happens on it.
 *
 * @returns a promise, rejected with what `attach` throws or with the reason of the signal.
 *
 * @example
 * const socket = await whenShared(Module, "game", { signal: AbortSignal.timeout(10_000) });
 */
export async function whenShared<Incoming extends object = AnyMessages, Outgoing = Sendable>(
  module: object,
  name: string,
  options: WhenSharedOptions<Incoming> = {},
): Promise<SteadySocket<Incoming, Outgoing>> {
  checkOptions("whenShared", options, ["schemas", "requests", "signal"]);
  const { signal, ...others } = options;
  signal?.throwIfAborted();
  const { steadysocket } = checkModule(module);
  while (!steadysocket.sockets.has(name)) {
    await new Promise<void>((resolve, reject) => {
      const waiter = { name, made: () => settle(resolve) };
      const unlimit = limit(signal, Number.POSITIVE_INFINITY, (reason) => {
        steadysocket.waiting.splice(steadysocket.waiting.indexOf(waiter), 1);
        settle(() => reject(reason));
      });
      const settle = (how: () => void) => {
        unlimit();
        how();
      };
      steadysocket.waiting.push(waiter);
    });
  }
  return attach(module, name, others);
}

/**
 * Detaches a socket that `attach` returned, and leaves the program's socket alone: no event follows,
 * and pending promises are rejected as if it was closed. Messages that it has sent are still sent.
 * Same as `socket[Symbol.dispose]()`, where that symbol exists.
 */
export function detach<Incoming extends object, Outgoing>(
  socket: SteadySocket<Incoming, Outgoing>,
): void {
  shellOf(socket).port.detach();
}

/** @throws TypeError */
function checkModule(module: object): SharingModule {
  const { steadysocket, then } = (module ?? {}) as Partial<SharingModule> & { then?: unknown };
  if (steadysocket?.sockets !== undefined) return module as SharingModule;
  const why =
    typeof then === "function"
      ? "it is a promise: await it"
      : "it has not begun to run, or has no SharedSocket, or CMake's steadysocket_add_bindings was not called for it";
  throw new TypeError(`SteadySocket: this module has no shared sockets: ${why}`);
}

function attachSocket<Incoming extends object, Outgoing>(
  module: SharingModule,
  hub: Hub,
  options: AttachOptions<Incoming>,
): SteadySocket<Incoming, Outgoing> {
  if (hub.version !== version) {
    throw new TypeError(
      `SteadySocket: the program has the bindings of version ${hub.version}, this script is of version ${version}`,
    );
  }
  // The URL of the connection, or of the next one; not known yet if a provider returns it.
  const url = hub.socket?.url || hub.url || (() => "");
  return attachTo(
    module,
    hub,
    () => new SteadySocket<Incoming, Outgoing>(url, [], { ...options, typeMember: hub.typeMember }),
  );
}
