/**
 * Attaches a SteadySocket to the socket of a C++ program in the same page. Contains no WebAssembly.
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

/** Options of `attach`. All other options of the socket are set by the C++ program. */
export interface AttachOptions<Incoming = AnyMessages> {
  /** Same as `SteadySocketOptions.schemas`. */
  schemas?: Schemas<Incoming>;
  /** Same as `SteadySocketOptions.requests`. */
  requests?: RequestNames;
}

/** Options of `whenShared`. */
export interface WhenSharedOptions<Incoming = AnyMessages> extends AttachOptions<Incoming> {
  /** Aborts the wait: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Attaches a new socket to the `steady::js::SharedSocket` with this name. Several sockets can be
 * attached to the same one, and each receives all messages and events. `close()` closes the shared
 * socket for the program and for every attached socket; `detach` only detaches this one.
 *
 * @param module - the module that Emscripten's factory resolves to, or the global `Module` of a
 * plain script.
 * @param name - the name that the program passed to `SharedSocket`.
 * @throws InvalidStateError - no shared socket with this name exists (yet; see `whenShared`).
 * @throws TypeError - the module has no shared sockets, or was built with another version of this
 * package; an option is unknown or of another type.
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
      `SteadySocket: unknown shared socket: "${name}" (available: ${names}); whenShared() waits for it`,
      "InvalidStateError",
    );
  }
  return attachSocket(sharing, hub, options);
}

/**
 * Same as `attach`, but waits until the program has created the shared socket. A socket attached on
 * creation misses no event.
 *
 * @returns a promise of the socket. It is rejected with the errors that `attach` throws, or with
 * the reason of the signal.
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
      const settle = (action: () => void) => {
        unlimit();
        action();
      };
      steadysocket.waiting.push(waiter);
    });
  }
  return attach(module, name, others);
}

/**
 * Detaches a socket that `attach` returned, without closing the program's socket. No event follows,
 * pending promises are rejected as if the socket was closed, and messages already passed to `send`
 * are still sent. Same as `socket[Symbol.dispose]()` where that symbol exists.
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
      ? "it is a promise, await it first"
      : "it is not running yet, has no SharedSocket, or was built without CMake's steadysocket_add_bindings";
  throw new TypeError(`SteadySocket: the module has no shared sockets: ${why}`);
}

function attachSocket<Incoming extends object, Outgoing>(
  module: SharingModule,
  hub: Hub,
  options: AttachOptions<Incoming>,
): SteadySocket<Incoming, Outgoing> {
  if (hub.version !== version) {
    throw new TypeError(
      `SteadySocket: version mismatch: the program's bindings have version ${hub.version}, this script has version ${version}`,
    );
  }
  // The URL of the connection, or of the next one. Unknown until a provider has returned it.
  const url = hub.socket?.url || hub.url || (() => "");
  return attachTo(
    module,
    hub,
    () => new SteadySocket<Incoming, Outgoing>(url, [], { ...options, typeMember: hub.typeMember }),
  );
}
