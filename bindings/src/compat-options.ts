// Maps the option names of reconnecting-websocket and partysocket: see
// docs/coming-from/reconnecting-websocket.md and partysocket.md.
import { Setting, settings } from "./codes.gen.js";
import type { CloseInfo, ReconnectOptions, SteadySocketOptions } from "./options.js";
import { members } from "./read-options.js";

/**
 * Option names of reconnecting-websocket and partysocket, for code that is migrated. Times are in
 * milliseconds.
 */
export interface CompatOptions {
  /** @deprecated Use `reconnect.initialDelay`, of which this is an alias. 0 counts as 1. */
  minReconnectionDelay?: number;
  /**
   * @deprecated Use `reconnect.maxDelay`, of which this is an alias. 0 counts as 1. A value below
   * the initial delay is used for both.
   */
  maxReconnectionDelay?: number;
  /** @deprecated Use `reconnect.factor`, of which this is an alias. */
  reconnectionDelayGrowFactor?: number;
  /** @deprecated Use `reconnect.stableAfter`, of which this is an alias. */
  minUptime?: number;
  /** @deprecated Use `reconnect.maxAttempts`, of which this is an alias. */
  maxRetries?: number;
  /** @deprecated Use `connectTimeout`, of which this is an alias. */
  connectionTimeout?: number;
  /**
   * @deprecated Use `queue.maxMessages`, of which this is an alias. Without `queue.maxBytes` there
   * is no limit in bytes.
   */
  maxEnqueuedMessages?: number;
  /**
   * @deprecated Use `reconnect.decide`, of which this is an alias: a truthy result is `"retry"`, a
   * falsy one `"fatal"`.
   */
  shouldReconnectOnClose?: (close: CloseInfo) => unknown;
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
  const adopted = { ...given };
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
