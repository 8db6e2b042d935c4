import { ClientSocket } from "./client.js";
import { contentOf, ServerSide, type TestConnection } from "./connection.js";
import { Inbox, keep, timeoutOf, type WaitOptions } from "./inbox.js";
import { type ClientEnd, Link, type Request } from "./link.js";
import { Network } from "./pipe.js";

export type { WaitOptions } from "./inbox.js";

/** Options of a {@link TestServer}. */
export interface TestServerOptions {
  /**
   * Selects the subprotocol of a connection: those that the server knows, of which the first one
   * that the client offers is selected; or a function that is called with those that are offered,
   * such as `pick` of `steadysocket/server`. If none is selected although some were offered, the
   * attempt fails, as in browsers.
   * @default the first one offered
   */
  protocols?: readonly string[] | ((offered: readonly string[]) => string | false | undefined);
  /** Called with every connection, before the client's `open` event. */
  onconnection?: (connection: TestConnection) => unknown;
  /**
   * Milliseconds that the network takes in each direction, by `setTimeout`, which fake timers
   * replace. 0 to 2147483647. With 0 everything arrives in jobs of promises, also under fake timers.
   * @default 0
   */
  latency?: number;
  /**
   * Milliseconds after which the promises of `connection()`, `message()` and `json()` reject. More
   * than 0; Infinity waits for ever.
   * @default 4000 - less than the 5 seconds of a test in Jest and vitest
   */
  timeout?: number;
}

/** An attempt of a client to connect. */
export interface TestAttempt {
  /** The URL. */
  readonly url: string;
  /** The subprotocols that were offered. */
  readonly protocols: readonly string[];
  /** Whether the server has accepted the connection. */
  readonly accepted: boolean;
}

const defaults = { protocols: undefined, onconnection: undefined, latency: 0, timeout: 4000 };

function checkedLatency(latency: unknown): number {
  if (typeof latency === "number" && latency >= 0 && latency < 2 ** 31) return latency;
  throw new RangeError(`TestServer: latency must be a number from 0 to 2147483647, got ${latency}`);
}

/**
 * A scripted WebSocket server in memory. It accepts connections to every URL, from the class
 * {@link TestServer.WebSocket}, and does with them what the test says.
 *
 * @example
 * const server = new TestServer();
 * const socket = new SteadySocket("ws://test", [], { WebSocket: server.WebSocket });
 * const connection = await server.connection();
 * connection.send({ type: "greeting" });
 */
export class TestServer {
  /**
   * The class of the clients: the whole interface of WebSocket, connected to this server. To be
   * passed as `options.WebSocket`, or set as `globalThis.WebSocket`.
   */
  readonly WebSocket: typeof globalThis.WebSocket;

  readonly #protocols: TestServerOptions["protocols"];
  readonly #onconnection: TestServerOptions["onconnection"];
  readonly #timeout: number;
  readonly #connections = new Set<ServerSide>();
  readonly #attempts: TestAttempt[] = [];
  readonly #accepted = new Inbox<TestConnection>();
  readonly #network = new Network();
  #isOffline = false;
  #refusals = 0;

  /**
   * @throws TypeError - An option is unknown, or of another type.
   * @throws RangeError - A number is out of its range.
   */
  constructor(options: TestServerOptions = {}) {
    for (const name of Object.keys(options)) {
      if (!(name in defaults)) throw new TypeError(`TestServer: unknown option: ${name}`);
    }
    const { protocols, onconnection, latency = defaults.latency, timeout } = options;
    if (protocols !== undefined && typeof protocols !== "function" && !Array.isArray(protocols)) {
      throw new TypeError("TestServer: protocols must be an array or a function");
    }
    if (onconnection !== undefined && typeof onconnection !== "function") {
      throw new TypeError("TestServer: onconnection must be a function");
    }
    this.#protocols = protocols;
    this.#onconnection = onconnection;
    this.#timeout = timeoutOf("TestServer", timeout === undefined ? {} : { timeout }, 4000);
    this.latency = latency;
    const dial = (request: Request, client: ClientEnd) => this.#dial(request, client);
    const WebSocket = class extends ClientSocket {
      constructor(url: string | URL, protocols: string | string[] = []) {
        // biome-ignore lint/complexity/noArguments: distinguishes a missing argument from undefined
        if (arguments.length === 0) throw new TypeError("WebSocket: 1 argument required");
        super(dial, url, protocols);
      }
    };
    Object.defineProperty(WebSocket, "name", { value: "WebSocket" });
    this.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket;
  }

  /** The open connections, the oldest first. */
  get connections(): readonly TestConnection[] {
    return [...this.#connections];
  }

  /** The attempts that have reached the server, the oldest first. Keeps the last 10000. */
  get attempts(): readonly TestAttempt[] {
    return this.#attempts;
  }

  /** The latency of messages that are sent from now on: see {@link TestServerOptions.latency}. */
  get latency(): number {
    return this.#network.latency;
  }
  set latency(milliseconds: number) {
    this.#network.latency = checkedLatency(milliseconds);
  }

  /**
   * Returns the next connection: the oldest one that this method has not returned yet, or the next to
   * be accepted.
   * @throws Error - The promise rejects after `timeout`.
   */
  connection(options: WaitOptions = {}): Promise<TestConnection> {
    const timeout = timeoutOf("TestServer.connection", options, this.#timeout);
    return this.#accepted.next("TestServer.connection", timeout, () => {
      const { length } = this.#attempts;
      const refused = this.#attempts.filter(({ accepted }) => !accepted).length;
      return `${length} ${length === 1 ? "attempt" : "attempts"} so far, ${refused} refused`;
    });
  }

  /**
   * Sends a message on every open connection: see {@link TestConnection.send}.
   * @throws TypeError - It cannot be sent.
   */
  send(data: string | object): void {
    contentOf("TestServer.send", data);
    for (const connection of this.#connections) {
      if (connection.readyState === 1) connection.send(data);
    }
  }

  /** Makes attempts fail until `online()` is called. Existing connections remain. */
  offline(): void {
    this.#isOffline = true;
  }

  /** Ends `offline()`. */
  online(): void {
    this.#isOffline = false;
  }

  /**
   * Makes the next attempts fail.
   * @param times - Their number; 0 accepts attempts again.
   * @throws RangeError - It is not a whole number, or Infinity.
   */
  refuse(times = 1): void {
    if (times !== Number.POSITIVE_INFINITY && !(Number.isInteger(times) && times >= 0)) {
      throw new RangeError(
        `TestServer.refuse: times must be a whole number or Infinity, got ${times}`,
      );
    }
    this.#refusals = times;
  }

  /** Terminates every connection, as a restart of the server does: attempts are accepted. */
  kill(): void {
    for (const connection of [...this.#connections]) connection.terminate();
  }

  /** Makes every connection half-open: see {@link TestConnection.silence}. Attempts hang. */
  silence(): void {
    this.#network.silence();
  }

  /**
   * Ends `silence()`: what was sent meanwhile arrives, in order. A connection that was silenced
   * itself remains silent.
   */
  resume(): void {
    this.#network.resume();
  }

  #dial(request: Request, client: ClientEnd): Link {
    const link = new Link(this.#network, client);
    link.up.push(() => this.#answer(link, request));
    return link;
  }

  #answer(link: Link, request: Request): void {
    const protocol = this.#admits(request);
    keep(this.#attempts, { ...request, accepted: protocol !== undefined });
    if (protocol === undefined) {
      link.down.push(() => link.client.failed());
      return;
    }
    const connection = new ServerSide(link, request, protocol, this.#timeout, () => {
      this.#connections.delete(connection);
    });
    this.#connections.add(connection);
    link.down.push(() => link.client.opened(protocol));
    this.#accepted.put(connection);
    this.#onconnection?.(connection);
  }

  /** Returns the subprotocol of a connection; undefined if the attempt fails. */
  #admits({ protocols: offered }: Request): string | undefined {
    if (this.#refusals > 0) {
      --this.#refusals;
      return undefined;
    }
    if (this.#isOffline) return undefined;
    if (offered.length === 0) return "";
    const known = this.#protocols;
    if (known === undefined) return offered[0];
    if (typeof known === "function") return known(offered) || undefined;
    return offered.find((one) => known.includes(one));
  }
}
