// A socket is kept alive by whoever holds it and, while it has listeners, by its connection (HTML
// standard, "Garbage collection" of WebSocket). One that is collected is closed.

/** A port whose socket may be collected. It must not refer to its listener strongly. */
export interface Forgettable {
  /** The socket has been collected. */
  forgotten(): void;
}

/** A variable that changes, for the same reason as `takeModule` in kernel-module.ts. */
let takeRegistry = (): FinalizationRegistry<Forgettable> => {
  const registry = new FinalizationRegistry<Forgettable>((port) => port.forgotten());
  takeRegistry = () => registry;
  return registry;
};

/** Reports to `port` when `listener` has been collected. */
export function watchLifetime(listener: object, port: Forgettable): void {
  takeRegistry().register(listener, port, port);
}

/** Does not report it any more: the port has nothing to give back. */
export function unwatchLifetime(port: Forgettable): void {
  takeRegistry().unregister(port);
}
