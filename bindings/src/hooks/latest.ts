import { attempt, nextFrame } from "../frame.js";
import type { SteadySocket } from "../index.js";
import type { AnyMessages } from "../options.js";
import type { SteadySocket as CoreSocket } from "../socket-core.js";
import type { Watch } from "../watch.js";

/** A SteadySocket of any entry. */
export type RoutedSocket<Incoming extends object> =
  | SteadySocket<Incoming, never>
  | CoreSocket<Incoming, never>;

/** The messages of a type, or of all types for `"*"`. */
export type MessageOf<Incoming, Type> = Type extends "*"
  ? Incoming[keyof Incoming & string]
  : Type extends keyof Incoming
    ? Incoming[Type]
    : never;

/** Same as `socket.on`, for every type of message. */
export function onMessage<Incoming extends object, Type>(
  socket: RoutedSocket<Incoming>,
  type: Type,
  handler: (message: MessageOf<Incoming, Type>) => void,
): () => void {
  return (socket as RoutedSocket<AnyMessages>).on(type as string, handler);
}

/** The key of a message: the name of a member, or a function that returns it. */
export type KeyOf<Message> = (keyof Message & string) | ((message: Message) => unknown);

/** The type of what a KeyOf returns. */
export type KeyType<Message, Key> = Key extends keyof Message
  ? Message[Key]
  : Key extends (message: Message) => infer Result
    ? Result
    : never;

/** Options of the latest message. */
export interface LatestOptions<Key> {
  /** Keeps the latest message for each key, in the order in which the keys first came. */
  key: Key;
}

/** The latest message, or a map with the latest for each key. */
export type Latest<Message> = Message | ReadonlyMap<unknown, Message> | undefined;

interface Routed<Message> {
  on(type: string, handler: (message: Message) => void): () => void;
}

/**
 * Returns the latest message of a type, or the latest for each key.
 *
 * @param readKey - returns undefined, or the newest function.
 */
export function watchLatest<Message>(
  socket: Routed<Message>,
  type: string,
  readKey: () => KeyOf<Message> | undefined,
): Watch<Latest<Message>> {
  const byKey = readKey() === undefined ? undefined : new Map<unknown, Message>();
  const subscribers = new Set<() => void>();
  let newest: Message | undefined;
  let value: Latest<Message> = byKey && new Map();
  let isScheduled = false;
  let off = () => {};
  const update = () => {
    isScheduled = false;
    value = byKey ? new Map(byKey) : newest;
    for (const subscriber of subscribers) attempt(subscriber);
  };
  const receive = (message: Message) => {
    const key = readKey();
    newest = message;
    byKey?.set(typeof key === "function" ? key(message) : message[key as keyof Message], message);
    if (!isScheduled) nextFrame(update);
    isScheduled = true;
  };
  return {
    get: () => value,
    subscribe: (run) => {
      const subscriber = () => run(value);
      if (subscribers.size === 0) off = socket.on(type, receive);
      subscribers.add(subscriber);
      subscriber();
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size === 0) off();
      };
    },
  };
}
