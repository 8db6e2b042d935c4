// What a journal is: the one order of all that is said and of who comes and goes. local.mjs keeps it
// in a folder, redis.mjs in Redis; here are the types that both have in common.

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} userName
 */

/**
 * What is said to everybody, before it has a place in the journal.
 * @typedef {object} ChatDraft
 * @property {"chat-message"} type
 * @property {User} from
 * @property {string} message
 * @property {string} [ref] The author's own name for it: by it the same is known again for a day.
 */

/**
 * What is said to one, before it has a place in the journal.
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
 * Where an entry is in the journal, and when it was written.
 * @typedef {object} Place
 * @property {string} position Means nothing but that; never that of another entry.
 * @property {string} time ISO 8601, by the server's clock.
 */

/** @typedef {Place & (Draft | Change)} Entry */

/**
 * @typedef {object} Journal
 * @property {import("./entries.mjs").Entries} entries The newest. Grows with every entry told.
 * @property {Map<string, User>} users Who is here, by id, as of the last entry told.
 * @property {boolean} isUp False while what it is written in cannot be reached.
 * @property {(user: User, connection: string) => Promise<{ taken: boolean }>} join
 *   Writes a user-join; or, if the id is here already, lets the connection take the place of the one
 *   before, and writes a user-rename if the name is another. Nothing is done if the name, as it is
 *   compared, belongs to another id: `taken`. `connection` is unique over all processes.
 * @property {(user: User, connection: string) => Promise<{ taken: boolean }>} rename
 *   Writes a user-rename. Nothing is done if the name is the same, or the user not here by this
 *   connection.
 * @property {(id: string, connection: string) => Promise<void>} leave
 *   Writes a user-leave, if the user is here by this connection.
 * @property {(draft: Draft) => Promise<Place & { isNew: boolean }>} say
 *   Resolves when it is written. For the same author and `ref` again, within a day: the place of the
 *   first, and nothing is written.
 * @property {() => Promise<void>} close Waits for what is under way. Whoever is here stays: a restart
 *   is not a leaving.
 */

/**
 * @typedef {object} JournalOptions
 * @property {number} [recent] How many entries are in memory. 10,000 by default.
 * @property {number} [kept] How many entries are kept at least; older ones are deleted in passing.
 *   20,000 by default.
 * @property {number} [grace] Milliseconds in which whoever was here by a process that died may join
 *   again, before the journal writes the user-leave. 15,000 by default.
 * @property {(entry: Entry) => void} [onEntry] Every new entry, once and in order, after it has been
 *   added to `entries` and to `users`.
 * @property {(id: string, connection: string) => void} [onMoved] This user is here by this connection
 *   now, be it of this process or of another; those before it are over.
 * @property {(isUp: boolean) => void} [onUp] `isUp` has changed.
 * @property {(error: Error) => void} [onError] Something went wrong that nobody waits for.
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
 * Lets `users` be those who are here after a new entry, and tells of it.
 * @param {Pick<Journal, "entries" | "users">} journal
 * @param {Entry} entry
 * @param {(entry: Entry) => void} onEntry
 */
export function tellEntry({ entries, users }, entry, onEntry) {
  if (entry.type === "user-join" || entry.type === "user-rename") {
    users.set(entry.user.id, entry.user);
  } else if (entry.type === "user-leave") {
    users.delete(entry.user.id);
  }
  entries.push(entry);
  onEntry(entry);
}

/**
 * Lets `known` be these users, and nobody else.
 * @param {Map<string, User>} known
 * @param {User[]} users
 */
export function setUsers(known, users) {
  known.clear();
  for (const user of users) known.set(user.id, user);
}

/** For how long what was said with a `ref` is known again. */
export const dayMs = 24 * 60 * 60 * 1000;

/** Why a journal cannot be opened or written in. The message is one line, for people. */
export class JournalError extends Error {
  name = "JournalError";
}
