// Values that are computed from a socket, in the form that UI frameworks can subscribe to.
import { attempt, nextFrame } from "./frame.js";
import { choice, fail, failUnknown } from "./read-options.js";
import type { Shell } from "./shell.js";

/** Options of `watch`. */
export interface WatchOptions {
  /**
   * When subscribers are called: at the end of the task in which the value has `change`d, or before
   * the next `frame` is painted, and not while the page is hidden.
   * @default "change"
   */
  every?: "change" | "frame";
}

/**
 * A value computed from a socket. Fulfills the contract of Svelte's stores; `subscribe` and `get`
 * are the arguments of React's `useSyncExternalStore`.
 */
export interface Watch<Value> {
  /**
   * Returns the value: the same object or array until one of its members, at any depth, has
   * changed. Works without a subscription, too.
   */
  readonly get: () => Value;
  /**
   * Calls `run` with the value now, and whenever it has changed. An error that `run` throws later
   * is reported, and does not affect other subscribers.
   *
   * @returns a function that ends the subscription. Without subscriptions there are no timers.
   * @throws TypeError - `run` is not a function.
   */
  readonly subscribe: (run: (value: Value) => void) => () => void;
}

interface Subscriber<Value> {
  run: (value: Value) => void;
}

const second = 1_000;

/**
 * While a value is computed, the milliseconds after which it changes by itself; otherwise
 * undefined.
 */
let untilTick: number | undefined;

/**
 * Returns `retryIn`; while a value is computed, in whole seconds, so that it is equal until the
 * next second begins.
 */
export function countdown(left: number | undefined): number | undefined {
  if (left === undefined || untilTick === undefined) return left;
  const seconds = Math.ceil(left / second);
  if (seconds > 1) untilTick = Math.min(untilTick, left - (seconds - 1) * second);
  return seconds * second;
}

type Group = Record<string, unknown>;

/** Compares plain objects and arrays by their members, everything else by identity. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Object(one) !== one || Object(other) !== other) return false;
  const kind = Object.getPrototypeOf(one);
  if (kind !== Object.getPrototypeOf(other)) return false;
  if (kind !== Object.prototype && kind !== Array.prototype) return false;
  const names = Object.keys(one as Group);
  return (
    names.length === Object.keys(other as Group).length &&
    names.every(
      (name) => name in (other as Group) && isSame((one as Group)[name], (other as Group)[name]),
    )
  );
}

/** Implements `SteadySocket.watch`. `select`: without its argument. */
export function watch<Value>(
  { port }: Shell<EventTarget>,
  select: () => Value,
  options: WatchOptions,
): Watch<Value> {
  const { every = "change", ...others } = options;
  for (const name of Object.keys(others)) failUnknown(`${name} of watch`);
  const isPerFrame = choice("every of watch", ["change", "frame"], every) === 1;
  const subscribers = new Set<Subscriber<Value>>();
  let current: { value: Value } | undefined;
  /** The value that the subscribers have. */
  let known: Value;
  let delay: number;
  let isScheduled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const get = (): Value => {
    const outer = untilTick;
    untilTick = Number.POSITIVE_INFINITY;
    try {
      const value = select();
      if (current === undefined || !isSame(current.value, value)) current = { value };
      delay = untilTick;
    } finally {
      untilTick = outer;
    }
    arm();
    return current.value;
  };
  const arm = () => {
    clearTimeout(timer);
    if (subscribers.size > 0 && delay <= second) timer = setTimeout(changed, delay);
  };
  const changed = () => {
    if (isScheduled) return;
    isScheduled = true;
    if (isPerFrame) nextFrame(update);
    else queueMicrotask(update);
  };
  const update = () => {
    isScheduled = false;
    attempt(() => {
      if (subscribers.size === 0) return;
      const value = get();
      if (value === known) return;
      known = value;
      for (const { run } of subscribers) attempt(() => run(value));
    });
  };
  return {
    get,
    subscribe: (run) => {
      if (typeof run !== "function") fail("run of subscribe", "a function", run);
      const subscriber = { run };
      const value = get();
      if (subscribers.size === 0) known = value;
      subscribers.add(subscriber);
      port.watchers.add(changed);
      arm();
      attempt(() => run(value));
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size > 0) return;
        port.watchers.delete(changed);
        clearTimeout(timer);
      };
    },
  };
}
