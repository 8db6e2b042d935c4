import { SteadySocketError, textOf } from "./errors.js";
import type { SendResult } from "./results.js";
import { type RequestListener, report } from "./routes.js";
import { isSchema, issuesText, type Schema } from "./schema.js";
import { checkOptions, limit, type NextOptions } from "./streams.js";

/** How requests and replies are told apart: names of members of the JSON objects that they are. */
export interface RequestNames {
  /** Where a request has its id. @default "id" */
  idMember?: string;
  /** Where a reply has the id of its request. @default the same as `idMember` */
  replyMember?: string;
  /** A reply that has this member, and not as null, says that the request failed. @default "error" */
  errorMember?: string;
  /** Milliseconds that a request may take, unless it has a `timeout` itself. @default 10000 */
  timeout?: number;
}

/** What one request wants. */
export interface RequestOptions<Reply = unknown> extends NextOptions {
  /**
   * Milliseconds until the promise is rejected with `timeout`, the time without a connection
   * included. @default `requests.timeout`
   */
  timeout?: number;
  /**
   * Sends it again on the next connection if one ends before its reply: the server may get it
   * twice, with the same id. Otherwise the promise is rejected with `unanswered`. @default false
   */
  retry?: boolean;
  /** What the reply has to be: otherwise the promise is rejected with `invalid_message`. */
  schema?: Schema<Reply>;
}

/** Answers the requests of a server. What it returns, or a promise of it, is the reply. */
export type RequestHandler<Payload> = (payload: Payload) => unknown;

/** What is needed of a socket. */
export interface RequestHost {
  /** `failed` is called with the reason if there will be no reply; not if the result says so. */
  ask(
    message: object,
    isRepeated: boolean,
    failed: (reason: string) => void,
  ): { result: SendResult; id: number };
  /** No reply is waited for any more. */
  forget(id: number): void;
  /** Replies, on the connection with this number or not at all. */
  reply(message: object, session: number): void;
}

interface Pending {
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

type Members = Record<string, unknown>;

const isPlainObject = (value: unknown): value is Members => {
  if (typeof value !== "object" || value === null) return false;
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Object]";
};

const failures: Record<string, string> = {
  unanswered: "the connection ended before the reply",
  closed: "the socket is closed",
};

/** Requests that wait for a reply. */
export class Requests {
  readonly #host: RequestHost;
  readonly #idMember: string;
  readonly #replyMember: string;
  readonly #errorMember: string;
  readonly #timeout: number;
  /** How the member begins in a text, unless it is written with escapes. */
  readonly #key: string;
  readonly #pending = new Map<unknown, Pending>();
  /** Of ids. Differs from page to page: a server may remember. */
  readonly #prefix = `${Math.random().toString(36).slice(2, 10)}-`;
  #lastId = 0;

  constructor(host: RequestHost, names: RequestNames) {
    this.#host = host;
    this.#idMember = names.idMember ?? "id";
    this.#replyMember = names.replyMember ?? this.#idMember;
    this.#errorMember = names.errorMember ?? "error";
    this.#timeout = names.timeout ?? 10_000;
    this.#key = JSON.stringify(this.#replyMember);
  }

  ask<Reply>(message: unknown, options: RequestOptions<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      checkOptions("request", options, ["signal", "timeout", "retry", "schema"]);
      const { signal, timeout = this.#timeout, retry = false, schema } = options;
      if (typeof retry !== "boolean") {
        throw new TypeError("SteadySocket: the option retry of request must be true or false");
      }
      if (schema !== undefined && !isSchema(schema)) {
        throw new TypeError("SteadySocket: the option schema of request must be a Standard Schema");
      }
      if (!isPlainObject(message)) {
        throw new TypeError("SteadySocket: a request must be an object");
      }
      signal?.throwIfAborted();
      const id = message[this.#idMember] ?? `${this.#prefix}${++this.#lastId}`;
      if (typeof id !== "string" && typeof id !== "number") {
        throw new TypeError(
          `SteadySocket: the ${this.#idMember} of a request must be a string or a number`,
        );
      }
      if (this.#pending.has(id)) {
        throw new TypeError(`SteadySocket: a request with the ${this.#idMember} ${id} is waiting`);
      }
      let coreId = 0;
      const settle = (how: () => void) => {
        this.#pending.delete(id);
        unlimit();
        how();
      };
      const fail = (error: unknown) => settle(() => reject(error));
      const failFor = (reason: string) => {
        // Whether the browser still had it makes no difference to who waits for a reply.
        const code = reason === "unconfirmed" ? "unanswered" : reason;
        const text = failures[code] ?? `the request was not sent: ${code}`;
        fail(new SteadySocketError(code, text));
      };
      const unlimit = limit(signal, timeout, (error) => {
        this.#host.forget(coreId);
        fail(error);
      });
      this.#pending.set(id, {
        resolve: (reply) => {
          this.#host.forget(coreId);
          settle(() => resolve(this.#checked(reply, schema)));
        },
        reject: fail,
      });
      try {
        const asked = this.#host.ask({ ...message, [this.#idMember]: id }, retry, failFor);
        coreId = asked.id;
        if ("reason" in asked.result) failFor(asked.result.reason);
      } catch (error) {
        // It has no JSON text.
        fail(error);
      }
    });
  }

  /** Parses a received text if it may be a reply that is waited for; undefined if it is not. */
  parse(text: string): unknown {
    if (this.#pending.size === 0) return undefined;
    if (!text.includes(this.#key) && !text.includes("\\")) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      // Whoever has a handler for it says so.
      return undefined;
    }
  }

  /** Settles the request whose reply this message is. Tells whether there is one. */
  settle(message: unknown): boolean {
    const pending = isPlainObject(message) && this.#pending.get(message[this.#replyMember]);
    if (!pending) return false;
    pending.resolve(message);
    return true;
  }

  async #checked<Reply>(reply: unknown, schema: Schema<Reply> | undefined): Promise<Reply> {
    const error = (reply as Members)[this.#errorMember];
    if (error !== undefined && error !== null) {
      const { message } = error as { message?: unknown };
      const text =
        typeof error === "string" ? error : typeof message === "string" ? message : "failed";
      throw new SteadySocketError("failed", text, reply);
    }
    if (schema === undefined) return reply as Reply;
    const result = await schema["~standard"].validate(reply);
    if (result.issues === undefined) return result.value;
    throw new SteadySocketError("invalid_message", issuesText(result.issues), reply);
  }

  /** What a message is done with by `handler`, whose result is the reply if it wants one. */
  answering(handler: RequestHandler<unknown>): RequestListener {
    return async (payload, message, session) => {
      const { [this.#idMember]: id, [this.#replyMember]: replied } = message as Members;
      // It is a reply that nobody waits for any more.
      if (typeof replied === "string" && replied.startsWith(this.#prefix)) return;
      const isRequest = typeof id === "string" || typeof id === "number";
      const reply = (members: object) =>
        this.#host.reply({ ...members, [this.#replyMember]: id }, session);
      try {
        const result = await handler(payload);
        if (isRequest) reply(isPlainObject(result) ? result : { result });
      } catch (error) {
        // Replies with the error, also if a result cannot be serialized. A message without an id has
        // no reply, so the error is reported.
        if (isRequest) reply({ [this.#errorMember]: { message: textOf(error) } });
        else report(error);
      }
    };
  }
}
