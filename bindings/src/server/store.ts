/** A message to the client as a store keeps it. */
export interface StoredMessage {
  /** Numbers have no gaps. */
  readonly number: number;
  /** Text, or binary data. */
  readonly data: string | Uint8Array;
}

/** `kept`: can be resumed. `forgotten`: only a trace is left. `ended`: was closed by either side. */
export type StoredState = "kept" | "forgotten" | "ended";

/** What a store keeps of a session. */
export interface StoredSession<User> {
  /** The user of the connection by which the session began. */
  readonly user: User;
  /** The epoch of both counters. */
  readonly epoch: string;
  /** The generation of the newest connection, set by `fence`. */
  readonly generation: number;
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
export type StoredChanges<User> = Partial<Omit<StoredSession<User>, "generation" | "messages">>;

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
   * Takes the session over. If nothing is stored for the id, or a lower generation, stores this
   * generation and resolves to the session as it was before, or to undefined if nothing was saved.
   * Otherwise changes nothing and resolves to false.
   * @param keep - Milliseconds for which the session must be kept from now on.
   */
  fence(
    id: string,
    generation: number,
    keep: number,
  ): Promise<StoredSession<User> | undefined | false>;
  /**
   * Replaces fields if the stored generation is this one, and resolves to whether it is. Removes
   * messages up to `changes.acknowledged`; removes all if `changes` has `epoch` or `state`.
   * @param keep - Milliseconds for which the session must be kept from now on.
   */
  save(
    id: string,
    generation: number,
    changes: StoredChanges<User>,
    keep: number,
  ): Promise<boolean>;
  /** Adds a message if the stored generation is this one, and resolves to whether it is. */
  append(id: string, generation: number, message: StoredMessage): Promise<boolean>;
}

/**
 * Returns a store in memory: for tests, and as the reference for other stores. It is shared by all
 * `createSessions` of one process that it is passed to, and never deletes anything.
 */
export function memoryStore<User>(): SessionStore<User> {
  const stored = new Map<string, { generation: number; session?: StoredSession<User> }>();
  const current = (id: string) => {
    const entry = stored.get(id);
    return entry?.session && { ...entry.session, generation: entry.generation };
  };
  return {
    load: async (id) => current(id),
    fence: async (id, generation) => {
      const entry = stored.get(id);
      if (entry && entry.generation >= generation) return false;
      const before = current(id);
      stored.set(id, { ...entry, generation });
      return before;
    },
    save: async (id, generation, changes) => {
      const entry = stored.get(id);
      if (entry?.generation !== generation) return false;
      const session = { ...entry.session, ...changes } as StoredSession<User>;
      const isReset = changes.epoch !== undefined || changes.state !== undefined;
      const messages = isReset
        ? []
        : (entry.session?.messages ?? []).filter(({ number }) => number > session.acknowledged);
      stored.set(id, { generation, session: { ...session, messages } });
      return true;
    },
    append: async (id, generation, message) => {
      const entry = stored.get(id);
      if (entry?.generation !== generation || !entry.session) return false;
      const messages = [...entry.session.messages, message];
      stored.set(id, { generation, session: { ...entry.session, messages } });
      return true;
    },
  };
}
