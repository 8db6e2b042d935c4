import { textOf } from "./errors.js";

/** The address of a JsSocket (js_socket.hpp). */
export type Handle = number;

/** Keep in step with `Kind` in js_socket.cpp. */
export const EventKind = {
  open: 0,
  close: 1,
  error: 2,
  stateChange: 3,
  drop: 4,
  refusal: 5,
  outcome: 6,
  drained: 7,
  provide: 8,
  session: 9,
  /** Of shared.js: the program has destroyed its socket. */
  gone: 10,
} as const;

/** Keep in step with JsSocket::Request. */
export const Request = { connect: 0, suspend: 1, resume: 2, check: 3 } as const;

/** The bits of the options of a message. Keep in step with `set_send_options` in embind.cpp. */
export const highPriority = 1;
export const trackFlag = 8;
/** A reply is expected; and the message is repeated if there is none. */
export const replyFlag = 16;
export const repeatFlag = 32;
export const sendFlags = new Map([
  ["volatile", 2],
  ["sessionOnly", 4],
  ["track", trackFlag],
]);

/** What was measured. Keep in step with `measured` in embind.cpp. */
export const Measured = { last: 0, smoothed: 1, jitter: 2, retries: 3 } as const;

/** What a payload is. Keep in step with JsSocket::Format. */
export const Format = { binary: 0, text: 1, json: 2 } as const;

/** Keep in step with TextOption in embind.cpp. The first subprotocol is the last of them. */
export const TextOption = {
  url: 0,
  firstMessage: 1,
  typeMember: 2,
  batchSubprotocol: 3,
  heartbeatMessage: 4,
  heartbeatReply: 5,
  subprotocol: 6,
} as const;

/** In the order of NumberOption in embind.cpp, those that users know. */
export const numberOptions = [
  "reconnect.initialDelay",
  "reconnect.maxDelay",
  "reconnect.factor",
  "reconnect.maxAttempts",
  "reconnect.stableAfter",
  "queue.maxMessages",
  "queue.maxBytes",
  "connectTimeout",
  "closeTimeout",
  "highWaterMark",
  "batch.maxMessages",
  "batch.maxBytes",
  "heartbeat.interval",
  "heartbeat.timeout",
  "reconnect.maxElapsed",
  "reconnect.laterMin",
  "reconnect.laterMax",
  "lowWaterMark",
  "queue.overflow",
  "queue.unconfirmed",
  "beginSession",
  "reconnect.decide",
];
/** The others. The first close rule is the last of them. */
export const NumberOption = {
  provider: 22,
  closeRules: 23,
  subprotocols: 24,
  closeRule: 25,
} as const;

/**
 * What the core lets happen without being asked (Grant in transport.hpp). Written by steady_web.js;
 * the facade only looks.
 */
export interface Grant {
  socket: { readonly url: string; readonly protocol: string; readonly extensions: string } | null;
  /** Bytes that may be sent. */
  credit: number;
  /** 1 if received messages need not be shown to the core. */
  receive: number;
  /** 1 if a received array is a batch of messages. */
  batched: number;
  /** 1 if the reply to a ping is looked for: see Core.heartbeatAnswered. */
  seeksReply: number;
  /** 1 if a message has come that was not shown to the core. */
  heard: number;
  /** What was sent and the core does not have. */
  unasked: unknown[];
  /** The error that the next error of the core's comes from. Errors do not cross into wasm. */
  thrown?: unknown;
}

/** Sits beside the connections of one socket (steady_web.js). */
export interface Observer extends Grant {
  /** A WebSocket is about to be made. */
  prepare(): void;
  /** It was made, of this class. */
  prepared(webSocketClass: unknown): void;
  /** A message has arrived, for this connection and in time. No wasm is on the stack. */
  message(data: string | ArrayBuffer): void;
  /**
   * Something happened. Called from inside wasm: it may only write down.
   *
   * | kind | a | b | c | text |
   * | --- | --- | --- | --- | --- |
   * | open | | | | |
   * | close | code | 1 was clean, 2 will retry | | reason |
   * | error | ErrorCode | | | message |
   * | stateChange | state | previous | ms until the next attempt | reason of the last close |
   * | drop | id | DropReason | payload | |
   * | refusal | | | | what is wrong with the call that is being answered |
   * | outcome | id | DropReason, or 0: it has left | | |
   * | drained | ErrorCode | | | message |
   * | provide | | | | |
   * | session | | | | |
   * | gone | | | | |
   */
  tell(kind: number, a: number, b: number, c: number, text: string): void;
  /**
   * What follows the end of a connection: a CloseAction, or -1 to leave it to the rules. Called from
   * inside wasm, from the event loop: the core may be called, and nothing may be thrown.
   */
  decide(code: number, wasClean: number, reason: string): number;
}

/** The wasm module: bound functions (embind.cpp), exports (data_plane.cpp), and steady_web.js. */
export interface Core {
  create(observer: number): Handle;
  destroy(socket: Handle): void;
  /** Options can be set until the first `connect`; one that is not set keeps its default. */
  setNumber(socket: Handle, option: number, value: number): void;
  /**
   * Takes the text that was left. After the first `connect` the URL, the subprotocols and the first
   * message are for `provide`.
   */
  setText(socket: Handle, option: number): void;
  /** An ErrorCode; the observer is told more. */
  connect(socket: Handle, request: number): number;
  /** The same. A negative code is none; the reason is the text that was left. */
  reconnect(socket: Handle, code: number): number;
  /**
   * The same. A negative code is none; the reason is the text that was left. A negative deadline
   * does not flush. Without a socket, 0, it only checks.
   */
  close(socket: Handle, code: number, deadline: number): number;
  /** For the next message. A negative `ttl` is none; the key is the text that was left. */
  setSendOptions(socket: Handle, ttl: number, flags: number): void;
  cancel(socket: Handle, id: number): number;
  answered(socket: Handle, id: number): number;
  /** The observer is told. */
  drained(socket: Handle): void;
  /** The message that `heartbeat.reply` names has come. */
  heartbeatAnswered(socket: Handle): void;
  /** Answers `provide`, with what setText has set; if it has failed, why is the text that was left. */
  provide(socket: Handle, failed: number): void;
  /** Answers `session`. */
  beginSession(socket: Handle, failed: number): void;
  /** 1 if it was sent on the connection that `session` was about. */
  sendFirst(socket: Handle, format: number, payload: number, size: number): number;
  bufferedAmount(socket: Handle): number;
  retryIn(socket: Handle): number;
  /** `which`: see Measured. -1 if it was not measured yet. */
  measured(socket: Handle, which: number): number;

  _steady_js_send_now(socket: Handle, format: number, size: number): number;
  /** See data_plane.cpp. */
  _steady_js_send(socket: Handle, format: number, payload: number, size: number): number;
  /** See data_plane.cpp. */
  _steady_js_state(socket: Handle): number;

  useWebSocket(webSocketClass: unknown): void;
  SteadyWeb: {
    now: unknown;
    nowKept: unknown;
    payloads: unknown[];
    /**
     * Sends without asking. `kept` is what is remembered of it. A TransportSend; `notOpen` says that
     * the core has to be asked.
     */
    sendGranted(observer: Observer, data: unknown, size: number, kept: unknown): number;
    keepPayload(value: unknown): number;
    /** Leaves a text for the next call. */
    leaveText(text: string): void;
    postTask(task: () => void): void;
    /** A member that is a string, or an empty one. */
    peekText(from: unknown, name: string): string;
    observe(observer: Observer): number;
    unobserve(observer: number): void;
  };
}

/** What the glue starts with, and fills. */
export interface GlueInput {
  /** The bytes. It does not start without. */
  wasmBinary: Uint8Array;
  /** Stands for WebAssembly.Module in the glue of `steadysocket/external` (bindings/bundle.mjs). */
  compiledModule?: new (
    bytes: Uint8Array,
  ) => WebAssembly.Module;
}

/** What stands in the way of compiling the smallest module that there is, if anything does. */
export function compileProblem(): unknown {
  try {
    // A module that nobody looks at would be left out by the minifier.
    WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    return undefined;
  } catch (problem) {
    return problem;
  }
}

/** Thrown where a module is compiled or started: says why that has failed. */
export function cannotCompile(cause: unknown): Error {
  const why = textOf(cause);
  const hint = /CSP|Content.Security|unsafe-eval/i.test(why)
    ? "; a Content-Security-Policy has to allow it with script-src 'wasm-unsafe-eval'"
    : "";
  return new Error(`SteadySocket: WebAssembly could not be compiled: ${why}${hint}`, { cause });
}
