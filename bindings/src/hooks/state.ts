import type { State } from "../events.js";
import type { SteadySocket } from "../socket-core.js";
import type { Watch } from "../watch.js";

/** The state of a connection, as components show it. */
export interface SteadyState {
  /** The state of the socket. */
  readonly state: State;
  /** Milliseconds until the next attempt, in whole seconds; undefined if none is scheduled. */
  readonly retryIn: number | undefined;
  /** The number of messages in the queue. */
  readonly queued: number;
}

/** The members of a socket that a selection may read, also while it is rendered on a server. */
export type SocketView = Pick<
  SteadySocket,
  "state" | "readyState" | "retryIn" | "retryCount" | "queued" | "bufferedAmount" | "stats"
>;

/** A SteadySocket of any entry and any messages. */
export interface Watchable {
  /** See `SteadySocket.watch`. */
  watch<Value>(select: (socket: SocketView) => Value): Watch<Value>;
}

/** The default selection. */
export const steadyState = ({ state, retryIn, queued }: SocketView): SteadyState => ({
  state,
  retryIn,
  queued,
});

/** A socket before it is mounted. */
export const unmounted: SocketView = {
  state: "suspended",
  readyState: 0,
  retryIn: undefined,
  retryCount: 0,
  queued: 0,
  bufferedAmount: 0,
  stats: () => ({}),
};
