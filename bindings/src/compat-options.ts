// Maps the option names of reconnecting-websocket and partysocket: see docs/migrating.md.
import { Setting, settings } from "./codes.gen.js";
import type { CloseInfo, ReconnectOptions, SteadySocketOptions } from "./options.js";
import { fail, members } from "./read-options.js";

/** Option names of reconnecting-websocket and partysocket. Times are in milliseconds. */
export interface CompatOptions {
  /** Alias of `reconnect.initialDelay`. 0 counts as 1. */
  minReconnectionDelay?: number;
  /**
   * Alias of `reconnect.maxDelay`. 0 counts as 1. A value below the initial delay is used for both.
   */
  maxReconnectionDelay?: number;
  /** Alias of `reconnect.factor`. */
  reconnectionDelayGrowFactor?: number;
  /** Alias of `reconnect.stableAfter`. */
  minUptime?: number;
  /** Alias of `reconnect.maxAttempts`. */
  maxRetries?: number;
  /** Alias of `connectTimeout`. */
  connectionTimeout?: number;
  /** Alias of `queue.maxMessages`. Without `queue.maxBytes` there is no limit in bytes. */
  maxEnqueuedMessages?: number;
  /** Alias of `reconnect.decide`: a truthy result is `"retry"`, a falsy one `"fatal"`. */
  shouldReconnectOnClose?: (close: CloseInfo) => unknown;
  /** Logs events to the console. @default false */
  debug?: boolean;
  /** Called with the values that `debug` logs. @default console.log */
  debugLogger?: (...values: unknown[]) => void;
}

/** Their names of our options. */
const names = {
  minReconnectionDelay: "reconnect.initialDelay",
  maxReconnectionDelay: "reconnect.maxDelay",
  reconnectionDelayGrowFactor: "reconnect.factor",
  minUptime: "reconnect.stableAfter",
  maxRetries: "reconnect.maxAttempts",
  shouldReconnectOnClose: "reconnect.decide",
  maxEnqueuedMessages: "queue.maxMessages",
  connectionTimeout: "connectTimeout",
};

type Group = Record<string, unknown>;

/** Returns the options with aliases replaced. Throws TypeError. */
export function adoptCompatOptions(options: SteadySocketOptions): SteadySocketOptions {
  const given: Group = Object.fromEntries(members("", options));
  const { debug = false, debugLogger = console.log, ...adopted } = given;
  if (typeof debug !== "boolean") fail("debug", "true or false", debug);
  if (typeof debugLogger !== "function") fail("debugLogger", "a function", debugLogger);
  let hasDelay = false;
  for (const [theirs, name] of Object.entries(names)) {
    let value = given[theirs];
    delete adopted[theirs];
    if (value === undefined) continue;
    const [ours, group] = name.split(".").reverse() as [string, string?];
    const target = group === undefined ? adopted : (adopted[group] ?? {});
    // With `reconnect: false` there is no group to set the option in.
    if (typeof target !== "object" || (target as Group)[ours] !== undefined) {
      throw new TypeError(
        `SteadySocket: options.${theirs} conflicts with options.${name}: set only one`,
      );
    }
    if (theirs === "shouldReconnectOnClose" && typeof value === "function") {
      const decide = value;
      value = (close: CloseInfo) => (decide(close) ? "retry" : "fatal");
    }
    if (theirs.endsWith("Delay")) {
      hasDelay = true;
      // The other libraries allow delays of 0.
      if (value === 0) value = 1;
    }
    if (group === undefined) adopted[ours] = value;
    else adopted[group] = { ...target, [ours]: value };
  }
  const delays = (adopted.reconnect ?? {}) as ReconnectOptions;
  const byDefault = (setting: number) => (settings[setting] as (typeof settings)[number])[1];
  const {
    initialDelay = byDefault(Setting.reconnectInitialDelay),
    maxDelay = byDefault(Setting.reconnectMaxDelay),
  } = delays;
  if (hasDelay && maxDelay < initialDelay) {
    adopted.reconnect = { ...delays, initialDelay: maxDelay };
  }
  if (given.maxEnqueuedMessages !== undefined) {
    adopted.queue = { maxBytes: Number.POSITIVE_INFINITY, ...(adopted.queue as Group) };
  }
  return adopted as SteadySocketOptions;
}

/** The event members that `debug` logs. */
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
