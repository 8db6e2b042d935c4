// The option names of reconnecting-websocket and partysocket, in ours: see docs/migrating.md.
import type { CloseInfo, ReconnectOptions, SteadySocketOptions } from "./options.js";
import { fail } from "./read-options.js";

/** What reconnecting-websocket and partysocket call their options. Times are in milliseconds. */
export interface PeerOptions {
  /** `reconnect.initialDelay`. 0 is 1. */
  minReconnectionDelay?: number;
  /** `reconnect.maxDelay`. 0 is 1. One that is smaller than the initial delay is taken for both. */
  maxReconnectionDelay?: number;
  /** `reconnect.factor`. */
  reconnectionDelayGrowFactor?: number;
  /** `reconnect.stableAfter`. */
  minUptime?: number;
  /** `reconnect.maxAttempts`. */
  maxRetries?: number;
  /** `connectTimeout`. */
  connectionTimeout?: number;
  /** `queue.maxMessages`, and no bound in bytes unless there is a `queue.maxBytes`. */
  maxEnqueuedMessages?: number;
  /** `reconnect.decide`: what is true is `"retry"`, everything else `"fatal"`. */
  shouldReconnectOnClose?: (close: CloseInfo) => unknown;
  /** Writes what happens to the console. @default false */
  debug?: boolean;
  /** Gets what `debug` writes. @default console.log */
  debugLogger?: (...values: unknown[]) => void;
}

const names: readonly [theirs: keyof PeerOptions, group: string, ours: string][] = [
  ["minReconnectionDelay", "reconnect", "initialDelay"],
  ["maxReconnectionDelay", "reconnect", "maxDelay"],
  ["reconnectionDelayGrowFactor", "reconnect", "factor"],
  ["minUptime", "reconnect", "stableAfter"],
  ["maxRetries", "reconnect", "maxAttempts"],
  ["shouldReconnectOnClose", "reconnect", "decide"],
  ["maxEnqueuedMessages", "queue", "maxMessages"],
  ["connectionTimeout", "", "connectTimeout"],
  ["debug", "", ""],
  ["debugLogger", "", ""],
];

type Group = Record<string, unknown>;

/** Theirs may be 0. */
const isDelay = (theirs: string) => theirs.endsWith("Delay");

/** Their names taken out of the options, and ours put in. */
export function adoptPeerOptions(options: SteadySocketOptions): SteadySocketOptions {
  if (typeof options !== "object" || options === null) return options;
  const adopted: Group = { ...options };
  const given = names.filter(([theirs]) => options[theirs] !== undefined);
  for (const [theirs] of names) delete adopted[theirs];
  const { debug = false, debugLogger = console.log } = options;
  if (typeof debug !== "boolean") fail("debug", "true or false", debug);
  if (typeof debugLogger !== "function") fail("debugLogger", "a function", debugLogger);
  for (const [theirs, group, ours] of given) {
    if (ours === "") continue;
    const members = group === "" ? adopted : (adopted[group] ?? {});
    // `reconnect: false` says it all.
    if (typeof members !== "object" || (members as Group)[ours] !== undefined) {
      const name = group === "" ? ours : `${group}.${ours}`;
      throw new TypeError(
        `SteadySocket: options.${theirs} is the same as options.${name}: give one`,
      );
    }
    let value: unknown = options[theirs];
    if (theirs === "shouldReconnectOnClose" && typeof value === "function") {
      const asked = value;
      value = (close: CloseInfo) => (asked(close) ? "retry" : "fatal");
    }
    if (isDelay(theirs) && value === 0) value = 1;
    if (group === "") adopted[ours] = value;
    else adopted[group] = { ...members, [ours]: value };
  }
  const delays = (adopted.reconnect ?? {}) as ReconnectOptions;
  const isSmaller = (delays.maxDelay ?? 10_000) < (delays.initialDelay ?? 1_000);
  if (isSmaller && given.some(([theirs]) => isDelay(theirs))) {
    // The smaller one is for both.
    adopted.reconnect = { ...delays, initialDelay: delays.maxDelay ?? 10_000 };
  }
  if (options.maxEnqueuedMessages !== undefined) {
    adopted.queue = { maxBytes: Number.POSITIVE_INFINITY, ...(adopted.queue as Group) };
  }
  return adopted as SteadySocketOptions;
}

/** What of an event is worth a line, by its type. */
const logged = {
  statechange: ["state", "reason"],
  close: ["code", "reason", "willRetry"],
  error: ["code", "message"],
  drop: ["reason", "id"],
};

/** See `PeerOptions.debug`. */
export function logEvents(
  socket: EventTarget,
  { debug, debugLogger = console.log }: PeerOptions,
): void {
  if (debug !== true) return;
  for (const [type, members] of Object.entries(logged)) {
    socket.addEventListener(type, (event) => {
      const values = members.map((member) => (event as unknown as Record<string, unknown>)[member]);
      debugLogger("SteadySocket", type, ...values);
    });
  }
}
