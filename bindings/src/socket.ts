import { copyMembers } from "./attributes.js";
import { MessageFlag } from "./codes.gen.js";
import { adoptCompatOptions, logEvents } from "./compat-options.js";
import { DropEvent, nameClass, SteadyErrorEvent } from "./events.js";
import type { AnyMessages, Provided, SteadySocketOptions } from "./options.js";
import { type Sendable, toWire } from "./payload.js";
import {
  checkRequestNames,
  type RequestHandler,
  type RequestHost,
  type RequestOptions,
  Requests,
} from "./requests.js";
import type { RouteHandler } from "./routes.js";
import { checkSchemas, validatorOf } from "./schema.js";
import type { Shell } from "./shell.js";
import { SteadySocket as CoreSocket, checkConstruction, equip, shellOf } from "./socket-core.js";
import {
  MessageQueue,
  type MessageSource,
  type MessageStream,
  type MessagesOptions,
  type NextOptions,
  nextMessage,
} from "./streams.js";

type TypeOf<Incoming> = keyof Incoming & string;

/** A class with the constants of CoreSocket, whose instances have its members. */
type Base = Pick<typeof CoreSocket, keyof typeof CoreSocket> &
  (new <Incoming extends object, Outgoing>() => CoreSocket<Incoming, Outgoing>);

function hostOf({ events, receiver, sender }: Shell<EventTarget>): RequestHost {
  return {
    ask: (message, isRepeated, failed) => {
      const flags = MessageFlag.expectsReply | (isRepeated ? MessageFlag.repeatUnanswered : 0);
      return sender.post(message, { ttl: -1, flags, key: "" }, failed);
    },
    forget: (id) => sender.forget(id),
    reply: (message, connection) => {
      if (connection === receiver.connection) sender.sendWith(message, { connectionOnly: true });
      else events.push(new DropEvent("connection_ended", toWire(message), 0));
    },
  };
}

/** The messages of a type, for a loop or a promise. */
function sourceOf(shell: Shell<EventTarget>, type: string): MessageSource {
  return {
    subscribe: (handler) => shell.subscribe(type, handler, "messages"),
    whenClosed: (ended) => shell.waiters.whenClosed(ended),
  };
}

/**
 * A WebSocket connection that stays up: one logical connection, over as many real ones as it takes.
 *
 * Handlers and listeners are never called from inside a method of the socket.
 *
 * @typeParam Incoming - the payloads of received messages, by their type.
 * @typeParam Outgoing - what may be sent, besides binary data.
 *
 * @example
 * const socket = new SteadySocket("wss://example.org/chat");
 * socket.on("chat-message", ({ userName, message }) => show(userName, message));
 * socket.send({ type: "chat", message: "hello" }); // queued if it must be
 */
// The members of CoreSocket are copied: no class is between WebSocket and EventTarget either.
export class SteadySocket<
  Incoming extends object = AnyMessages,
  Outgoing = Sendable,
> extends (EventTarget as unknown as Base)<Incoming, Outgoing> {
  static {
    nameClass(SteadySocket, "SteadySocket");
    copyMembers(CoreSocket, SteadySocket);
  }

  readonly #requests: Requests;
  /** The functions that remove handlers of requests, by type. */
  readonly #handled = new Map<string, () => void>();

  /**
   * Connects at once, unless `startClosed`.
   *
   * @param url - ws:, wss:, http: or https:; on a page also relative to it. Or a function that
   * returns it, or a promise of it, before every attempt. One that fails is a failed attempt.
   * @param protocols - subprotocols to offer, in order; or a function in the same way.
   * @throws SyntaxError - the URL or a subprotocol is invalid.
   * @throws SecurityError - the browser refuses such a connection.
   * @throws NotSupportedError - there is no WebSocket here, and none was passed in.
   * @throws TypeError, RangeError - an option is unknown, of another type, or out of its range.
   */
  constructor(
    url: Provided<string | URL>,
    protocols: Provided<string | Iterable<string> | null> = [],
    options: SteadySocketOptions<Incoming> = {},
  ) {
    // biome-ignore lint/complexity/noArguments: a parameter that was given, whatever it is
    checkConstruction(arguments.length);
    super();
    const adopted = adoptCompatOptions(options as SteadySocketOptions);
    const { schemas = {}, requests = {}, ...others } = adopted;
    checkRequestNames(requests);
    checkSchemas(schemas);
    const shell = equip(this, url, protocols, others);
    this.#requests = new Requests(hostOf(shell), requests);
    shell.receiver.replies = this.#requests;
    shell.routes.validatorOf = (type) => {
      const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
      return (
        schema &&
        validatorOf(schema, (what) =>
          shell.events.push(new SteadyErrorEvent("invalid_message", `"${type}": ${what}`)),
        )
      );
    };
    logEvents(this, options);
  }

  /**
   * The next message of a type, over as many connections as it takes.
   *
   * @returns a promise, rejected with a `SteadySocketError` of the code `timeout` or `closed`, with
   * the reason of the signal, or with a TypeError for an option that is wrong.
   */
  next<Type extends TypeOf<Incoming>>(
    type: Type,
    options: NextOptions = {},
  ): Promise<Incoming[Type]> {
    return nextMessage(sourceOf(shellOf(this), type), options);
  }

  /**
   * The messages of a type, from now on and over all connections, for a loop that takes them at its
   * own pace. It ends when the socket is closed, and when the loop is left.
   *
   * @throws TypeError, RangeError - an option is unknown, of another type or out of its range.
   *
   * @example
   * for await (const { x, y } of socket.messages("move", { overflow: "drop_oldest" })) draw(x, y);
   */
  messages<Type extends TypeOf<Incoming>>(
    type: Type,
    options: MessagesOptions = {},
  ): MessageStream<Incoming[Type]> {
    return new MessageQueue(sourceOf(shellOf(this), type), options);
  }

  /**
   * Sends an object, with an id if it has none, and waits for the message that has the same id: see
   * {@link SteadySocketOptions.requests}. The promise is settled in every case.
   *
   * @returns a promise of the reply, rejected with the reason of the signal, a TypeError for wrong
   * arguments, or a `SteadySocketError`: `timeout`, `unanswered` (the connection has ended, and
   * `retry` is not set), `failed` (the reply says so), `closed`, `invalid_message`, or why it was
   * not sent (`queue_full`, …).
   *
   * @example
   * const { room } = await socket.request({ type: "join", name: "lobby" }, { timeout: 3_000 });
   */
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
  request<Reply = any>(
    message: Extract<Outgoing, object>,
    options: RequestOptions<Reply> = {},
  ): Promise<Reply> {
    const requests = this.#requests;
    shellOf(this).port.hold();
    return requests.ask(message, options);
  }

  /**
   * Answers the requests of a type: messages with an id. What `handler` returns, or a promise of it,
   * is sent with the same id, an object as it is, everything else as `result`; what it throws is
   * sent as `error`, and so is why a result cannot be serialized. A reply whose connection has ended
   * is dropped, with a `drop` event. Messages without an id are passed to `handler` and not
   * answered; what it throws then is reported.
   *
   * @returns a function that removes it.
   * @throws TypeError - it is no function, or there is a handler for the type.
   */
  handle<Type extends TypeOf<Incoming>>(
    type: Type,
    handler: RequestHandler<Incoming[Type]>,
  ): () => void {
    const handled = this.#handled;
    if (handled.has(type)) {
      throw new TypeError(`SteadySocket: requests of the type "${type}" are handled already`);
    }
    const listener =
      typeof handler === "function"
        ? this.#requests.answering(handler as RequestHandler<unknown>)
        : (handler as RouteHandler);
    const remove = shellOf(this).subscribe(type, listener, "requests");
    handled.set(type, remove);
    return () => {
      // There may be another handler of the type by now.
      if (handled.get(type) === remove) handled.delete(type);
      remove();
    };
  }
}
