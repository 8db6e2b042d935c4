import { MessageFlag } from "./codes.gen.js";
import { SteadySocketError, textOf } from "./errors.js";
import { DropEvent } from "./events.js";
import type { SteadySocketErrorCode } from "./names.gen.js";
import { tagOf, toWire } from "./payload.js";
import { fail, failUnknown, members } from "./read-options.js";
import type { Replies } from "./receiver.js";
import { type RequestListener, report } from "./routes.js";
import { isSchema, issuesText, type Schema } from "./schema.js";
import type { Shell } from "./shell.js";
import { checkOptions, failOption, limit, type NextOptions, throwIfAborted } from "./streams.js";

/** Names of the members of JSON objects by which requests and replies are matched. */
export interface RequestNames {
  /** The member with the id of a request. @default "id" */
  idMember?: string;
  /** The member of a reply with the id of its request. @default the same as `idMember` */
  replyMember?: string;
  /**
   * The member of a reply with an error: the request failed if it is present and not null.
   * @default "error"
   */
  errorMember?: string;
  /** Default `timeout` of requests in milliseconds. 0 or more. @default 10000 */
  timeout?: number;
}

/** Options of `request`. */
export interface RequestOptions<Reply = unknown> extends NextOptions {
  /**
   * Milliseconds until the promise is rejected with `timeout`, including time without a connection.
   * 0 or more.
   * @default `requests.timeout`
   */
  timeout?: number;
  /**
   * Sends the request again if its connection ends before the reply: the server may receive it
   * twice, with the same id. Otherwise the promise is rejected with `unanswered`.
   * @default false
   */
  retry?: boolean;
  /** Validates the reply. If it fails, the promise is rejected with `invalid_message`. */
  schema?: Schema<Reply>;
}

/** Handles a request of the server. Returns the reply, or a promise of it. */
export type RequestHandler<Payload> = (payload: Payload) => unknown;

interface Pending {
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

type Members = Record<string, unknown>;

const isPlainObject = (value: unknown): value is Members => tagOf(value) === "Object";

const failures: Record<string, string> = {
  unanswered: "the connection ended before the reply",
  closed: "the socket is closed",
};

/** Throws TypeError for an unknown option or one of the wrong type. */
export function checkRequestNames(names: RequestNames): void {
  for (const [name, value] of members("requests.", names)) {
    if (name === "requests.timeout") {
      if (!(typeof value === "number" && value >= 0)) fail(name, "a number of 0 or more", value);
    } else if (!/\.(id|reply|error)Member$/.test(name)) {
      failUnknown(name);
    } else if (typeof value !== "string" || value === "") {
      fail(name, "the name of a member", value);
    }
  }
}

/** Matches replies with requests. */
export class Requests implements Replies {
  readonly #shell: Shell<EventTarget>;
  readonly #idMember: string;
  readonly #replyMember: string;
  readonly #errorMember: string;
  readonly #timeout: number;
  /** `replyMember` as a JSON string without escapes. */
  readonly #key: string;
  readonly #pending = new Map<unknown, Pending>();
  /** The removal functions of request handlers, by type. */
  readonly #handled = new Map<string, () => void>();
  /** Prefix of ids. Random, since a server may remember the ids of a previous page. */
  readonly #prefix = `${Math.random().toString(36).slice(2, 10)}-`;
  #lastId = 0;

  constructor(shell: Shell<EventTarget>, names: RequestNames) {
    this.#shell = shell;
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
      if (typeof retry !== "boolean") failOption("retry", "request", "true or false");
      if (schema !== undefined && !isSchema(schema)) {
        failOption("schema", "request", "a Standard Schema");
      }
      if (!isPlainObject(message)) {
        throw new TypeError("SteadySocket: request must be an object");
      }
      throwIfAborted(signal);
      const id = message[this.#idMember] ?? `${this.#prefix}${++this.#lastId}`;
      if (typeof id !== "string" && typeof id !== "number") {
        throw new TypeError(
          `SteadySocket: ${this.#idMember} of a request must be a string or a number`,
        );
      }
      if (this.#pending.has(id)) {
        throw new TypeError(
          `SteadySocket: duplicate ${this.#idMember} of a pending request: ${id}`,
        );
      }
      const { sender } = this.#shell;
      let coreId = 0;
      const settle = (action: () => void) => {
        this.#pending.delete(id);
        unlimit();
        action();
      };
      const fail = (error: unknown) => settle(() => reject(error));
      const failFor = (reason: string) => {
        // Without a reply, being in the browser's buffer makes no difference.
        const code = reason === "unconfirmed" ? "unanswered" : reason;
        const text = failures[code] ?? `the request was not sent: ${code}`;
        fail(new SteadySocketError(code as SteadySocketErrorCode, text));
      };
      const unlimit = limit(signal, timeout, (error) => {
        sender.forget(coreId);
        fail(error);
      });
      this.#pending.set(id, {
        resolve: (reply) => {
          sender.forget(coreId);
          settle(() => resolve(this.#checked(reply, schema)));
        },
        reject: fail,
      });
      try {
        const flags = MessageFlag.expectsReply | (retry ? MessageFlag.repeatUnanswered : 0);
        const delivery = { ttl: -1, flags, key: "" };
        const asked = sender.post({ ...message, [this.#idMember]: id }, delivery, failFor);
        coreId = asked.id;
        if ("reason" in asked.result) failFor(asked.result.reason);
      } catch (error) {
        // The message cannot be serialized.
        fail(error);
      }
    });
  }

  /** Parses a received string if it may be a reply to a pending request, else returns undefined. */
  parse(text: string): unknown {
    if (this.#pending.size === 0) return undefined;
    if (!text.includes(this.#key) && !text.includes("\\")) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      // `Routes.dispatch` reports it if its type has a handler.
      return undefined;
    }
  }

  /** Settles the request that this message replies to. False if there is none. */
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

  /** See `SteadySocket.handle`. */
  handle(type: string, handler: RequestHandler<unknown>): () => void {
    const handled = this.#handled;
    if (handled.has(type)) {
      throw new TypeError(`SteadySocket: requests of type "${type}" already have a handler`);
    }
    const listener = typeof handler === "function" ? this.#answering(handler) : handler;
    const remove = this.#shell.subscribe(type, listener, "requests");
    handled.set(type, remove);
    return () => {
      // The type may have another handler by now.
      if (handled.get(type) === remove) handled.delete(type);
      remove();
    };
  }

  /** Returns a listener that calls `handler` and replies to messages with an id. */
  #answering(handler: RequestHandler<unknown>): RequestListener {
    return async (payload, message, connection) => {
      const { [this.#idMember]: id, [this.#replyMember]: replied } = message as Members;
      // A late reply to a request of ours.
      if (typeof replied === "string" && replied.startsWith(this.#prefix)) return;
      const isRequest = typeof id === "string" || typeof id === "number";
      const reply = (members: object) => {
        const { events, receiver, sender } = this.#shell;
        const whole = { ...members, [this.#replyMember]: id };
        if (connection === receiver.connection) sender.sendWith(whole, { connectionOnly: true });
        else events.push(new DropEvent("connection_ended", toWire(whole), 0));
      };
      try {
        const result = await handler(payload);
        if (isRequest) reply(isPlainObject(result) ? result : { result });
      } catch (error) {
        // An error of the handler, or a result that cannot be serialized. Without an id there is no
        // reply, so the error is reported.
        if (isRequest) reply({ [this.#errorMember]: { message: textOf(error) } });
        else report(error);
      }
    };
  }
}
