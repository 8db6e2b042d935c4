import { SteadySocketError, textOf } from "./errors.js";
import { fail, members } from "./read-options.js";
import type { Replies } from "./receiver.js";
import type { SendResult } from "./results.js";
import { type RequestListener, report } from "./routes.js";
import { isSchema, issuesText, type Schema } from "./schema.js";
import { checkOptions, limit, type NextOptions } from "./streams.js";

/** How requests and replies are matched: names of members of the JSON objects. */
export interface RequestNames {
  /** The id of a request. @default "id" */
  idMember?: string;
  /** The id of the request that a reply answers. @default the same as `idMember` */
  replyMember?: string;
  /** A reply in which this member is present and not null means that the request failed. @default "error" */
  errorMember?: string;
  /** Milliseconds until a request times out, unless it has a `timeout` of its own. @default 10000 */
  timeout?: number;
}

/** Options of `request`. */
export interface RequestOptions<Reply = unknown> extends NextOptions {
  /**
   * Milliseconds until the promise is rejected with `timeout`, including the time without a
   * connection. @default `requests.timeout`
   */
  timeout?: number;
  /**
   * Sends the request again on the next connection if one ends before the reply: the server may
   * receive it twice, with the same id. Otherwise the promise is rejected with `unanswered`. @default false
   */
  retry?: boolean;
  /** Validates the reply: if it fails, the promise is rejected with `invalid_message`. */
  schema?: Schema<Reply>;
}

/** Answers requests of the server. Its result, or what its promise resolves to, is the reply. */
export type RequestHandler<Payload> = (payload: Payload) => unknown;

/** What `Requests` needs of a socket. */
export interface RequestHost {
  /** `failed` is called with the reason if no reply can come, unless the result reports that. */
  ask(
    message: object,
    isRepeated: boolean,
    failed: (reason: string) => void,
  ): { result: SendResult; id: number };
  /** The reply is not awaited any more. */
  forget(id: number): void;
  /** Sends a reply on the connection with this number; drops it if that has ended. */
  reply(message: object, connection: number): void;
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

/** Throws TypeError for an option that is unknown or of another type. */
export function checkRequestNames(names: RequestNames): void {
  for (const [name, value] of members("requests.", names)) {
    if (name === "requests.timeout") {
      if (!(typeof value === "number" && value >= 0)) fail(name, "a number of 0 or more", value);
    } else if (!/\.(id|reply|error)Member$/.test(name)) {
      throw new TypeError(`SteadySocket: unknown option: ${name}`);
    } else if (typeof value !== "string" || value === "") {
      fail(name, "the name of a member", value);
    }
  }
}

/** Matches replies with requests. */
export class Requests implements Replies {
  readonly #host: RequestHost;
  readonly #idMember: string;
  readonly #replyMember: string;
  readonly #errorMember: string;
  readonly #timeout: number;
  /** The key of `replyMember` as it appears in JSON, unless it is written with escapes. */
  readonly #key: string;
  readonly #pending = new Map<unknown, Pending>();
  /** Prefix of ids. Random, since a server may remember the ids of an earlier page. */
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
        // For a request it makes no difference whether the browser still had it.
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
        // It cannot be serialized.
        fail(error);
      }
    });
  }

  /** Parses a received text if it may be an awaited reply; undefined if it is not. */
  parse(text: string): unknown {
    if (this.#pending.size === 0) return undefined;
    if (!text.includes(this.#key) && !text.includes("\\")) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      // Reported if its type has a handler.
      return undefined;
    }
  }

  /** Settles the request that this message answers. False if there is none. */
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

  /** Returns a listener that calls `handler` and replies to messages with an id. */
  answering(handler: RequestHandler<unknown>): RequestListener {
    return async (payload, message, connection) => {
      const { [this.#idMember]: id, [this.#replyMember]: replied } = message as Members;
      // A late reply.
      if (typeof replied === "string" && replied.startsWith(this.#prefix)) return;
      const isRequest = typeof id === "string" || typeof id === "number";
      const reply = (members: object) =>
        this.#host.reply({ ...members, [this.#replyMember]: id }, connection);
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
