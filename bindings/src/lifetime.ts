// A socket with listeners is kept alive by its connection (HTML standard, "Garbage collection" of
// WebSocket), any other only by references to it. A collected socket is closed.

/** A port whose socket may be collected. It must not refer to its listener strongly. */
export interface Forgettable {
  /** Called when the socket was garbage collected. */
  forgotten(): void;
}

/** A variable that is reassigned, for the same reason as `takeModule` in kernel-module.ts. */
let takeRegistry = (): FinalizationRegistry<Forgettable> => {
  const registry = new FinalizationRegistry<Forgettable>((port) => port.forgotten());
  takeRegistry = () => registry;
  return registry;
};

/** Calls `port.forgotten` when `listener` was garbage collected. */
export function watchLifetime(listener: object, port: Forgettable): void {
  takeRegistry().register(listener, port, port);
}

/** Cancels `watchLifetime`: the port holds no resources. */
export function unwatchLifetime(port: Forgettable): void {
  takeRegistry().unregister(port);
}
