// The interface of a journal: the single order of all messages, joins, leaves and renames.
// local.mjs stores it in a folder, redis.mjs in Redis; this file has the types of both.

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} userName
 */

/**
 * A message to all, before it has a place in the journal.
 * @typedef {object} ChatDraft
 * @property {"chat-message"} type
 * @property {User} from
 * @property {string} message
 * @property {string} [ref] The author's id for it: repetitions are recognized by it for a day.
 */

/**
 * A private message, before it has a place in the journal.
 * @typedef {object} PrivateDraft
 * @property {"private-message"} type
 * @property {User} from
 * @property {User} to
 * @property {string} message
 * @property {string} [ref] As above.
 */

/** @typedef {ChatDraft | PrivateDraft} Draft */

/**
 * @typedef {{ type: "user-join" | "user-leave", user: User }
 *   | { type: "user-rename", user: User, previous: string }} Change
 */

/**
 * The position of an entry in the journal, and the time when it was written.
 * @typedef {object} Place
 * @property {string} position Opaque and unique.
 * @property {string} time ISO 8601, by the server's clock.
 */

/** @typedef {Place & (Draft | Change)} Entry */

/**
 * @typedef {object} Journal
 * @property {import("./entries.mjs").Entries} entries The newest entries; each published entry is
 *   appended.
 * @property {Map<string, User>} users The connected users by id, after the last published entry.
 * @property {boolean} isUp False while the storage is unreachable.
 * @property {(user: User, connection: string) => Promise<{ taken: boolean }>} join Writes a
 *   user-join; or, if the id is already connected, replaces its connection by this one, and writes
 *   a user-rename if the name differs. Does nothing if the name, in its form for comparison,
 *   belongs to another id: `taken`. `connection` is unique over all processes.
 * @property {(user: User, connection: string) => Promise<{ taken: boolean }>} rename Writes a
 *   user-rename. Does nothing if the name is the same, or the user is not connected by this
 *   connection.
 * @property {(id: string, connection: string) => Promise<void>} leave Writes a user-leave if the
 *   user is connected by this connection.
 * @property {(draft: Draft) => Promise<Place & { isNew: boolean }>} say Resolves when it is
 *   written. If the author repeats a `ref` within a day, returns the place of the first message and
 *   writes nothing.
 * @property {() => Promise<void>} close Waits for writes in progress. Users remain connected: a
 *   restart is not a leave.
 */

/**
 * @typedef {object} JournalOptions
 * @property {number} [recent] Number of entries in memory. 10,000 by default.
 * @property {number} [kept] Minimum number of stored entries; older ones are deleted occasionally.
 *   20,000 by default.
 * @property {number} [grace] Milliseconds in which the users of a process that died may join again
 *   before the journal writes the user-leave. 15,000 by default.
 * @property {(entry: Entry) => void} [onEntry] Called for every new entry, once and in order, after
 *   `entries` and `users` were updated.
 * @property {(id: string, connection: string) => void} [onMoved] Called when a user is connected by
 *   this connection, of this process or another one; earlier connections have ended.
 * @property {(isUp: boolean) => void} [onUp] Called when `isUp` has changed.
 * @property {(error: Error) => void} [onError] Called for an error that no pending call returns.
 */

export const defaults = {
  recent: 10_000,
  kept: 20_000,
  grace: 15_000,
  onEntry() {},
  onMoved() {},
  onUp() {},
  onError() {},
};

/**
 * Updates `users` after a new entry, and publishes the entry.
 * @param {Pick<Journal, "entries" | "users">} journal
 * @param {Entry} entry
 * @param {(entry: Entry) => void} onEntry
 */
export function publishEntry({ entries, users }, entry, onEntry) {
  if (entry.type === "user-join" || entry.type === "user-rename") {
    users.set(entry.user.id, entry.user);
  } else if (entry.type === "user-leave") {
    users.delete(entry.user.id);
  }
  entries.push(entry);
  onEntry(entry);
}

/**
 * Replaces the content of `known` by these users.
 * @param {Map<string, User>} known
 * @param {User[]} users
 */
export function setUsers(known, users) {
  known.clear();
  for (const user of users) known.set(user.id, user);
}

/** The time for which a message with a `ref` is recognized. */
export const dayMs = 24 * 60 * 60 * 1000;

/** A journal cannot be opened or written. The message is one line, for users. */
export class JournalError extends Error {
  name = "JournalError";
}
