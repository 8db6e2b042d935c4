/** A class with the interface of WebSocket, such as the one of the `ws` package. */
export interface WebSocketClass {
  new (url: string, protocols?: string[]): unknown;
}

/** When to try again: exponential backoff with full jitter. Times are in milliseconds. */
export interface ReconnectOptions {
  /** Upper end of the first delay. More than 0. @default 1000 */
  initialDelay?: number;
  /** Upper end of every delay. At least `initialDelay`, at most a day. @default 10000 */
  maxDelay?: number;
  /** Growth of the upper end from one attempt to the next. 1 or more. @default 2 */
  factor?: number;
  /** Retries in a row before the socket gives up. 0 never reconnects. @default Infinity */
  maxAttempts?: number;
  /**
   * Attempts are counted from zero again only after a connection was up for this long.
   * @default 5000
   */
  stableAfter?: number;
}

/** How much may wait while there is no connection. A message beyond is rejected. */
export interface QueueOptions {
  /** @default 1000 */
  maxMessages?: number;
  /** Sum of the messages, in bytes on the wire. @default 1048576 */
  maxBytes?: number;
}

/** Everything a SteadySocket can be told. Times are in milliseconds, sizes in bytes. */
export interface SteadySocketOptions {
  /** `false` makes one attempt only. */
  reconnect?: ReconnectOptions | false;
  queue?: QueueOptions;
  /**
   * Sent first on every connection, before anything that waits in the queue: "who I am".
   * An object goes as JSON.
   */
  firstMessage?: string | object;
  /** The member of a JSON object that messages are routed by. @default "type" */
  typeMember?: string;
  /** An attempt that takes longer has failed. @default 10000 */
  connectTimeout?: number;
  /** A close handshake that takes longer is not waited for. @default 3000 */
  closeTimeout?: number;
  /** While the browser holds this many bytes, messages wait in the queue. @default 1048576 */
  highWaterMark?: number;
  /** What connections are made of. @default globalThis.WebSocket */
  WebSocket?: WebSocketClass;
}

/** In the order of NumberOption in embind.cpp. */
const numberOptions = [
  "initialDelay",
  "maxDelay",
  "factor",
  "maxAttempts",
  "stableAfter",
  "maxMessages",
  "maxBytes",
  "connectTimeout",
  "closeTimeout",
  "highWaterMark",
] as const;

/**
 * The numbers among the options, by their index in the core. Whether they are in their range is the
 * core's business. Throws TypeError for what is not a number.
 */
export function readNumbers(options: SteadySocketOptions): [option: number, value: number][] {
  const { reconnect, queue } = options;
  const given: Record<string, unknown> = {
    ...options,
    ...(reconnect === false ? { maxAttempts: 0 } : reconnect),
    ...queue,
  };
  const numbers: [number, number][] = [];
  for (const [option, name] of numberOptions.entries()) {
    const value = given[name];
    if (value === undefined) continue;
    if (!(typeof value === "number" && value >= 0)) {
      throw new TypeError(`SteadySocket: ${name} must be a number of 0 or more, not ${value}`);
    }
    numbers.push([option, value]);
  }
  return numbers;
}
