import { copyMembers } from "./attributes.js";
import { adoptCompatOptions } from "./compat-options.js";
import { loggerOf, logTo } from "./debug.js";
import { SteadyErrorEvent } from "./events.js";
import { nameClass } from "./inspection.js";
import type { AnyMessages, Provided, SteadySocketOptions } from "./options.js";
import type { Sendable } from "./payload.js";
import {
  checkRequestNames,
  type RequestHandler,
  type RequestOptions,
  Requests,
} from "./requests.js";
import { checkSchemas, validatorOf } from "./schema.js";
import { SteadySocket as CoreSocket, checkConstruction, equip, shellOf } from "./socket-core.js";
import {
  MessageQueue,
  type MessageStream,
  type MessagesOptions,
  type NextOptions,
  nextMessage,
} from "./streams.js";

type TypeOf<Incoming> = keyof Incoming & string;

/** The type of a class with the static and instance members of CoreSocket. */
type Base = Pick<typeof CoreSocket, keyof typeof CoreSocket> &
  (new <Incoming extends object, Outgoing>() => CoreSocket<Incoming, Outgoing>);

/**
 * A WebSocket that reconnects: one logical connection over a series of WebSocket connections.
 *
 * Handlers and listeners are never called from inside a method of the socket.
 *
 * @typeParam Incoming - the payloads of received messages, by message type.
 * @typeParam Outgoing - the messages that may be sent, in addition to binary data.
 *
 * @example
 * const socket = new SteadySocket("wss://example.org/chat");
 * socket.on("chat-message", ({ userName, message }) => show(userName, message));
 * socket.send({ type: "chat", message: "hello" }); // queued while there is no connection
 */
// Copies the members of CoreSocket instead of extending it: WebSocket extends EventTarget directly.
export class SteadySocket<
  Incoming extends object = AnyMessages,
  Outgoing = Sendable,
> extends (EventTarget as unknown as Base)<Incoming, Outgoing> {
  static {
    nameClass(SteadySocket, "SteadySocket");
    copyMembers(CoreSocket, SteadySocket);
  }

  /**
   * Creates a socket and connects, unless `startClosed` or `startSuspended`.
   *
   * @param url - ws:, wss:, http: or https:; on a page also a relative URL. Or a function that
   * returns it, or a promise of it, before every attempt. If the function fails, the attempt has
   * failed.
   * @param protocols - subprotocols to offer, in order of preference, or a function that returns
   * them.
   * @throws SyntaxError - the URL or a subprotocol is invalid.
   * @throws SecurityError - the page is of https:, and the URL of ws:.
   * @throws NotSupportedError - the platform has no WebSocket, and `options.WebSocket` is not set.
   * @throws TypeError - an option is unknown or of the wrong type.
   * @throws RangeError - an option is out of range.
   */
  constructor(
    url: Provided<string | URL>,
    protocols: Provided<string | Iterable<string> | null> = [],
    options: SteadySocketOptions<Incoming> = {},
  ) {
    // biome-ignore lint/complexity/noArguments: an explicit undefined counts as an argument
    checkConstruction(arguments.length);
    super();
    const adopted = adoptCompatOptions(options as SteadySocketOptions);
    const { schemas = {}, requests = {}, debug, debugLogger, ...others } = adopted;
    const logger = loggerOf(debug, debugLogger);
    checkRequestNames(requests);
    checkSchemas(schemas);
    const shell = equip(this, url, protocols, others);
    shell.receiver.replies = new Requests(shell, requests);
    shell.routes.validatorOf = (type) => {
      const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
      return (
        schema &&
        validatorOf(schema, (what) =>
          shell.events.push(new SteadyErrorEvent("invalid_message", `"${type}": ${what}`)),
        )
      );
    };
    if (logger !== undefined) logTo(logger, shell);
  }

  /**
   * Waits for the next message of a type, also across reconnects.
   *
   * @returns a promise of the message. It is rejected with a {@link SteadySocketError} with the
   * code `timeout` or `closed`, with the reason of the signal, or with a TypeError for an option
   * that is unknown or of the wrong type.
   */
  next<Type extends TypeOf<Incoming>>(
    type: Type,
    options: NextOptions = {},
  ): Promise<Incoming[Type]> {
    return nextMessage(shellOf(this), type, options);
  }

  /**
   * Returns an asynchronous iterator over the messages of a type from now on, also across
   * reconnects. Messages are buffered for a slow loop. The iterator ends when the socket is closed,
   * and when the loop is left.
   *
   * @throws TypeError - an option is unknown or of the wrong type.
   * @throws RangeError - an option is out of range.
   *
   * @example
   * for await (const { x, y } of socket.messages("move", { overflow: "drop_oldest" })) draw(x, y);
   */
  messages<Type extends TypeOf<Incoming>>(
    type: Type,
    options: MessagesOptions = {},
  ): MessageStream<Incoming[Type]> {
    return new MessageQueue(shellOf(this), type, options);
  }

  /**
   * Sends a request and waits for its reply, the message with the same id: see
   * {@link SteadySocketOptions.requests}. A request without an id is given one.
   *
   * @returns a promise of the reply, which is always settled. It is rejected with the reason of the
   * signal, with a TypeError for invalid arguments, or with a {@link SteadySocketError} with the
   * code `timeout`, `unanswered` (the connection ended, and `retry` is not set), `failed` (the
   * reply contains an error), `closed`, `invalid_message`, or a {@link DropReason} such as
   * `queue_full`.
   *
   * @example
   * const { room } = await socket.request({ type: "join", name: "lobby" }, { timeout: 3_000 });
   */
  // biome-ignore lint/suspicious/noExplicitAny: only the user knows what a server sends
  request<Reply = any>(
    message: Extract<Outgoing, object>,
    options: RequestOptions<Reply> = {},
  ): Promise<Reply> {
    const { port, receiver } = shellOf(this);
    port.hold();
    return (receiver.replies as Requests).ask(message, options);
  }

  /**
   * Replies to the requests of a type: messages with an id. The reply has the same id and the
   * result of `handler`, or of its promise: the members of an object, any other value as `result`.
   * An error that it throws, or that serializing the result throws, is sent as `error`. If the
   * connection of the request has ended, the reply is dropped, with a `drop` event. Messages
   * without an id are passed to `handler` without a reply; an error that it throws is then
   * reported.
   *
   * @returns a function that removes the handler.
   * @throws TypeError - `handler` is not a function, or the type already has a request handler.
   */
  handle<Type extends TypeOf<Incoming>>(
    type: Type,
    handler: RequestHandler<Incoming[Type]>,
  ): () => void {
    return (shellOf(this).receiver.replies as Requests).handle(
      type,
      handler as RequestHandler<unknown>,
    );
  }
}
