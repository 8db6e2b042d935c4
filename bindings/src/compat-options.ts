// Maps the option names of reconnecting-websocket and partysocket to ours: see docs/migrating.md.
import type { CloseInfo, ReconnectOptions, SteadySocketOptions } from "./options.js";
import { fail, members } from "./read-options.js";

/** Options of reconnecting-websocket and partysocket. Times are in milliseconds. */
export interface CompatOptions {
  /** `reconnect.initialDelay`. 0 is 1. */
  minReconnectionDelay?: number;
  /** `reconnect.maxDelay`. 0 is 1. If it is smaller than the initial delay, it is used for both. */
  maxReconnectionDelay?: number;
  /** `reconnect.factor`. */
  reconnectionDelayGrowFactor?: number;
  /** `reconnect.stableAfter`. */
  minUptime?: number;
  /** `reconnect.maxAttempts`. */
  maxRetries?: number;
  /** `connectTimeout`. */
  connectionTimeout?: number;
  /** `queue.maxMessages`, and no limit in bytes unless there is a `queue.maxBytes`. */
  maxEnqueuedMessages?: number;
  /** `reconnect.decide`: a truthy result is `"retry"`, any other `"fatal"`. */
  shouldReconnectOnClose?: (close: CloseInfo) => unknown;
  /** Logs events to the console. @default false */
  debug?: boolean;
  /** Called with what `debug` logs. @default console.log */
  debugLogger?: (...values: unknown[]) => void;
}

const names: readonly [theirs: keyof CompatOptions, group: string, ours: string][] = [
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

/** Delays of 0 are allowed there, and not here. */
const isDelay = (theirs: string) => theirs.endsWith("Delay");

/** Returns the options with compatibility names replaced by ours. Throws TypeError. */
export function adoptCompatOptions(options: SteadySocketOptions): SteadySocketOptions {
  const adopted: Group = Object.fromEntries(members("", options));
  const given = names.filter(([theirs]) => options[theirs] !== undefined);
  for (const [theirs] of names) delete adopted[theirs];
  const { debug = false, debugLogger = console.log } = options;
  if (typeof debug !== "boolean") fail("debug", "true or false", debug);
  if (typeof debugLogger !== "function") fail("debugLogger", "a function", debugLogger);
  for (const [theirs, group, ours] of given) {
    if (ours === "") continue;
    const target = group === "" ? adopted : (adopted[group] ?? {});
    // `reconnect: false` leaves nothing to set.
    if (typeof target !== "object" || (target as Group)[ours] !== undefined) {
      const name = group === "" ? ours : `${group}.${ours}`;
      throw new TypeError(
        `SteadySocket: options.${theirs} is the same as options.${name}: set only one`,
      );
    }
    let value: unknown = options[theirs];
    if (theirs === "shouldReconnectOnClose" && typeof value === "function") {
      const asked = value;
      value = (close: CloseInfo) => (asked(close) ? "retry" : "fatal");
    }
    if (isDelay(theirs) && value === 0) value = 1;
    if (group === "") adopted[ours] = value;
    else adopted[group] = { ...target, [ours]: value };
  }
  const delays = (adopted.reconnect ?? {}) as ReconnectOptions;
  const isSmaller = (delays.maxDelay ?? 10_000) < (delays.initialDelay ?? 1_000);
  if (isSmaller && given.some(([theirs]) => isDelay(theirs))) {
    // The smaller one is used for both.
    adopted.reconnect = { ...delays, initialDelay: delays.maxDelay ?? 10_000 };
  }
  if (options.maxEnqueuedMessages !== undefined) {
    adopted.queue = { maxBytes: Number.POSITIVE_INFINITY, ...(adopted.queue as Group) };
  }
  return adopted as SteadySocketOptions;
}

/** The members of events that are logged. */
const logged = {
  statechange: ["state", "reason"],
  close: ["code", "reason", "willRetry"],
  error: ["code", "message"],
  drop: ["reason", "id"],
};

/** Implements `CompatOptions.debug`. */
export function logEvents(
  socket: EventTarget,
  { debug, debugLogger = console.log }: CompatOptions,
): void {
  if (debug !== true) return;
  for (const [type, members] of Object.entries(logged)) {
    socket.addEventListener(type, (event) => {
      const values = members.map((member) => (event as unknown as Record<string, unknown>)[member]);
      debugLogger("SteadySocket", type, ...values);
    });
  }
}
