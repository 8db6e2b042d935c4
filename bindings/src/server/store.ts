/** A message to the client as a store keeps it. */
export interface StoredMessage {
  /** Numbers have no gaps. */
  readonly number: number;
  /** Text, or binary data. */
  readonly data: string | Uint8Array;
}

/** `kept`: can be resumed. `forgotten`: only a trace is left. `ended`: was closed by either side. */
export type StoredState = "kept" | "forgotten" | "ended";

/** The record of a session in a store. */
export interface StoredSession<User> {
  /** The user of the connection by which the session began. */
  readonly user: User;
  /** The epoch of both counters. */
  readonly epoch: string;
  /** The generation of the newest connection, set by `fence`. */
  readonly generation: number;
  /** The owner that may change it, set by `fence`. */
  readonly owner: string;
  /**
   * The number of the client's messages that were handled. An application that commits this number
   * together with the effect of a message returns its own, if that is higher.
   */
  readonly handled: number;
  /** The number of messages that the client has acknowledged. */
  readonly acknowledged: number;
  /** Whether it can be resumed. */
  readonly state: StoredState;
  /** The messages above `acknowledged`, in order. */
  readonly messages: readonly StoredMessage[];
}

/** Fields to replace. */
export type StoredChanges<User> = Partial<
  Omit<StoredSession<User>, "generation" | "owner" | "messages">
>;

/** The claim of a process that takes a session over. */
export interface StoredClaim {
  /** The generation of the new connection. */
  readonly generation: number;
  /** The owner by which this process has the session; empty if it has not. */
  readonly owner: string;
  /** The owner if another process had it in between. */
  readonly successor: string;
  /** Milliseconds for which the session must be kept from now on. */
  readonly keep: number;
}

/**
 * Shares sessions between processes and keeps them when a process ends. Every function is one atomic
 * step, and the calls of one process take effect in their order.
 *
 * A function that rejects ends what it was called for: the connection for `load` and `fence`, the
 * session for `append` (`lost`). Retries are up to the store. What is rejected is reported to
 * `onerror`.
 */
export interface SessionStore<User> {
  /** Resolves to the session, or to undefined if nothing was saved for the id. */
  load(id: string): Promise<StoredSession<User> | undefined>;
  /**
   * Takes a session over for a new connection. If the stored generation is not lower, changes nothing
   * and resolves to false. Otherwise stores the generation, stores `successor` as the owner unless
   * `owner` is it, and resolves to the session as it was before, or to undefined if nothing was saved.
   */
  fence(id: string, claim: StoredClaim): Promise<StoredSession<User> | undefined | false>;
  /**
   * Replaces fields if the session has this owner, and resolves to whether it has. Removes messages up
   * to `changes.acknowledged`; removes all if `changes` has `epoch` or `state`.
   * @param keep - Milliseconds for which the session must be kept from now on.
   */
  save(id: string, owner: string, changes: StoredChanges<User>, keep: number): Promise<boolean>;
  /** Adds a message if the session has this owner, and resolves to whether it has. */
  append(id: string, owner: string, message: StoredMessage): Promise<boolean>;
}

/**
 * Returns a store in memory: for tests, and as the reference for other stores. It is shared by all
 * `createSessions` of one process that it is passed to, and never deletes anything.
 */
export function memoryStore<User>(): SessionStore<User> {
  type Entry = Partial<StoredSession<User>> & { generation: number; owner: string };
  const stored = new Map<string, Entry>();
  const saved = (entry: Entry | undefined) =>
    entry?.epoch === undefined ? undefined : (entry as StoredSession<User>);
  const ownedBy = (id: string, owner: string) => {
    const entry = stored.get(id);
    return entry?.owner === owner ? entry : undefined;
  };
  return {
    load: async (id) => saved(stored.get(id)),
    fence: async (id, { generation, owner, successor }) => {
      const before = stored.get(id);
      if (before && before.generation >= generation) return false;
      stored.set(id, { ...before, generation, owner: before?.owner === owner ? owner : successor });
      return saved(before);
    },
    save: async (id, owner, changes) => {
      const before = ownedBy(id, owner);
      if (!before) return false;
      const { acknowledged = 0 } = { ...before, ...changes };
      const isReset = changes.epoch !== undefined || changes.state !== undefined;
      const messages = isReset ? [] : (before.messages ?? []);
      stored.set(id, {
        ...before,
        ...changes,
        messages: messages.filter(({ number }) => number > acknowledged),
      });
      return true;
    },
    append: async (id, owner, message) => {
      const before = ownedBy(id, owner);
      if (!before) return false;
      stored.set(id, { ...before, messages: [...(before.messages ?? []), message] });
      return true;
    },
  };
}
