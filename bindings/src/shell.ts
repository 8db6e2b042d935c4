import { openPort } from "steadysocket:port";
import { HandlerAttributes } from "./attributes.js";
import {
  CloseBit,
  CommandKind,
  dropReasons,
  ErrorCode,
  errorCodes,
  StateCode,
  sessionStates,
  states,
} from "./codes.gen.js";
import { readyStates } from "./codes.js";
import { greet, type Providers, provideDetails } from "./connection-setup.js";
import type { ConnectionSetup, Port, PortListener } from "./core-port.js";
import { Endpoint } from "./endpoint.js";
import { EventDispatcher } from "./event-dispatcher.js";
import {
  DropEvent,
  SessionEvent,
  type SessionState,
  type State,
  StateChangeEvent,
  SteadyCloseEvent,
  SteadyErrorEvent,
} from "./events.js";
import { masked, summary } from "./inspection.js";
import type { DropReason, SteadyErrorEventCode } from "./names.gen.js";
import type { CoreSocketOptions, HeartbeatOptions, Provided, ReconnectOptions } from "./options.js";
import { closeActionOf, settingsOf } from "./read-options.js";
import { Receiver } from "./receiver.js";
import { type RouteHandler, Routes } from "./routes.js";
import { Sender } from "./sender.js";
import { readProtocols } from "./url.js";
import { Waiters } from "./waiters.js";
import { isEventType, warnOfEventType } from "./warnings.js";

const noStatus = 1005;
const abnormal = 1006;

const isFunction = (value: unknown) => typeof value === "function";

/** Owns the parts of one socket, and forwards the reports of its port to them. */
export class Shell<Socket extends EventTarget> implements PortListener {
  readonly socket: Socket;
  readonly port: Port;
  readonly endpoint = new Endpoint();
  readonly events: EventDispatcher;
  readonly handlers: HandlerAttributes;
  readonly receiver: Receiver;
  readonly routes: Routes;
  readonly sender: Sender;
  readonly waiters: Waiters<Socket>;
  readonly #providers: Providers;
  readonly #options: CoreSocketOptions;
  /** The event types that ever had a listener. */
  readonly #listened = new Set<string>();
  /** The event types that `on` was called with: see #suspect. */
  readonly #suspected = new Set<string>();

  constructor(
    socket: Socket,
    url: Provided<string | URL>,
    protocols: Provided<string | Iterable<string> | null>,
    options: CoreSocketOptions,
  ) {
    const core = settingsOf(options, [url, protocols, options?.firstMessage].some(isFunction));
    this.socket = socket;
    this.#options = options;
    this.#providers = { url, protocols, options };
    const subprotocols = isFunction(protocols) ? [] : readProtocols(protocols);
    if (!isFunction(url)) this.endpoint.use(url as string);
    this.port = openPort(this, {
      details: { url: this.endpoint.url, subprotocols },
      core,
      webSocketClass: options.WebSocket,
      startsClosed: options.startClosed ?? false,
      startsSuspended: options.startSuspended ?? false,
    });
    this.events = new EventDispatcher(socket, this.port);
    this.handlers = new HandlerAttributes(socket);
    this.routes = new Routes(options.typeMember ?? "type");
    this.receiver = new Receiver(
      this.port,
      this.events,
      this.routes,
      this.endpoint,
      (options.heartbeat as HeartbeatOptions | undefined)?.reply,
    );
    this.sender = new Sender(this.port);
    this.waiters = new Waiters(this.port);
    this.port.start();
    this.endpoint.remember(this.port);
    this.#summarize(this.port.state());
  }

  get readyState(): number {
    return readyStates[this.port.state()] as number;
  }

  /** Reports the end of a socket in the console if there is no listener for errors. */
  #warnUnheard(message: string): void {
    if (this.#listened.has("error")) return;
    console.warn(`SteadySocket ${masked(this.endpoint.url)}: ${message}`);
  }

  /** Called when a listener for `type` was added. */
  listen(type: string): void {
    this.#listened.add(type);
    if (type === "message") this.events.hasMessageListener = true;
    else if (type === "drop") this.port.keepCopies();
    this.port.hold();
  }

  setHandler(type: string, handler: unknown): void {
    this.handlers.set(type, handler);
    if (this.handlers.get(type) !== null) this.listen(type);
  }

  subscribe(...given: Parameters<Routes["add"]>): () => void {
    this.port.hold();
    const unsubscribe = this.routes.add(...given);
    const [type] = given;
    if (isEventType(type) && !this.#suspected.has(type)) this.#suspect(type);
    return unsubscribe;
  }

  /**
   * Warns if the event comes before any message of this type. Many protocols have a message "error":
   * code that also listens to the event knows the difference.
   */
  #suspect(type: string): void {
    const { events, routes } = this;
    this.#suspected.add(type);
    let isReceived = false;
    const forget = routes.add(type, () => (isReceived = true), "one message");
    if (type === "message") events.hasMessageListener = true;
    const check = () => {
      forget();
      if (type === "message") events.hasMessageListener = this.#listened.has(type);
      const isKnown = type === "error" && this.#listened.has(type);
      if (!isReceived && !isKnown && routes.handles(type)) warnOfEventType(type);
    };
    // The handlers of a message are called after its event.
    const soon = () => queueMicrotask(check);
    EventTarget.prototype.addEventListener.call(this.socket, type, soon, { once: true });
  }

  unsubscribe(type: string, handler: RouteHandler): void {
    this.routes.remove(type, handler);
  }

  connecting(): void {
    this.endpoint.useProvided();
  }

  event(kind: number, a: number, b: number, c: number, text: string, value: unknown): void {
    const { events } = this;
    switch (kind) {
      case CommandKind.open: {
        ++this.receiver.connection;
        const opening = this.waiters.takeOpening();
        events.push(() => this.endpoint.remember(this.port));
        events.push(new Event("open"));
        events.push(() => opening?.resolve(this.socket));
        break;
      }
      case CommandKind.close: {
        const wasClean = (b & CloseBit.wasClean) !== 0;
        const willRetry = (b & CloseBit.willRetry) !== 0;
        // These codes are never in a close frame (RFC 6455 7.4.1): the reason is not the peer's.
        const reason = a === noStatus || a === abnormal ? "" : text;
        events.push(new SteadyCloseEvent({ code: a, reason, wasClean, willRetry }));
        break;
      }
      case CommandKind.error:
        events.push(new SteadyErrorEvent(errorCodes[a] as SteadyErrorEventCode, text, value));
        if (a === ErrorCode.fatalClose) events.push(() => this.#warnUnheard(text));
        break;
      case CommandKind.state:
        this.#summarize(a);
        events.push(new StateChangeEvent(states[a] as State, states[b] as State, c, text));
        if (a === StateCode.closed) events.push(this.waiters.takeEnding());
        break;
      case CommandKind.drop:
        events.push(new DropEvent(dropReasons[b] as DropReason, value, a));
        break;
      case CommandKind.outcome:
        this.sender.outcome(a, b === 0 ? "" : (dropReasons[b] as string), c !== 0);
        break;
      case CommandKind.session:
        events.push(new SessionEvent(sessionStates[a] as SessionState));
        break;
      case CommandKind.delivered:
        this.waiters.settleDelivered(a);
        break;
      case CommandKind.drained:
        this.waiters.settleDrained(a !== 0);
        break;
    }
  }

  /** Shows a state in the consoles of browsers. */
  #summarize(state: number): void {
    const value = `${states[state]} ${masked(this.endpoint.url)}`;
    // Does not throw where the socket is frozen.
    Reflect.defineProperty(this.socket, summary, { value, configurable: true });
  }

  provide(setup: ConnectionSetup, attempt: number): void {
    this.events.push(() => provideDetails(setup, attempt, this.#providers, this.endpoint));
  }

  greet(setup: ConnectionSetup, attempt: number): void {
    this.events.push(() => greet(setup, attempt, this.#providers));
  }

  silence(): void {
    this.events.silence();
  }

  message(data: string | ArrayBuffer): void {
    this.receiver.receive(data);
  }

  decide(code: number, reason: string, wasClean: boolean): number {
    try {
      const reconnect = this.#options.reconnect as ReconnectOptions;
      return closeActionOf(reconnect.decide?.({ code, reason, wasClean }));
    } catch (error) {
      this.port.postTask(() => {
        throw error;
      });
      return -1;
    }
  }
}
