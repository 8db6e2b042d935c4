// Replacements for classes and functions of the web platform that React Native does not have, or
// has in part. bundle.mjs puts them in place of the globals in `steadysocket/js`.
import { report } from "./routes.js";

const scope: Partial<typeof globalThis> = globalThis;

/** The part of Event that the package and its users need. Nothing bubbles, or has a default. */
class PlainEvent {
  readonly type: string;
  readonly timeStamp = Date.now();
  target: object | null = null;
  currentTarget: object | null = null;
  readonly cancelable: boolean;
  defaultPrevented = false;
  /** `stopImmediatePropagation` was called. */
  isStopped = false;
  constructor(type: string, init: EventInit = {}) {
    this.type = `${type}`;
    this.cancelable = !!init.cancelable;
  }
  preventDefault(): void {
    this.defaultPrevented = this.cancelable;
  }
  stopPropagation(): void {}
  stopImmediatePropagation(): void {
    this.isStopped = true;
  }
}

type Listener = ((event: PlainEvent) => void) | { handleEvent(event: PlainEvent): void };

interface Entry {
  readonly type: string;
  readonly listener: Listener;
  readonly once: boolean;
}

/** EventTarget of the DOM standard for objects without parents: capturing makes no difference. */
class PlainEventTarget {
  #entries: readonly Entry[] = [];

  addEventListener(
    type: string,
    listener: Listener | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    const { once = false, signal } = Object(options) as AddEventListenerOptions;
    if (!listener || signal?.aborted || this.#find(type, listener)) return;
    this.#entries = [...this.#entries, { type: `${type}`, listener, once }];
    signal?.addEventListener("abort", () => this.removeEventListener(type, listener));
  }

  removeEventListener(type: string, listener: Listener | null): void {
    const removed = this.#find(type, listener);
    this.#entries = this.#entries.filter((entry) => entry !== removed);
  }

  dispatchEvent(event: PlainEvent): boolean {
    event.target = event.currentTarget = this;
    for (const entry of this.#entries) {
      const { type, listener, once } = entry;
      if (event.isStopped) break;
      // Removed by a listener before it.
      if (type !== event.type || !this.#entries.includes(entry)) continue;
      if (once) this.removeEventListener(type, listener);
      try {
        if (typeof listener === "function") listener.call(this, event);
        else listener.handleEvent(event);
      } catch (error) {
        report(error);
      }
    }
    event.currentTarget = null;
    return !event.defaultPrevented;
  }

  #find(type: string, listener: Listener | null): Entry | undefined {
    return this.#entries.find((entry) => entry.type === `${type}` && entry.listener === listener);
  }
}

/** A native target refuses events of another class. */
const hasEvents = scope.Event !== undefined && scope.EventTarget !== undefined;
export const Event = hasEvents ? scope.Event : PlainEvent;
export const EventTarget = hasEvents ? scope.EventTarget : PlainEventTarget;

export const MessageEvent =
  (hasEvents && scope.MessageEvent) ||
  class extends (Event as typeof PlainEvent) {
    readonly data: unknown;
    readonly origin: string;
    constructor(type: string, init: MessageEventInit = {}) {
      super(type, init);
      this.data = init.data;
      this.origin = init.origin ?? "";
    }
  };

export const DOMException =
  scope.DOMException ??
  class extends Error {
    constructor(message: string, name: string) {
      super(message);
      this.name = name;
    }
  };

/** The class of React Native appends a slash to every URL, and may throw for `origin`. */
function isWhole(URL: typeof globalThis.URL | undefined): boolean {
  try {
    const { href, origin } = new (URL as typeof globalThis.URL)("ws://a/?b");
    return href === "ws://a/?b" && origin === "ws://a";
  } catch {
    return false;
  }
}

export const URL = isWhole(scope.URL)
  ? scope.URL
  : class {
      readonly href: string;
      readonly origin: string;
      constructor(text: string) {
        const parts = /^((?:ws|http)s?:\/\/)([^\s/?#@]*@)?([^\s/?#@]+)\/?(\S*)$/i.exec(text);
        if (parts === null) throw new TypeError(`invalid URL: ${text}`);
        const [scheme, user = "", host, rest] = parts.slice(1) as [
          string,
          string | undefined,
          string,
          string,
        ];
        this.origin = `${scheme}${host}`.toLowerCase();
        this.href = `${scheme.toLowerCase()}${user}${host.toLowerCase()}/${rest}`;
      }
    };

const StrongRef =
  scope.WeakRef ??
  class<Target> {
    readonly deref: () => Target;
    constructor(target: Target) {
      this.deref = () => target;
    }
  };

const NoRegistry =
  scope.FinalizationRegistry ??
  class {
    register(): void {}
    unregister(): void {}
  };

export { NoRegistry as FinalizationRegistry, StrongRef as WeakRef };

const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Without the padding, which is not used. */
export const btoa =
  scope.btoa ??
  ((text: string) =>
    text.replace(/.{1,3}/gs, (part) => {
      const [first = 0, second = 0, third = 0] = Array.from(part, (one) => one.charCodeAt(0));
      const bits = (first << 16) | (second << 8) | third;
      const letters = [18, 12, 6, 0].map((shift) => base64[(bits >> shift) & 63]);
      return letters.slice(0, part.length + 1).join("");
    }));

export const performance = scope.performance ?? Date;

export const queueMicrotask =
  scope.queueMicrotask ??
  ((task: () => void) => {
    Promise.resolve()
      .then(task)
      .catch((error) =>
        // Outside of the promise, so that the error is an uncaught one.
        setTimeout(() => {
          throw error;
        }),
      );
  });
